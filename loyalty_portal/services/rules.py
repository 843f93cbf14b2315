"""The rules, pure: no session, no clock; `now` is an argument, times are aware and UTC."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from loyalty_portal.clock import day_end, local_day

UNDO_WINDOW = timedelta(seconds=60)
PIN_TRIES = 5
LOCK_MINUTES = (1, 5, 15, 60, 240, 1440)
LEVEL_FALLS_AFTER = timedelta(hours=1)
WRONG_FORGOTTEN_AFTER = timedelta(days=1)
# A try whose process died between charge and result is given back after this long.
CHARGE_EXPIRES_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class StampRules:
    """What a program allows. Minutes and counts."""

    cooldown_minutes: int
    max_daily_stamps: int
    max_stamps_per_visit: int
    zone: str


@dataclass(frozen=True, slots=True)
class VisitState:
    """What a card remembers of its present visit and day. A visit begins with its first stamp or purchase."""

    visit_started_at: datetime | None = None
    visit_stamps: int = 0
    stamp_day: date | None = None
    stamps_today: int = 0
    visit_purchases: int = 0


@dataclass(frozen=True, slots=True)
class No:
    """A rule says no, with the facts that the sentence needs."""

    code: str
    facts: dict[str, Any]


def visit_ends_at(state: VisitState, rules: StampRules, now: datetime) -> datetime | None:
    """When the present visit ends, or None when there is none.

    A start in the future (the clock was set back) counts from now: the wait is never longer than one cooldown.
    """
    if state.visit_started_at is None or rules.cooldown_minutes == 0:
        return None
    ends = min(state.visit_started_at, now) + timedelta(minutes=rules.cooldown_minutes)
    return ends if ends > now else None


def stamps_of_today(state: VisitState, rules: StampRules, now: datetime) -> int:
    """How many stamps count against today. A day that lies ahead (clock set back) still counts."""
    if state.stamp_day is None or state.stamp_day < local_day(now, rules.zone):
        return 0
    return state.stamps_today


def room_in_visit(state: VisitState, rules: StampRules, now: datetime) -> int:
    """How many more stamps the present visit allows (a new one allows all)."""
    begun = state.visit_stamps if visit_ends_at(state, rules, now) else 0
    today = stamps_of_today(state, rules, now)
    return max(0, min(rules.max_stamps_per_visit - begun, rules.max_daily_stamps - today))


def next_stamp_at(state: VisitState, rules: StampRules, now: datetime) -> datetime | None:
    """When the card may have its next stamp; None when it may have one now."""
    if stamps_of_today(state, rules, now) >= rules.max_daily_stamps:
        return day_end(max(local_day(now, rules.zone), state.stamp_day or date.min), rules.zone)
    ends = visit_ends_at(state, rules, now)
    if ends and state.visit_stamps >= rules.max_stamps_per_visit:
        return ends
    return None


def refuse_stamps(state: VisitState, rules: StampRules, quantity: int, now: datetime) -> No | None:
    """Why `quantity` stamps can't be given now, or None when they can."""
    if quantity > rules.max_stamps_per_visit:
        return No("visit_limit", {"limit": rules.max_stamps_per_visit})
    if stamps_of_today(state, rules, now) + quantity > rules.max_daily_stamps:
        retry_at = day_end(max(local_day(now, rules.zone), state.stamp_day or date.min), rules.zone)
        return No("daily_limit", {"limit": rules.max_daily_stamps, "retry_at": retry_at})
    ends = visit_ends_at(state, rules, now)
    if ends is None:
        return None
    if state.visit_stamps >= rules.max_stamps_per_visit:
        return No("cooling_down", {"retry_at": ends})
    if state.visit_stamps + quantity > rules.max_stamps_per_visit:
        return No("visit_limit", {"limit": rules.max_stamps_per_visit})
    return None


