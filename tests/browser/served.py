"""The portal behind a real server on loopback, in this process, so that a test can move its clock."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db
from tests.shops import built

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"]


def chromium() -> str | None:
    """Where the browser is: `CHROMIUM` names one, else the first that the machine knows."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in CHROMIUM if (path := shutil.which(name))), None)


@dataclass(frozen=True)
class Served:
    """A running portal: its address, its application, and the clock that it lives by."""

    base: str
    app: Flask
    clock: FrozenClock


@contextmanager
def served(url: str, clock: FrozenClock, folder: Path, **given: Any) -> Iterator[Served]:
    """Serves the database `url` with waitress, as `flask serve` does, until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = built(url, clock, BASE_URL=base, INSTANCE_DIR=folder, **given)
    server: Any = create_server(app, sockets=[listening], threads=4, ident=None)
    thread = threading.Thread(target=server.run, name="portal", daemon=True)
    thread.start()
    try:
        yield Served(base, app, clock)
    finally:
        _stop(server, thread)
        with app.app_context():
            db.engine.dispose()


def _stop(server: Any, thread: threading.Thread) -> None:
    """Closes the server from its own thread: its loop ends when it has nothing left to listen to."""
    server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map, ignore_all=True))
    thread.join(timeout=10)
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=5)
    assert not thread.is_alive()


Serve = Callable[[], Served]
