from __future__ import annotations

from datetime import date

from pydantic import ConfigDict, Field

from loyalty_portal.schemas.api.base import Shape


class PeriodStats(Shape):
    """Net of voids, from the first to the last local day, both included."""

    model_config = ConfigDict(serialize_by_alias=True)

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    stamps_issued: int
    redemptions: int
    points_issued: int
    points_redeemed: int
    active_cards: int
    new_cards: int


class Stats(Shape):
    """A program's figures, net of voids, in the vendor's time zone. `total_stamps_redeemed` is stamps,
    `redemptions_this_month` rewards, for stamps and points. `estimated_liability_cents` is what cards have collected
    so far, each at the worth of its own reward; `owed_now_cents` the rewards that could be asked for today.
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
    period: PeriodStats


class PlatformStats(Shape):
    """The platform in counts, net of voids. Cards of several vendors are never added up to people."""

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
