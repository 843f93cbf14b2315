"""Finds what isn't Python: in a checkout beside the package, in a wheel inside it."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_BESIDE = PACKAGE.parent


def _find(name: str) -> Path:
    inside = PACKAGE / name
    return inside if inside.is_dir() else _BESIDE / name


TEMPLATES = _find("templates")
STATIC = _find("static")
MIGRATIONS = _find("migrations")
TRANSLATIONS = _find("translations")


def default_instance() -> Path:
    """Where a development database lives: beside the checkout's package, else in the folder one stands in."""
    return (_BESIDE if (_BESIDE / "setup.cfg").is_file() else Path.cwd()) / "instance"
