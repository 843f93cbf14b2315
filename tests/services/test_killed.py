"""A server that is killed in the middle loses nothing that it said, and doubles nothing that is asked again."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from loyalty_portal.schemas.keys import KeyCreate
from tests.crowd import rounds
from tests.desk import Desk, desk_of
from tests.shops import open_shop

ROOT = Path(__file__).parents[2]
SENDERS, ASKED = 4, 40
STAMP = "/api/v1/vendor/loyalty/stamp"


class Till:
    """Sends stamps, each with a key of its own, and remembers what it was told."""

    def __init__(self, port: int, secret: str, codes: list[str]) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        self._codes = codes
        self.told: dict[str, tuple[int, dict[str, Any]]] = {}
        self.asked: dict[str, str] = {}

    def send(self, key: str) -> None:
        """Asks once; what it isn't told it doesn't know."""
        body = json.dumps({"code": self.asked.setdefault(key, random.choice(self._codes))})
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            connection.request("POST", STAMP, body, self._headers | {"Idempotency-Key": key})
            answer = connection.getresponse()
            found = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return
        finally:
            connection.close()
        before = self.told.setdefault(key, (answer.status, found))
        assert same(before) == same((answer.status, found)), key


def same(told: tuple[int, dict[str, Any]]) -> Any:
    status, answer = told
    return status, answer.get("transaction", {}).get("id"), answer.get("code")


@contextmanager
def serving(app: Flask, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The real server, in a process of its own; what is left of it at the end is killed."""
    settings = app.extensions["loyalty_portal"].settings
    environment = os.environ | {
        "PORTAL_DATABASE_URL": str(app.config["SQLALCHEMY_DATABASE_URI"]),
        "PORTAL_INSTANCE_DIR": str(settings.INSTANCE_DIR),
        "PORTAL_BASE_URL": f"http://127.0.0.1:{port}",
        "PORTAL_RATE_LIMITS": "false",
    }
    command = [sys.executable, "-m", "flask", "serve", "--port", str(port), "--no-jobs"]
    with log.open("ab") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        until(lambda: answers(port) or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(happened: Callable[[], object]) -> None:
    """Waits for another process. Raises after two minutes."""
    last = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < last
        threading.Event().wait(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def desk(app: Flask) -> Desk:
    return desk_of(
        open_shop(app, require_staff_pin=False, cooldown_minutes=0, max_daily_stamps=100, max_stamps_per_visit=20)
    )


@pytest.mark.timeout(1800)
def test_what_was_said_is_there_and_nothing_is_doubled(app: Flask, desk: Desk, tmp_path: Path) -> None:
    made = desk.write(lambda s: s.api_key_service.create(desk.vendor_id, KeyCreate(name="Register")))
    port = free_port()
    till = Till(port, made.plain, [desk.enrol().code for _ in range(40)])
    for number in range(rounds(3, 10)):
        with serving(app, port, tmp_path / "server.log") as server:
            # What the last round asked is asked again, together with what is new.
            keys = [*till.asked, *(f"{number}-{one}" for one in range(ASKED))][-2 * ASKED :]
            random.shuffle(keys)
            senders = [
                threading.Thread(target=lambda part: [till.send(key) for key in part], args=(keys[one::SENDERS],))
                for one in range(SENDERS)
            ]
            for sender in senders:
                sender.start()
            # In the middle: after as many answers as chance says.
            enough = len(till.told) + random.randrange(1, ASKED)
            until(lambda: len(till.told) >= enough or not any(sender.is_alive() for sender in senders))  # noqa: B023
            server.send_signal(signal.SIGKILL)
            server.wait()
            for sender in senders:
                sender.join()
        holds(desk, till)
    with serving(app, port, tmp_path / "server.log"):
        for key in list(till.asked):
            till.send(key)
        assert till.told.keys() == till.asked.keys()
        assert {status for status, _ in till.told.values()} == {201}
    holds(desk, till)
    rows = desk.shop.rows("SELECT COUNT(*) FROM loyalty_transactions WHERE kind = 'stamp_earned'")
    assert rows[0][0] == len(till.asked)


def holds(desk: Desk, till: Till) -> None:
    """Every acknowledged entry is there once, for its card, and every chain is whole."""
    stored = {
        row.id: row.code
        for row in desk.shop.rows(
            "SELECT entry.id, card.code FROM loyalty_transactions AS entry"
            " JOIN loyalty_cards AS card ON card.id = entry.card_id WHERE entry.kind = 'stamp_earned'"
        )
    }
    said = {key: answer["transaction"]["id"] for key, (status, answer) in till.told.items() if status == 201}
    assert len(set(said.values())) == len(said)
    assert {key: stored[entry_id] for key, entry_id in said.items()} == {key: till.asked[key] for key in said}
    kept = desk.shop.rows("SELECT COUNT(*) FROM idempotency_keys")[0][0]
    assert len(stored) == kept
    report = desk.read(lambda s: s.ledger_audit.verify())
    assert report.ok, report.broken
