from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
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
PointsPrice = Annotated[int, Field(ge=1, le=1_000_000)]
LargestPurchase = Annotated[int, Field(ge=1, le=100_000_000)]
ExpiryMonths = Annotated[int, Field(ge=1, le=120)]
RewardId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
MOST_REWARDS = 40


class Reward(Command):
    """A reward of the catalogue: its price in points, what it is worth and costs in cents. `id` is made when absent."""

    id: RewardId | None = None
    name: line(80)
    points_required: PointsPrice
    value_cents: Money | None = None
    cost_cents: Money | None = None
    description: line(200) | None = None
    is_active: bool = True


class RewardView(View):
    """A reward as it stands in the program. `cost_cents` is the owner's alone."""

    id: str
    name: str
    points_required: int
    value_cents: int | None = None
    cost_cents: int | None = None
    description: str | None = None
    is_active: bool = True


def _told_apart(rewards: list[Reward]) -> list[Reward]:
    if any(count > 1 for count in Counter(reward.id for reward in rewards if reward.id).values()):
        raise PydanticCustomError("reward_twice", "names one reward twice")
    return rewards


Rewards = Annotated[list[Reward], Field(max_length=MOST_REWARDS), AfterValidator(_told_apart)]


def _stored(value: Any) -> Any:
    """The program's column holds the catalogue as JSON text."""
    return json.loads(value) if isinstance(value, str) else value


StoredRewards = Annotated[list[RewardView], BeforeValidator(_stored)]


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
    points_rewards: Rewards = Field(default_factory=list)
    max_purchase_cents: LargestPurchase | None = None
    expiry_months: ExpiryMonths | None = None
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
    points_rewards: Rewards | None = None
    max_purchase_cents: LargestPurchase | None = None
    expiry_months: ExpiryMonths | None = None
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
    """A program with all that its owner may see. `logo` and `hero` are the pictures' ids and short hashes.

    `expiry_since` is when the rule about expiry was made.
    """

    id: int
    vendor_id: int
    loyalty_type: ProgramType
    stamps_target: int | None
    stamps_reward_description: str | None
    stamps_reward_value_cents: int | None
    stamps_reward_cost_cents: int | None
    points_per_euro: int | None
    points_rewards: StoredRewards = Field(default_factory=list)
    max_purchase_cents: int | None = None
    expiry_months: int | None = None
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
    expiry_since: datetime | None = None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def has_stamps(self) -> bool:
        return self.loyalty_type is not ProgramType.POINTS

    @property
    def has_points(self) -> bool:
        return self.loyalty_type is not ProgramType.STAMPS

    @property
    def offered_rewards(self) -> list[RewardView]:
        """The catalogue as customers see it, in the owner's order."""
        return [reward for reward in self.points_rewards if reward.is_active]


class OpenCards(View):
    """A program's cards that can be used: those with stamps on them, and those without."""

    begun: int
    empty: int


class ProgramSummary(View):
    """A program as the platform's admin sees it."""

    id: int
    vendor_id: int
    vendor_name: str
    vendor_slug: str
    loyalty_type: ProgramType
    card_name: str
    is_active: bool
    is_archived: bool
    created_at: datetime
    cards: int
    stamps_28d: int
    last_activity_at: datetime | None
