"""A read sees each statement's present; what asks for one moment of the database sees nothing that came after it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from loyalty_portal.database import db, end_read, one_moment
from tests.desk import Desk, desk_of
from tests.shops import Shop


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return desk_of(shop)


def entries() -> int:
    return int(db.session.execute(text("SELECT count(*) FROM loyalty_transactions")).scalar_one())


def enrol_elsewhere(desk: Desk) -> None:
    """Another request writes meanwhile."""
    with ThreadPoolExecutor(1) as other:
        other.submit(desk.enrol).result()


def test_one_moment_holds_still(desk: Desk, app: Flask) -> None:
    desk.enrol()
    with app.app_context():
        one_moment(db.session)
        before = entries()
        enrol_elsewhere(desk)
        assert entries() == before
        end_read()
        assert entries() == before + 1


def test_a_plain_read_holds_nothing(desk: Desk, app: Flask) -> None:
    desk.enrol()
    with app.app_context():
        before = entries()
        enrol_elsewhere(desk)
        assert entries() == before + 1
