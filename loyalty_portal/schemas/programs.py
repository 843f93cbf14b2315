from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty_portal.enums import ProgramType
from loyalty_portal.schemas.base import Command, View
from loyalty_portal.schemas.text import Colour, HttpsLink, line, lines

STAMP_ICONS = [
    "coffee",
    "croissant",
    "cake-slice",
    "sandwich",
    "pizza",
    "ice-cream-cone",
    "beer",
    "scissors",
    "flower-2",
    "dog",
    "heart",
    "star",
]
"""The pictures a stamp can show, by their name in the icon sheet."""


def _icon(value: str) -> str:
    if value not in STAMP_ICONS:
        raise PydanticCustomError("stamp_icon", "isn't one of the stamps")
    return value


StampIcon = Annotated[str, AfterValidator(_icon)]
Money = Annotated[int, Field(ge=0, le=100_000_000)]
Target = Annotated[int, Field(ge=2, le=50)]
Cooldown = Annotated[int, Field(ge=0, le=1440)]
DailyLimit = Annotated[int, Field(ge=1, le=100)]
VisitLimit = Annotated[int, Field(ge=1, le=20)]
UnlockMinutes = Annotated[int, Field(ge=0, le=720)]
PointsRate = Annotated[int, Field(ge=1, le=10_000)]


class ProgramCreate(Command):
    """A new program. Money is cents of the vendor's currency, times are minutes."""

    loyalty_type: ProgramType = ProgramType.STAMPS
    card_name: line(40)
    card_tagline: line(40) | None = None
    stamps_target: Target | None = None
    stamps_reward_description: line(80) | None = None
    stamps_reward_value_cents: Money | None = None
    stamps_reward_cost_cents: Money | None = None
    points_per_euro: PointsRate | None = None
    cooldown_minutes: Cooldown = 15
    max_daily_stamps: DailyLimit = 5
    max_stamps_per_visit: VisitLimit = 1
    require_staff_pin: bool = True
    pin_unlock_minutes: UnlockMinutes = 0
    card_color: Colour = "#14453D"
    card_secondary_color: Colour = "#FFE3B8"
    stamp_icon: StampIcon = "coffee"
    terms_text: lines(4000) | None = None
    privacy_url: HttpsLink | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.loyalty_type is not ProgramType.POINTS:
            _need(self.stamps_target, "stamps_target")
            _need(self.stamps_reward_description, "stamps_reward_description")
        if self.loyalty_type is not ProgramType.STAMPS:
            _need(self.points_per_euro, "points_per_euro")
        return self


class ProgramUpdate(Command):
    """Only what is sent changes. Half-full cards keep the terms they are on."""

    card_name: line(40) | None = None
    card_tagline: line(40) | None = None
    stamps_target: Target | None = None
    stamps_reward_description: line(80) | None = None
    stamps_reward_value_cents: Money | None = None
    stamps_reward_cost_cents: Money | None = None
    points_per_euro: PointsRate | None = None
    cooldown_minutes: Cooldown | None = None
    max_daily_stamps: DailyLimit | None = None
    max_stamps_per_visit: VisitLimit | None = None
    require_staff_pin: bool | None = None
    pin_unlock_minutes: UnlockMinutes | None = None
    card_color: Colour | None = None
    card_secondary_color: Colour | None = None
    stamp_icon: StampIcon | None = None
    terms_text: lines(4000) | None = None
    privacy_url: HttpsLink | None = None


def _need(value: object, field: str) -> None:
    if value is None:
        # The form and the API both put it at the field named in `ctx`.
        raise PydanticCustomError("missing_for_type", "is needed for this kind of program", {"field": field})


class ProgramView(View):
    """A program with all that its owner may see. `logo` and `hero` are the pictures' ids and short hashes."""

    id: int
    vendor_id: int
    loyalty_type: ProgramType
    stamps_target: int | None
    stamps_reward_description: str | None
    stamps_reward_value_cents: int | None
    stamps_reward_cost_cents: int | None
    points_per_euro: int | None
    cooldown_minutes: int
    max_daily_stamps: int
    max_stamps_per_visit: int
    require_staff_pin: bool
    pin_unlock_minutes: int
    card_name: str
    card_tagline: str | None
    card_color: str
    card_secondary_color: str
    stamp_icon: str
    logo_id: int | None
    hero_id: int | None
    terms_text: str | None
    privacy_url: str | None
    is_active: bool
    activated_at: datetime | None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ProgramSummary(View):
    """A program as the platform's admin sees it."""

    id: int
    vendor_id: int
    vendor_name: str
    loyalty_type: ProgramType
    card_name: str
    is_active: bool
    is_archived: bool
    created_at: datetime
    cards: int
    stamps_28d: int
    last_activity_at: datetime | None
