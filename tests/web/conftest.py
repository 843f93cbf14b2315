"""A town for the tests of a module, on SQLite; the usual fixtures run on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db
from tests.shops import NOW, Databases, built
from tests.town import Town, build_town


@pytest.fixture(scope="module")
def town(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Two shops in full swing, for the tests of a module. Who writes calls `reset` before they look."""
    clock = FrozenClock(NOW)
    app = built(databases.copy("sqlite"), clock, INSTANCE_DIR=tmp_path_factory.mktemp("town"))
    made = build_town(app, clock)
    made.keep()
    yield made
    with app.app_context():
        db.engine.dispose()
