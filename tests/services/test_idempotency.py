"""The same key, the same answer, for ever; another request under it is refused."""

from __future__ import annotations

import pytest
from flask import Flask

from loyalty_portal.clock import FrozenClock
from loyalty_portal.errors import IdempotencyConflict
from loyalty_portal.schemas.counter import StampCommand
from tests.desk import Desk, desk_of, refusal
from tests.shops import Shop, open_shop


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return desk_of(shop)


def test_a_receipt_is_given_again(desk: Desk, clock: FrozenClock) -> None:
    card = desk.enrol()
    first = desk.earn(card.code, key="k")
    clock.move(days=400)
    assert desk.earn(card.code, key="k") == first
    assert desk.card(card.id).stamp_count == 1


def test_a_refusal_stays_refused(desk: Desk, clock: FrozenClock) -> None:
    card = desk.enrol()
    desk.stamp(card.code, 5)
    no = refusal(desk.earn(card.code, key="k"), "daily_limit")
    clock.move(days=2)
    assert desk.earn(card.code, key="k") == no


def test_redeeming_and_voiding_are_given_again(app: Flask) -> None:
    desk = desk_of(open_shop(app, stamps_target=2, max_stamps_per_visit=5))
    card = desk.enrol()
    desk.stamp(card.code, 4)
    first = desk.try_redeem(card.code, key="r")
    assert desk.try_redeem(card.code, key="r") == first
    entry = first.transaction.id  # type: ignore[union-attr]
    void = desk.try_void(entry, key="v")
    assert desk.try_void(entry, key="v") == void
    assert desk.card(card.id).stamp_count == 4


@pytest.mark.parametrize("request_", [{"quantity": 2}, {"code": "other"}, {}], ids=str)
def test_another_request_under_the_key_is_a_conflict(desk: Desk, request_: dict[str, object]) -> None:
    card = desk.enrol()
    desk.earn(card.code, key="k")
    keyed = desk.keyed("k", **request_)
    with pytest.raises(IdempotencyConflict):
        desk.write(lambda s: s.stamp_service.earn(desk.origin(), card.code, StampCommand(), keyed))
    assert desk.card(card.id).stamp_count == 1


def test_a_key_is_the_vendors_own(desk: Desk, app: Flask) -> None:
    other = desk_of(open_shop(app, "Other", "bob@example.com"))
    ours, theirs = desk.enrol(), other.enrol()
    first, second = desk.earn(ours.code, key="k"), other.earn(theirs.code, key="k")
    assert first != second
    assert other.card(theirs.id).stamp_count == 1


def test_an_error_keeps_no_key(desk: Desk) -> None:
    card = desk.enrol()
    with pytest.raises(Exception, match="not_found"):
        desk.earn("00000000", key="k")
    assert desk.row("SELECT COUNT(*) FROM idempotency_keys")[0] == 0
    desk.write(
        lambda s: s.stamp_service.earn(desk.origin(), card.code, StampCommand(), desk.keyed("k", code=card.code))
    )


def test_the_hash_tells_requests_apart_and_no_pin(desk: Desk) -> None:
    make = desk.services.idempotency.keyed
    hashes = {make("k", route, asked).request_hash for route in ("a", "b") for asked in ({}, {"x": 1}, {"x": "1"})}
    assert len(hashes) == 6
    assert make("k", "a", {"x": 1, "y": 2}) == make("k", "a", {"y": 2, "x": 1})


def test_an_erased_answer_is_a_conflict_and_never_a_second_stamp(desk: Desk) -> None:
    card = desk.enrol()
    desk.earn(card.code, key="k")
    from sqlalchemy import text

    from loyalty_portal.database import db

    desk.write(lambda _: db.session.execute(text("UPDATE idempotency_keys SET body = NULL")))
    with pytest.raises(IdempotencyConflict):
        desk.earn(card.code, key="k")
    assert desk.card(card.id).stamp_count == 1
