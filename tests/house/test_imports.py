"""House rule 2: imports go downwards, siblings never import each other. The contracts are in `setup.cfg`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from loyalty_portal.paths import PACKAGE

ROOT = Path(__file__).parents[2]


def test_the_contracts_hold() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    run = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_room_has_its_layer() -> None:
    """`exhaustive` in the contract says so too; this says it of the files."""
    layers = (ROOT / "setup.cfg").read_text().partition("layers =")[2].partition("\n[")[0]
    named = set(layers.replace("|", " ").split())
    rooms = {path.stem for path in PACKAGE.iterdir() if not path.name.startswith("__")}
    assert rooms == named