def after_stamps(state: VisitState, rules: StampRules, quantity: int, now: datetime) -> VisitState:
    """The card's memory once `quantity` stamps are given."""
    goes_on = visit_ends_at(state, rules, now) is not None
    return VisitState(
        visit_started_at=min(state.visit_started_at, now) if goes_on and state.visit_started_at else now,
        visit_stamps=(state.visit_stamps if goes_on else 0) + quantity,
        stamp_day=max(local_day(now, rules.zone), state.stamp_day or date.min),
        stamps_today=stamps_of_today(state, rules, now) + quantity,
        visit_purchases=state.visit_purchases if goes_on else 0,
    )


def next_purchase_at(state: VisitState, rules: StampRules, now: datetime) -> datetime | None:
    """When the card may have points for a purchase again; None when it may now. A visit has one purchase."""
    return visit_ends_at(state, rules, now) if state.visit_purchases else None


def refuse_purchase(state: VisitState, rules: StampRules, now: datetime) -> No | None:
    """Why no points can be given now, or None when they can. Stamps of the same visit don't stand in the way."""
    retry_at = next_purchase_at(state, rules, now)
    return No("cooling_down", {"retry_at": retry_at}) if retry_at else None


def after_purchase(state: VisitState, rules: StampRules, now: datetime) -> VisitState:
    """The card's memory once points are given for a purchase."""
    if visit_ends_at(state, rules, now) is None:
        return replace(state, visit_started_at=now, visit_stamps=0, visit_purchases=1)
    return replace(
        state,
        visit_started_at=min(state.visit_started_at or now, now),
        visit_purchases=state.visit_purchases + 1,
    )


def replayed(earned: Iterable[tuple[datetime, int]], rules: StampRules) -> VisitState:
    """The memory that follows from what still stands, oldest first: (at, how many stamps; 0 for a purchase).

    A void asks for it, so that cooldown and daily count are given back.
    """
    state = VisitState()
    for at, stamps in earned:
        state = after_stamps(state, rules, stamps, at) if stamps else after_purchase(state, rules, at)
    return state


def stricter(one: VisitState, other: VisitState) -> VisitState:
    """What remains of two cards' limits when they become one."""
    later = max(one, other, key=lambda state: state.visit_started_at.timestamp() if state.visit_started_at else 0.0)
    days = [state.stamp_day for state in (one, other) if state.stamp_day]
    day = max(days) if days else None
    return VisitState(
        visit_started_at=later.visit_started_at,
        visit_stamps=max(one.visit_stamps, other.visit_stamps),
        stamp_day=day,
        stamps_today=sum(state.stamps_today for state in (one, other) if state.stamp_day == day),
        visit_purchases=max(one.visit_purchases, other.visit_purchases),
    )


def stamps_shown(stamp_count: int, target: int | None) -> int:
    """The stamps that the card's drawing shows: a full card is full, the next stamp begins a new round."""
    if not target or stamp_count <= 0:
        return 0
    return (stamp_count - 1) % target + 1


def rewards_ready(stamp_count: int, target: int | None) -> int:
    return stamp_count // target if target else 0


def points_for(amount_cents: int, points_per_euro: int, remainder: int) -> tuple[int, int]:
    """(points, new remainder) of a purchase. `remainder` is hundredths of a point left by the ones before, 0 to 99.

    Exact, and rounded down once: splitting a purchase gains nothing and loses nothing.
    """
    return divmod(amount_cents * points_per_euro + remainder, 100)


def points_taken_back(balance: int, remainder: int, points: int, rest: int) -> tuple[int, int] | None:
    """The deltas of balance and remainder that take an entry of `points` and `rest` hundredths back; None when
    the card no longer has as much.
    """
    left = balance * 100 + remainder - (points * 100 + rest)
    if left < 0:
        return None
    return left // 100 - balance, left % 100 - remainder


