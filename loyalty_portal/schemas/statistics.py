from __future__ import annotations

from datetime import date

from loyalty_portal.schemas.base import View


class Today(View):
    """Net of voids, since local midnight: `stamps` are stamps, `rewards` are rewards."""

    stamps: int
    rewards: int


class DayCount(View):
    day: date
    stamps: int
    rewards: int


class VendorFigures(View):
    """The dashboard's counts. `days` runs from the oldest to today."""

    days: list[DayCount]
    cards: int
    full_cards: int
    new_cards: int
