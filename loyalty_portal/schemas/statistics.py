from __future__ import annotations

from datetime import date

from loyalty_portal.schemas.base import View


class Today(View):
    """Net of voids, since local midnight: `stamps` are stamps, `points` points given, `rewards` rewards of both."""

    stamps: int
    rewards: int
    points: int = 0


class DayCount(View):
    day: date
    stamps: int
    rewards: int
    points: int = 0
    points_redeemed: int = 0


class PeriodFigures(View):
    """Net of voids, from the local day `first` to `last`, both included. `redemptions` are rewards of both kinds."""

    first: date
    last: date
    stamps_issued: int
    redemptions: int
    points_issued: int
    points_redeemed: int
    active_cards: int
    new_cards: int


class ProgramFigures(View):
    """A program's figures, net of voids. `total_stamps_redeemed` are stamps, `redemptions_this_month` rewards.

    `estimated_liability_cents`: what active cards have collected so far, each at the worth of the reward it is on;
    points at the best worth that the catalogue offers for one. `owed_now_cents`: the rewards to be had today.
    """

    total_cards: int
    active_cards: int
    total_stamps_issued: int
    total_stamps_redeemed: int
    stamps_this_month: int
    redemptions_this_month: int
    total_points_issued: int
    total_points_redeemed: int
    cards_with_activity_30d: int
    average_stamps_per_card: float
    average_points_per_card: float
    estimated_liability_cents: int
    owed_now_cents: int
    period: PeriodFigures


class PlatformFigures(View):
    """The platform in counts, net of voids."""

    total_vendors: int
    active_vendors: int
    total_programs: int
    active_programs: int
    total_cards: int
    active_cards: int
    total_stamps_issued: int
    total_stamps_redeemed: int
    total_points_issued: int
    total_points_redeemed: int
    cards_with_activity_30d: int


class VendorFigures(View):
    """The dashboard's counts. `days` runs from the oldest to today."""

    days: list[DayCount]
    cards: int
    full_cards: int
    new_cards: int