def is_large(amount_cents: int | None, points: int | None, most_cents: int | None, points_per_euro: int) -> bool:
    """Whether a purchase, or points given without one, is worth more than staff may book alone."""
    if most_cents is None:
        return False
    if amount_cents is not None:
        return amount_cents > most_cents
    return (points or 0) * 100 > most_cents * points_per_euro


@dataclass(frozen=True, slots=True)
class ExpiryRule:
    """How long a card keeps what is on it: `months` after the last visit, None for ever.

    `since` is when the rule was made or the program switched on again: nobody loses anything sooner than
    the warning's days after it.
    """

    months: int | None
    since: datetime | None
    zone: str


EXPIRY_WARNING = timedelta(days=30)


def months_later(day: date, months: int) -> date:
    """The same day of the month `months` later (or earlier), or the month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def expires_on(visited_at: datetime, rule: ExpiryRule) -> date | None:
    """The last local day on which the card keeps what is on it; None when it keeps it for ever."""
    if rule.months is None:
        return None
    last = months_later(local_day(visited_at, rule.zone), rule.months)
    if rule.since is None:
        return last
    return max(last, local_day(rule.since, rule.zone) + EXPIRY_WARNING)


def expires_soon(last: date | None, now: datetime, zone: str) -> bool:
    """Whether the card warns of its last day."""
    return last is not None and last - local_day(now, zone) <= EXPIRY_WARNING


def visits_expired_before(today: date, months: int) -> date:
    """The day D such that exactly the visits before D had their last day before `today`."""
    day = months_later(today, -months)
    # At the ends of months several days share one last day.
    while months_later(day, months) < today:
        day += timedelta(days=1)
    while months_later(day - timedelta(days=1), months) >= today:
        day -= timedelta(days=1)
    return day


@dataclass(frozen=True, slots=True)
class GuardState:
    """The PIN tries of a till or key: `tries` charged, `wrong` of them known to be wrong."""

    tries: int = 0
    wrong: int = 0
    level: int = 0
    locked_until: datetime | None = None
    charged_at: datetime | None = None
    wrong_at: datetime | None = None


def charge(state: GuardState, now: datetime) -> GuardState | No:
    """Charges one try before the PIN is looked at, or says why none is to be had."""
    if state.locked_until and now < state.locked_until:
        return No("pin_locked", {"retry_at": state.locked_until})
    wrong = 0 if state.wrong_at and now - state.wrong_at >= WRONG_FORGOTTEN_AFTER else state.wrong
    in_flight = state.tries - state.wrong
    if state.charged_at and now - state.charged_at > CHARGE_EXPIRES_AFTER:
        in_flight = 0
    if wrong + in_flight >= PIN_TRIES:
        return No("rate_limited", {"retry_after": 1})
    return replace(state, tries=wrong + in_flight + 1, wrong=wrong, charged_at=now, locked_until=None)


def refund(state: GuardState) -> GuardState:
    """A right PIN gives its own charge back and nothing else."""
    return replace(state, tries=max(state.wrong, state.tries - 1))


def count_wrong(state: GuardState, now: datetime) -> GuardState:
    """A wrong PIN: the fifth locks, for longer each time; an hour without a wrong one lowers the level by one step.

    The hours of a lock are not such hours: nobody could try.
    """
    quiet = int((now - state.wrong_at) / LEVEL_FALLS_AFTER) if state.wrong_at and now > state.wrong_at else 0
    level = max(0, state.level - quiet)
    wrong = state.wrong + 1
    if wrong < PIN_TRIES:
        return replace(state, tries=max(state.tries, wrong), wrong=wrong, level=level, wrong_at=now)
    minutes = LOCK_MINUTES[min(level, len(LOCK_MINUTES) - 1)]
    return GuardState(
        level=min(level + 1, len(LOCK_MINUTES)),
        locked_until=now + timedelta(minutes=minutes),
        charged_at=state.charged_at,
        wrong_at=now + timedelta(minutes=minutes),
    )
