"""House rule 9: only `clock.py` asks the time. Ruff holds it; this holds ruff to it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUFF = Path(sys.executable).parent / "ruff"
ASKS = {
    "datetime.datetime.now": "from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)\n",
    "datetime.datetime.utcnow": "import datetime\n\nNOW = datetime.datetime.utcnow()\n",
    "datetime.date.today": "from datetime import date\n\nNOW = date.today()\n",
    "time.time": "import time as t\n\nNOW = t.time()\n",
    "time.sleep": "from time import sleep\n\nsleep(1)\n",
}


def refused(code: str, file: str) -> bool:
    """Whether ruff, as this house sets it up, finds a banned call in the code of such a file."""
    command = [RUFF, "check", "--no-cache", "--select", "TID251", "--stdin-filename", file, "-"]
    run = subprocess.run(command, cwd=ROOT, input=code, capture_output=True, text=True, check=False)
    assert run.returncode in {0, 1}, run.stderr
    return "TID251" in run.stdout


def test_every_way_to_ask_is_banned() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert set(lint["flake8-tidy-imports"]["banned-api"]) >= set(ASKS)
    assert "TID" in lint["select"]
    exempt = {name for name, codes in lint["per-file-ignores"].items() if any(code.startswith("TID") for code in codes)}
    assert exempt == {"loyalty_portal/clock.py"}


@pytest.mark.parametrize("ask", ASKS)
def test_ruff_refuses_it_everywhere_but_in_the_clock(ask: str) -> None:
    code = ASKS[ask]
    assert refused(code, "loyalty_portal/services/stamp_service.py")
    assert refused(code, "tests/services/test_rules.py")
    assert not refused(code, "loyalty_portal/clock.py")


def test_nothing_is_waved_through() -> None:
    files = [*ROOT.glob("loyalty_portal/**/*.py"), *ROOT.glob("tests/**/*.py"), *ROOT.glob("migrations/**/*.py")]
    assert [str(file) for file in files if "noqa: TID" in file.read_text() and file != Path(__file__)] == []
