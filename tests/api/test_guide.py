"""docs/api.md: its commands work as they stand, and its answers are what comes back."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from waitress.server import create_server

from loyalty_portal.database import db
from tests.api.programs import STAFF, Register

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"```(sh|json)\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The portal, served on this machine."""
    server: Any = create_server(app, host="127.0.0.1", port=0, threads=2)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.trigger.pull_trigger(server.close)
    thread.join(timeout=10)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def run(address: str, hybrid: Register) -> Callable[[str], Any]:
    """Runs a command of the guide as a shop's own computer would."""
    card = hybrid.card(first_name="Mia")
    hybrid.post("/points", {"card_id": card["id"], "points": 90, "staff_pin": STAFF})
    hybrid.patch("/program", {"cooldown_minutes": 0})
    variables = {
        "PATH": os.environ["PATH"], "PORTAL": address, "KEY": str(hybrid.key), "PIN": STAFF,
        "CODE": f"LC{card['code']}",
    }  # fmt: skip

    def ran(command: str) -> Any:
        done = subprocess.run(["bash", "-c", command], env=variables, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr + done.stdout
        answer = json.loads(done.stdout)
        if "transaction" in answer:
            variables["ENTRY"] = str(answer["transaction"]["id"])
        return answer

    return ran


def test_the_guide_works_from_the_first_step_to_the_last(run: Callable[[str], Any]) -> None:
    if shutil.which("curl") is None:
        pytest.fail("the guide speaks curl: install it")
    answers = []
    for kind, block in BLOCKS:
        if kind == "sh":
            answers.append(run(block))
        else:
            _alike(json.loads(block), answers[-1])
    assert len(answers) == 7
    kinds = [answer["transaction"]["kind"] for answer in answers if "transaction" in answer]
    assert kinds == ["stamp_earned", "points_earned", "points_redeemed", "points_voided"]


def _alike(shown: Any, answered: Any) -> None:
    """What the guide shows is there and of the same kind; at the top nothing is left out."""
    assert set(shown) == set(answered)
    for name, value in shown.items():
        inner = value if isinstance(value, dict) else {}
        assert set(inner) <= set(answered[name] if inner else {})
        assert type(answered[name]) is type(value), name
    if "code" in shown:
        assert shown == answered


def test_every_scope_of_the_guide_is_one() -> None:
    from loyalty_portal.schemas.keys import PLATFORM_SCOPES, VENDOR_SCOPES

    table = GUIDE.split("| scope |")[1].split("\n\n")[0]
    assert re.findall(r"\| `(\w+)` \|", table) == [scope.value for scope in VENDOR_SCOPES]
    assert all(f"`{scope.value}`" in GUIDE for scope in PLATFORM_SCOPES)
