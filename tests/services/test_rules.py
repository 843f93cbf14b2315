"""The rules as pure functions: cooldown, visit, day, and the lock that grows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from loyalty_portal.services import rules
from loyalty_portal.services.rules import GuardState, StampRules, VisitState

ZONE = "Europe/Luxembourg"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def limits(cooldown: int = 15, daily: int = 5, visit: int = 1, zone: str = ZONE) -> StampRules:
    return StampRules(cooldown, daily, visit, zone)


def stamped(*moments: datetime, rule: StampRules, quantity: int = 1) -> VisitState:
    state = VisitState()
    for moment in moments:
        assert rules.refuse_stamps(state, rule, quantity, moment) is None
        state = rules.after_stamps(state, rule, quantity, moment)
    return state


def test_a_fresh_card_may_have_a_stamp_at_once():
    assert rules.refuse_stamps(VisitState(), limits(), 1, NOON) is None
    assert rules.next_stamp_at(VisitState(), limits(), NOON) is None


def test_the_second_stamp_waits_for_the_cooldown_to_the_second():
    state = stamped(NOON, rule=limits())
    for seconds, code in ((0, "cooling_down"), (899, "cooling_down"), (900, None)):
        no = rules.refuse_stamps(state, limits(), 1, NOON + timedelta(seconds=seconds))
        assert (no.code if no else None) == code
    no = rules.refuse_stamps(state, limits(), 1, NOON + timedelta(minutes=6))
    assert no and no.facts == {"retry_at": NOON + timedelta(minutes=15)}


def test_one_more_is_allowed_while_the_visit_has_room():
    rule = limits(visit=3)
    state = stamped(NOON, NOON + timedelta(minutes=1), rule=rule)
    assert rules.room_in_visit(state, rule, NOON + timedelta(minutes=2)) == 1
    too_many = rules.refuse_stamps(state, rule, 2, NOON + timedelta(minutes=2))
    assert too_many and too_many.code == "visit_limit"
    full = rules.after_stamps(state, rule, 1, NOON + timedelta(minutes=2))
    refused = rules.refuse_stamps(full, rule, 1, NOON + timedelta(minutes=3))
    assert refused and refused.code == "cooling_down"
    # The cooldown counts from the visit's first stamp, not from the last.
    assert refused.facts["retry_at"] == NOON + timedelta(minutes=15)


def test_more_than_a_visit_allows_is_a_visit_limit_even_on_a_fresh_card():
    no = rules.refuse_stamps(VisitState(), limits(visit=2), 3, NOON)
    assert no == rules.No("visit_limit", {"limit": 2})


def test_the_day_ends_at_the_vendors_midnight():
    rule = limits(cooldown=0)
    state = stamped(*[NOON + timedelta(minutes=n) for n in range(5)], rule=rule)
    no = rules.refuse_stamps(state, rule, 1, NOON + timedelta(hours=1))
    assert no and no.code == "daily_limit"
    assert no.facts == {"limit": 5, "retry_at": datetime(2026, 11, 24, 23, 0, tzinfo=UTC)}
    assert rules.refuse_stamps(state, rule, 1, datetime(2026, 11, 24, 22, 59, 59, tzinfo=UTC))
    assert rules.refuse_stamps(state, rule, 1, datetime(2026, 11, 24, 23, 0, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("evening", "hours"),
    [
        # 29 March 2026 has 23 hours in Luxembourg, 25 October has 25.
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), 22.5),
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), 24.5),
    ],
)
def test_days_with_another_length_end_when_the_shops_day_ends(evening, hours):
    rule = limits(cooldown=0, daily=1)
    state = stamped(evening, rule=rule)
    assert rules.next_stamp_at(state, rule, evening) == evening + timedelta(hours=hours)


def test_a_clock_set_back_never_blocks_longer_than_one_cooldown():
    state = stamped(NOON, rule=limits())
    earlier = NOON - timedelta(hours=1)
    no = rules.refuse_stamps(state, limits(), 1, earlier)
    assert no and no.facts["retry_at"] == earlier + timedelta(minutes=15)
    assert rules.refuse_stamps(state, limits(cooldown=0), 1, earlier) is None


def test_a_clock_set_back_over_midnight_gives_no_second_day():
    rule = limits(cooldown=0, daily=1)
    state = stamped(NOON, rule=rule)
    no = rules.refuse_stamps(state, rule, 1, NOON - timedelta(days=1))
    assert no and no.code == "daily_limit"


def test_a_void_gives_cooldown_and_day_back():
    rule = limits(visit=2)
    first, second = NOON, NOON + timedelta(minutes=20)
    state = rules.replayed([(first, 1), (second, 1)], rule)
    assert state == stamped(first, second, rule=rule)
    assert rules.replayed([], rule) == VisitState()
    assert rules.replayed([(first, 1)], rule) == stamped(first, rule=rule)


def test_the_stricter_limits_of_two_cards_remain():
    one = VisitState(NOON, 1, date(2026, 11, 24), 2)
    other = VisitState(NOON - timedelta(minutes=5), 2, date(2026, 11, 24), 1)
    assert rules.stricter(one, other) == VisitState(NOON, 2, date(2026, 11, 24), 3)
    assert rules.stricter(VisitState(), one) == one


@pytest.mark.parametrize(
    ("count", "shown", "ready"), [(0, 0, 0), (1, 1, 0), (9, 9, 0), (10, 10, 1), (11, 1, 1), (20, 10, 2), (21, 1, 2)]
)
def test_a_full_card_reads_full_and_the_next_stamp_begins_a_new_round(count, shown, ready):
    assert (rules.stamps_shown(count, 10), rules.rewards_ready(count, 10)) == (shown, ready)


def wrong(state: GuardState, now: datetime) -> GuardState:
    charged = rules.charge(state, now)
    assert isinstance(charged, GuardState)
    return rules.count_wrong(charged, now)


def test_the_fifth_wrong_pin_locks_and_each_lock_is_longer():
    state, now, waited = GuardState(), NOON, []
    for _ in range(7):
        for _ in range(5):
            state = wrong(state, now)
        assert state.locked_until
        waited.append(round((state.locked_until - now).total_seconds() / 60))
        refused = rules.charge(state, state.locked_until - timedelta(seconds=1))
        assert isinstance(refused, rules.No) and refused.code == "pin_locked"
        # At once after the lock: its own hours lower nothing.
        now = state.locked_until
    assert waited == [1, 5, 15, 60, 240, 1440, 1440]


def test_a_quiet_hour_lowers_the_level_by_one_step():
    state = GuardState(level=3, wrong_at=NOON)
    for _ in range(5):
        state = wrong(state, NOON + timedelta(hours=2, minutes=1))
    assert state.locked_until == NOON + timedelta(hours=2, minutes=6)


def test_a_right_pin_gives_its_own_charge_back_and_nothing_else():
    state = wrong(wrong(GuardState(), NOON), NOON)
    charged = rules.charge(state, NOON)
    assert isinstance(charged, GuardState)
    back = rules.refund(charged)
    assert (back.tries, back.wrong) == (2, 2)


def test_more_than_five_in_flight_wait_and_a_dead_process_gives_its_tries_back():
    state = GuardState()
    for _ in range(5):
        charged = rules.charge(state, NOON)
        assert isinstance(charged, GuardState)
        state = charged
    busy = rules.charge(state, NOON)
    assert isinstance(busy, rules.No) and busy.code == "rate_limited"
    later = rules.charge(state, NOON + timedelta(seconds=61))
    assert isinstance(later, GuardState) and later.tries == 1


def test_wrong_pins_are_forgotten_after_a_day_without_any():
    state = wrong(wrong(GuardState(), NOON), NOON)
    almost = rules.charge(state, NOON + timedelta(hours=23, minutes=59))
    assert isinstance(almost, GuardState) and almost.wrong == 2
    forgotten = rules.charge(state, NOON + timedelta(days=1))
    assert isinstance(forgotten, GuardState) and forgotten.wrong == 0
