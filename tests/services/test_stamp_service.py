"""Stamps as the counter gives, redeems and takes them back: the rules on a real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from loyalty_portal.clock import FrozenClock
from loyalty_portal.enums import EntryKind, Source, StaffRole
from loyalty_portal.errors import CardNotFound, ManagerRequired, NotFound
from loyalty_portal.schemas.counter import StampCommand, VoidCommand
from loyalty_portal.schemas.programs import ProgramUpdate
from tests.desk import Desk, desk_of, receipt, refusal
from tests.shops import NOW, open_shop

MANAGER = {"staff_role": StaffRole.MANAGER}


@pytest.fixture
def desk(app: Flask) -> Desk:
    return desk_of(open_shop(app, stamps_target=4, max_stamps_per_visit=2))


def test_a_stamp_is_an_entry_with_its_facts(desk: Desk) -> None:
    card = desk.enrol()
    pin = desk.add_staff("Luca", "2580")
    who = desk.origin(staff_pin_id=pin.id, staff_name="Luca")
    entry = receipt(desk.write(lambda s: s.stamp_service.earn(who, card.code, StampCommand()))).transaction
    assert (entry.kind, entry.seq, entry.stamps_delta, entry.stamps_after) == (EntryKind.STAMP_EARNED, 2, 1, 1)
    assert (entry.staff_pin_id, entry.source, entry.source_id, entry.at) == (pin.id, Source.COUNTER, desk.till_id, NOW)
    row = desk.row("SELECT local_day, terms FROM loyalty_transactions WHERE id = :id", id=entry.id)
    assert str(row.local_day) == "2026-11-16"
    assert row.terms == '{"target":4,"reward":"Free coffee","value":null,"cost":null}'


def test_a_refusal_writes_nothing_and_says_when(desk: Desk, clock: FrozenClock) -> None:
    card = desk.enrol()
    desk.stamp(card.code, 2)
    no = refusal(desk.earn(card.code), "cooling_down")
    assert no.facts.retry_at == NOW + timedelta(minutes=15)
    assert refusal(desk.earn(card.code, 3), "visit_limit").facts.limit == 2
    assert desk.card(card.id).stamp_count == 2
    clock.move(minutes=15)
    assert desk.stamp(card.code).transaction.stamps_after == 3


def test_a_full_card_goes_on_collecting(desk: Desk, clock: FrozenClock) -> None:
    card = desk.enrol()
    for _ in range(2):
        desk.stamp(card.code, 2)
        clock.move(days=1)
    assert desk.card(card.id).rewards_ready == 1
    after = desk.stamp(card.code).card
    assert (after.stamp_count, after.stamps_shown, after.rewards_ready) == (5, 1, 1)
    left = desk.redeem(card.code).card
    assert (left.stamp_count, left.stamps_redeemed, left.total_stamps_earned) == (1, 4, 5)
    no = refusal(desk.try_redeem(card.code), "not_enough_stamps")
    assert (no.facts.balance, no.facts.needed) == (1, 4)


def full(desk: Desk, clock: FrozenClock) -> str:
    card = desk.enrol()
    for _ in range(2):
        desk.stamp(card.code, 2)
        clock.move(days=1)
    return card.code


def test_a_half_full_card_keeps_its_terms_until_the_reward(desk: Desk, clock: FrozenClock) -> None:
    code = full(desk, clock)
    fresh = desk.enrol()
    change = ProgramUpdate(stamps_target=6, stamps_reward_description="Cake", stamps_reward_value_cents=450)
    desk.write(lambda s: s.program_service.update(desk.vendor_id, change))
    # Who has begun nothing is on the new terms at once.
    assert desk.card(fresh.id).stamps_target == 6
    taken = desk.redeem(code)
    assert taken.transaction.reward_name == "Free coffee"
    assert taken.transaction.stamps_delta == -4
    assert (taken.card.stamps_target, taken.card.reward_description) == (6, "Cake")
    # Undone, the card is again what it was.
    undone = desk.void(taken.transaction.id).card
    assert (undone.stamp_count, undone.stamps_target, undone.reward_description) == (4, 4, "Free coffee")
    assert (undone.stamps_redeemed, undone.rewards_ready) == (0, 1)


def test_a_void_gives_the_cooldown_and_the_day_back(app: Flask, clock: FrozenClock) -> None:
    desk = desk_of(open_shop(app, max_daily_stamps=1, max_stamps_per_visit=1))
    card = desk.enrol()
    stamped = desk.stamp(card.code)
    undone = desk.void(stamped.transaction.id)
    assert (undone.card.stamp_count, undone.card.stamps_today, undone.card.next_stamp_at) == (0, 0, None)
    assert undone.card.total_stamps_earned == 0
    assert undone.transaction.voids_id == stamped.transaction.id
    assert desk.stamp(card.code).card.stamp_count == 1


def test_a_void_gives_back_only_its_own(desk: Desk, clock: FrozenClock) -> None:
    card = desk.enrol()
    first = desk.stamp(card.code)
    clock.move(minutes=20)
    second = desk.stamp(card.code)
    desk.void(second.transaction.id)
    clock.move(seconds=1)
    # The first visit is over, and its stamp of today still counts.
    assert desk.card(card.id).stamps_today == 1
    desk.void(first.transaction.id, "Wrong card", **MANAGER)
    assert desk.card(card.id).stamps_today == 0


def test_an_entry_is_voided_once(desk: Desk) -> None:
    card = desk.enrol()
    stamped = desk.stamp(card.code).transaction.id
    void = desk.void(stamped).transaction.id
    refusal(desk.try_void(stamped), "already_voided")
    refusal(desk.try_void(void), "not_voidable")
    made = desk.read(lambda s: s.card_service.entries(desk.vendor_id, card.id))[-1]
    refusal(desk.try_void(made.id), "not_voidable")


def test_stamps_that_were_spent_are_not_taken_back(desk: Desk, clock: FrozenClock) -> None:
    code = full(desk, clock)
    last = desk.stamp(code).transaction.id
    redeemed = desk.redeem(code).transaction.id
    refusal(desk.try_void(last), "not_voidable")
    desk.void(redeemed)
    assert desk.void(last).card.stamp_count == 4


def test_a_minute_is_sixty_seconds_and_then_a_manager_says_why(desk: Desk, clock: FrozenClock) -> None:
    card = desk.enrol()
    entry = desk.stamp(card.code).transaction.id
    clock.move(seconds=61)
    refusal(desk.try_void(entry), "void_too_late")
    refusal(desk.try_void(entry, **MANAGER), "void_too_late")
    with pytest.raises(ManagerRequired):
        desk.try_void(entry, "Wrong card", staff_role=StaffRole.STAFF)
    made = desk.void(entry, "Wrong card", **MANAGER)
    assert made.transaction.note == "Wrong card"


@pytest.mark.parametrize("elsewhere", [{"source_id": 99}, {"source": Source.API}])
def test_another_till_or_key_needs_the_manager_at_once(desk: Desk, elsewhere: dict[str, object]) -> None:
    card = desk.enrol()
    entry = desk.stamp(card.code).transaction.id
    refusal(desk.try_void(entry, **elsewhere), "void_too_late")
    desk.void(entry, "Wrong card", **MANAGER, **elsewhere)


def test_the_same_till_undoes_at_the_sixtieth_second(desk: Desk, clock: FrozenClock) -> None:
    entry = desk.stamp(desk.enrol().code).transaction.id
    clock.move(seconds=60)
    desk.void(entry)


def test_nothing_is_written_on_cards_that_are_off(desk: Desk) -> None:
    card = desk.enrol()
    entry = desk.stamp(card.code).transaction.id
    desk.write(lambda s: s.card_service.switch(desk.origin(), card.id, on=False))
    for answer in (desk.earn(card.code), desk.try_redeem(card.code), desk.try_void(entry)):
        refusal(answer, "card_inactive")
    desk.write(lambda s: s.card_service.switch(desk.origin(), card.id, on=True))
    desk.write(lambda s: s.program_service.switch(desk.shop.program_id, on=False))
    refusal(desk.earn(card.code), "program_inactive")


def test_a_card_of_another_vendor_is_not_found(desk: Desk, app: Flask) -> None:
    other = desk_of(open_shop(app, "Other", "bob@example.com"))
    card = desk.enrol()
    entry = desk.stamp(card.code).transaction.id
    with pytest.raises(CardNotFound):
        other.earn(card.code)
    with pytest.raises(CardNotFound):
        other.try_redeem(card.code)
    with pytest.raises(NotFound):
        other.write(lambda s: s.entry_service.void(other.origin(), entry, VoidCommand()))
    with pytest.raises(CardNotFound):
        other.write(lambda s: s.card_service.switch(other.origin(), card.id, on=False))


# The vendor's day


@pytest.mark.parametrize(
    ("evening", "length"),
    [
        # Clocks go forward on 29 March 2026 and back on 25 October: days of 23 and 25 hours.
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), 23),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), 25),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), 24),
    ],
)
def test_a_day_is_the_vendors_own(app: Flask, clock: FrozenClock, evening: datetime, length: int) -> None:
    clock.set(evening)
    desk = desk_of(open_shop(app, max_daily_stamps=1, cooldown_minutes=0))
    card = desk.enrol()
    desk.stamp(card.code)
    clock.move(hours=length, seconds=-1)
    no = refusal(desk.earn(card.code), "daily_limit")
    assert no.facts.retry_at == evening + timedelta(hours=length)
    clock.move(seconds=1)
    desk.stamp(card.code)


def test_a_clock_set_back_blocks_for_one_cooldown_at_most(desk: Desk, clock: FrozenClock) -> None:
    card = desk.enrol()
    desk.stamp(card.code, 2)
    clock.move(hours=-3)
    no = refusal(desk.earn(card.code), "cooling_down")
    assert no.facts.retry_at == clock.now() + timedelta(minutes=15)
    assert desk.card(card.id).created_at > clock.now()


def test_a_clock_set_back_over_midnight_gives_no_day_twice(app: Flask, clock: FrozenClock) -> None:
    desk = desk_of(open_shop(app, max_daily_stamps=1, cooldown_minutes=0))
    card = desk.enrol()
    desk.stamp(card.code)
    clock.move(days=-1)
    refusal(desk.earn(card.code), "daily_limit")
    clock.move(days=2)
    desk.stamp(card.code)


def test_without_a_cooldown_a_clock_set_back_is_no_matter(app: Flask, clock: FrozenClock) -> None:
    desk = desk_of(open_shop(app, cooldown_minutes=0))
    card = desk.enrol()
    desk.stamp(card.code)
    clock.move(hours=-1)
    assert desk.stamp(card.code).card.stamp_count == 2


def test_balances_stay_the_sum_of_entries(desk: Desk, clock: FrozenClock) -> None:
    code = full(desk, clock)
    desk.void(desk.stamp(code).transaction.id)
    desk.redeem(code)
    report = desk.read(lambda s: s.ledger_audit.verify())
    assert report.ok, report.broken
