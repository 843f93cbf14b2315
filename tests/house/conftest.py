"""The rules of the house are asked of one portal with two shops in it; SQLite is quick, and no rule depends on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db
from tests.shops import NOW, Databases, built
from tests.town import Town, build_town


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture(scope="session")
def frame(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A portal with nobody in it: its routes, forms and templates."""
    app = built(databases.copy("sqlite"), FrozenClock(NOW), INSTANCE_DIR=tmp_path_factory.mktemp("frame"))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def town(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Two shops in full swing. Who writes calls `reset` before they look."""
    clock = FrozenClock(NOW)
    app = built(databases.copy("sqlite"), clock, INSTANCE_DIR=tmp_path_factory.mktemp("town"))
    made = build_town(app, clock)
    made.keep()
    yield made
    with app.app_context():
        db.engine.dispose()
