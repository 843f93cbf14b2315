"""Figures: net of voids, on the vendor's days."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Flask

from loyalty_portal.clock import FrozenClock
from loyalty_portal.enums import StaffRole
from tests.desk import Desk, desk_of
from tests.shops import open_shop

ZONE = "Europe/Luxembourg"


def days(desk: Desk) -> dict[date, tuple[int, int]]:
    figures = desk.read(lambda s: s.statistics_service.overview(desk.vendor_id, ZONE))
    assert len(figures.days) == 28
    return {day.day: (day.stamps, day.rewards) for day in figures.days if day.stamps or day.rewards}


def test_a_late_evening_belongs_to_the_vendors_day(app: Flask, clock: FrozenClock) -> None:
    clock.set(datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    desk = desk_of(open_shop(app, stamps_target=2, max_stamps_per_visit=5))
    card = desk.enrol()
    desk.stamp(card.code, 3)
    desk.redeem(card.code)
    assert days(desk) == {date(2026, 7, 2): (3, 1)}
    today = desk.read(lambda s: s.statistics_service.today(desk.vendor_id, ZONE))
    assert (today.stamps, today.rewards) == (3, 1)


def test_a_void_takes_from_the_day_of_its_entry(app: Flask, clock: FrozenClock) -> None:
    desk = desk_of(open_shop(app))
    card = desk.enrol()
    stamped = desk.stamp(card.code).transaction.id
    clock.move(days=1)
    desk.stamp(card.code)
    desk.void(stamped, "Wrong card", staff_role=StaffRole.MANAGER)
    assert days(desk) == {date(2026, 11, 17): (1, 0)}


def test_counts_are_of_open_cards_of_this_vendor(app: Flask, clock: FrozenClock) -> None:
    desk = desk_of(open_shop(app, stamps_target=2, max_stamps_per_visit=5))
    desk_of(open_shop(app, "Other", "bob@example.com")).enrol()
    old = desk.enrol()
    clock.move(days=40)
    full, gone = desk.enrol(), desk.enrol()
    desk.stamp(full.code, 2)
    desk.write(lambda s: s.enrolment_service.merge(desk.origin(), gone.id, old.id))
    figures = desk.read(lambda s: s.statistics_service.overview(desk.vendor_id, ZONE))
    assert (figures.cards, figures.full_cards, figures.new_cards) == (2, 1, 1)
