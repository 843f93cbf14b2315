from __future__ import annotations

from typing import Literal

from loyalty_portal.enums import ProgramType
from loyalty_portal.schemas.api.base import Instant, Page, Paging, QueryBool, Shape, absent
from loyalty_portal.schemas.programs import (
    Cooldown,
    DailyLimit,
    ProgramCreate,
    ProgramUpdate,
    Rewards,
    StampIcon,
    Target,
    UnlockMinutes,
    VisitLimit,
)
from loyalty_portal.schemas.text import Colour, line

Kind = Literal["stamps", "points", "hybrid"]


class ProgramBody(ProgramCreate):
    """A new program. `stamps` needs a target and a reward's text, `points` needs points_per_euro, `hybrid` both."""

    loyalty_type: ProgramType


class ProgramChange(ProgramUpdate):
    """Only the keys that are sent change. Half-full cards keep the terms they are on."""

    card_name: line(40) = absent()
    stamps_target: Target = absent()
    stamps_reward_description: line(80) = absent()
    points_rewards: Rewards = absent()
    cooldown_minutes: Cooldown = absent()
    max_daily_stamps: DailyLimit = absent()
    max_stamps_per_visit: VisitLimit = absent()
    require_staff_pin: bool = absent()
    pin_unlock_minutes: UnlockMinutes = absent()
    card_color: Colour = absent()
    card_secondary_color: Colour = absent()
    stamp_icon: StampIcon = absent()


class ProgramReward(Shape):
    """A reward of the catalogue: its price in points, what it is worth in cents."""

    id: str
    name: str
    points_required: int
    value_cents: int | None
    description: str | None
    is_active: bool


class OwnReward(ProgramReward):
    """With what it costs the shop, in cents."""

    cost_cents: int | None


class Program(Shape):
    """A vendor's program. Money is cents of the vendor's currency."""

    id: int
    vendor_id: int
    loyalty_type: Kind
    stamps_target: int | None
    stamps_reward_description: str | None
    stamps_reward_value_cents: int | None
    stamps_reward_cost_cents: int | None
    points_per_euro: int | None
    points_rewards: list[OwnReward]
    max_purchase_cents: int | None
    expiry_months: int | None
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
    logo_url: str | None
    hero_image_url: str | None
    terms_text: str | None
    privacy_url: str | None
    is_active: bool
    activated_at: Instant | None
    created_at: Instant
    updated_at: Instant


class ProgramVendor(Shape):
    id: int
    name: str
    slug: str


class ProgramWithCounts(Program):
    """A program as the platform's admin sees it: no personal names, counts only."""

    vendor: ProgramVendor
    is_archived: bool
    cards: int
    stamps_28d: int
    last_activity_at: Instant | None


class ProgramPage(Page):
    """Programs, the newest first, archived ones too."""

    items: list[ProgramWithCounts]


class ProgramQuery(Paging):
    is_active: QueryBool = absent()


class PublicProgram(Shape):
    """What a stranger may see of a program."""

    vendor_name: str
    vendor_slug: str
    locale: str
    currency: str
    loyalty_type: Kind
    stamps_target: int | None
    stamps_reward_description: str | None
    points_per_euro: int | None
    points_rewards: list[ProgramReward]
    card_name: str
    card_tagline: str | None
    card_color: str
    card_secondary_color: str
    stamp_icon: str
    logo_url: str | None
    hero_image_url: str | None
    terms_text: str | None
    privacy_url: str | None
