"""The measured web server, and what one run of load against it costs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from loyalty_portal.bench import load
from loyalty_portal.bench.database import Bench
from loyalty_portal.bench.processes import times
from loyalty_portal.clock import stopwatch

START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds a request of the web process and of the database's, requests a second, latencies in ms."""

    web: float
    database: float
    rate: float
    middle: float
    p99: float

    @property
    def cpu(self) -> float:
        return self.web + self.database


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    base: str
    pid: int
    bench: Bench

    def cost(self, token: str, connections: int, count: int, asks: Callable[[int, int], load.Ask]) -> Cost:
        """Runs `count` requests on each connection. Raises `load.Failed` for any answer that isn't 2xx."""
        before, behind = times(self.pid).own, self._behind()
        found = load.run(self.base, token, connections, count, asks)
        spent, after = times(self.pid).own - before, self._behind()
        served = sum(seconds - behind.get(pid, 0.0) for pid, seconds in after.items())
        requests = connections * count
        return Cost(
            web=spent * 1000 / requests,
            database=served * 1000 / requests,
            rate=requests / found.seconds,
            middle=found.percentile(0.5),
            p99=found.percentile(0.99),
        )

    def _behind(self) -> dict[int, float]:
        return self.bench.backends.living() if self.bench.backends else {}


def settings(bench: Bench) -> dict[str, str]:
    """The environment of the measured portal: nothing of this machine's own."""
    return {
        "PORTAL_INSTANCE_DIR": str(bench.folder),
        "PORTAL_DATABASE_URL": bench.url,
        "PORTAL_QUEUE_URL": f"sqlite:///{bench.folder}/queue.db",
        "PORTAL_RATE_LIMITS": "false",
    }


@contextmanager
def served(bench: Bench) -> Iterator[Served]:
    """Starts the server on a free port of the loopback, and ends it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    command = [sys.executable, "-m", "loyalty_portal.bench.server", str(port)]
    process = subprocess.Popen(command, env=clean | settings(bench))  # noqa: S603
    try:
        base = f"http://127.0.0.1:{port}"
        _wait(base, process)
        yield Served(base, process.pid, bench)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(base: str, process: subprocess.Popen[bytes]) -> None:
    began = stopwatch()
    while stopwatch() - began < START_SECONDS:
        if process.poll() is not None:
            raise RuntimeError("the measured server didn't start")
        try:
            with urllib.request.urlopen(f"{base}/healthz", timeout=1):  # noqa: S310
                return
        except OSError:
            continue
    raise RuntimeError("the measured server didn't answer")
