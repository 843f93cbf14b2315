"""Expiry: exact months, in the shop's zone, by entries in batches, and never unwarned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import transaction
from loyalty_portal.schemas.programs import ProgramUpdate
from loyalty_portal.services import rules
from loyalty_portal.services.chain import entry_hash
from tests.services.points import PointsShop, points_shop, receipt, refusal
from tests.shops import NOW

DAYS = st.dates(date(2001, 1, 1), date(2090, 12, 31))
MONTHS = st.integers(1, 120)


@pytest.fixture
def expiring(app: Flask, clock: FrozenClock) -> PointsShop:
    """A hybrid shop whose cards are kept for three months."""
    return points_shop(app, loyalty_type="hybrid", expiry_months=3)


def expire(points: PointsShop, limit: int = 50) -> int:
    """What the nightly job does; answers how many entries it wrote."""
    written = 0
    with points.app.app_context():
        for program in points.services.expiry_service.programs():
            after: int | None = 0
            while after is not None:
                with transaction():
                    batch = points.services.expiry_service.expire(program, after, limit)
                written, after = written + batch.entries, batch.last_card_id
    return written


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 2, 28), 1, date(2026, 3, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 10, 15), 3, date(2027, 1, 15)),
    ],
)
def test_months_end_where_the_calendar_says(day: date, months: int, last: date):
    assert rules.months_later(day, months) == last


@given(DAYS, MONTHS)
def test_exactly_the_visits_before_the_day_are_over(today: date, months: int):
    first_kept = rules.visits_expired_before(today, months)
    assert rules.months_later(first_kept, months) >= today
    assert rules.months_later(first_kept - timedelta(days=1), months) < today


def test_what_is_on_a_card_goes_after_its_last_day(expiring: PointsShop, clock: FrozenClock):
    expiring.earn(amount_cents=1250)
    expiring.give_stamp()
    assert expiring.card().expires_on == date(2027, 2, 16)
    clock.set(datetime(2027, 2, 16, 22, 59, tzinfo=UTC))
    assert expire(expiring) == 0
    clock.move(minutes=1)
    assert expire(expiring) == 2
    card = expiring.card()
    assert (card.stamp_count, card.points_balance, card.points_remainder, card.expires_on) == (0, 0, 0, None)
    assert (card.total_points_earned, card.points_redeemed) == (12, 0)
    rows = expiring.rows(
        "SELECT kind, stamps_delta, points_delta, remainder_delta, source, batch_id"
        " FROM loyalty_transactions ORDER BY id DESC LIMIT 2"
    )
    batch = f"expiry-{expiring.program_id}-2027-02-17"
    assert [tuple(row) for row in rows] == [
        ("points_expired", 0, -12, -50, "system", batch),
        ("stamps_expired", -1, 0, 0, "system", batch),
    ]
    assert expire(expiring) == 0


def test_a_visit_keeps_it(expiring: PointsShop, clock: FrozenClock):
    expiring.earn(points=60)
    clock.set(datetime(2027, 2, 10, 9, tzinfo=UTC))
    receipt(expiring.spend("coffee"))
    clock.set(datetime(2027, 3, 10, 9, tzinfo=UTC))
    assert expire(expiring) == 0
    assert expiring.card().expires_on == date(2027, 5, 10)


def test_a_visit_that_was_taken_back_does_not_keep_it(expiring: PointsShop, clock: FrozenClock):
    expiring.earn(points=60)
    clock.set(datetime(2027, 2, 10, 9, tzinfo=UTC))
    expiring.void(expiring.earn(points=1))
    assert expiring.card().expires_on == date(2027, 2, 16)


def test_what_a_manager_adds_is_kept_as_long(expiring: PointsShop, clock: FrozenClock):
    expiring.earn(points=60)
    clock.set(datetime(2027, 2, 20, 9, tzinfo=UTC))
    assert expire(expiring) == 1
    expiring.adjust(60)
    clock.move(days=1)
    assert expire(expiring) == 0
    assert expiring.card().points_balance == 60


def test_expired_points_are_not_taken_back(expiring: PointsShop, clock: FrozenClock):
    earned = expiring.earn(points=60)
    clock.set(datetime(2027, 3, 1, 9, tzinfo=UTC))
    expire(expiring)
    expiring.earn(points=100)
    refusal(expiring.void(earned, origin=expiring.manager, reason="Late"), "not_voidable")


def test_the_card_warns_thirty_days_before(expiring: PointsShop, clock: FrozenClock):
    expiring.earn(points=60)
    clock.set(datetime(2027, 1, 16, 22, 59, tzinfo=UTC))
    assert not expiring.card().expires_soon
    clock.move(minutes=1)
    assert expiring.card().expires_soon


def test_a_program_without_a_rule_keeps_everything(app: Flask, clock: FrozenClock):
    points = points_shop(app)
    points.earn(points=60)
    clock.move(days=4000)
    assert expire(points) == 0
    assert points.card().expires_on is None


def change(points: PointsShop, **changes: Any) -> None:
    points.do(lambda services: services.program_service.update(points.vendor.id, ProgramUpdate(**changes)))


def test_a_new_rule_takes_nothing_before_everyone_could_be_warned(app: Flask, clock: FrozenClock):
    points = points_shop(app)
    points.earn(points=60)
    clock.move(days=300)
    change(points, expiry_months=1)
    card = points.card()
    assert card.expires_on == (NOW + timedelta(days=330)).date()
    assert card.expires_soon
    clock.move(days=30)
    assert expire(points) == 0
    clock.move(days=1)
    assert expire(points) == 1


def test_a_program_that_is_off_expires_nothing_and_warns_anew(expiring: PointsShop, clock: FrozenClock):
    def switch(on: bool) -> None:
        expiring.do(lambda services: services.program_service.switch(expiring.program_id, on=on))

    expiring.earn(points=60)
    switch(False)
    clock.move(days=200)
    assert expire(expiring) == 0
    switch(True)
    assert expire(expiring) == 0
    assert expiring.card().expires_soon
    clock.move(days=31)
    assert expire(expiring) == 1


def test_many_cards_expire_in_batches_and_their_chains_hold(expiring: PointsShop, clock: FrozenClock):
    codes = [expiring.new_card().code for _ in range(7)]
    for code in codes:
        expiring.earn(points=5, code=code)
    clock.move(days=120)
    assert expire(expiring, limit=3) == 7
    for code in codes:
        rows = expiring.rows(
            "SELECT entry.* FROM loyalty_transactions AS entry JOIN loyalty_cards AS card ON card.id = entry.card_id"
            " WHERE card.code = :code ORDER BY seq",
            code=code,
        )
        last, before = rows[-1]._mapping, rows[-2]._mapping
        assert last["points_after"] == 0
        assert last["prev_hash"] == before["hash"]
        assert last["hash"] == entry_hash(before["hash"], _typed(last))


def _typed(row: Any) -> dict[str, Any]:
    """A row read as plain text, with moments as the canonical form wants them."""
    at = row["at"] if isinstance(row["at"], datetime) else datetime.fromisoformat(row["at"])
    return dict(row) | {"at": at, "is_override": bool(row["is_override"])}


def test_shops_expire_at_their_own_night(app: Flask, clock: FrozenClock):
    points = points_shop(app, expiry_months=1)
    due: Callable[[], int] = lambda: len(points.services.expiry_service.programs(at_night=True))  # noqa: E731
    with points.app.app_context():
        clock.set(datetime(2027, 3, 1, 0, 59, tzinfo=UTC))
        assert due() == 0
        clock.set(datetime(2027, 3, 1, 1, 20, tzinfo=UTC))
        assert due() == 1
        clock.set(datetime(2027, 3, 1, 4, 0, tzinfo=UTC))
        assert due() == 0


def test_the_worker_and_the_command_do_it(app: Flask, clock: FrozenClock):
    points = points_shop(app, expiry_months=1)
    points.earn(points=60)
    clock.set(datetime(2027, 3, 1, 1, 20, tzinfo=UTC))
    from loyalty_portal.web.current import EXTENSION

    queue = app.extensions[EXTENSION].queue
    task = next(task for task in queue._registry.periodic_tasks if task.name == "expire_cards")
    queue.execute(task)
    assert points.card().points_balance == 0
    points.earn(points=60)
    clock.move(days=90)
    said = app.test_cli_runner().invoke(args=["ledger", "expire"])
    assert said.exit_code == 0, said.output
    assert "1 entries written" in said.output
    assert points.card().points_balance == 0
