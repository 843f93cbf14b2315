"""What a wheel carries: every room of the house. One that `setup.cfg` forgets is missed only where no checkout is."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Their folders lie beside the package; a wheel brings them inside it.
BROUGHT = {f"loyalty_portal.{name}" for name in ("templates", "static", "migrations", "translations")}


def test_the_wheel_carries_every_package() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    named = set(config["options"]["packages"].split()) - BROUGHT
    there = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "loyalty_portal").rglob("*.py")}
    assert named == there
