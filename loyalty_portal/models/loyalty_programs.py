from __future__ import annotations

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.enums import ProgramType
from loyalty_portal.models.keys import check, one_of, own, ownable, reference
from loyalty_portal.models.types import At, Cents, Code, Count, Flag, Id, Ref


class LoyaltyProgram(db.Model):
    """What a vendor offers. Live until archived, also while it is switched off."""

    __tablename__ = "loyalty_programs"
    __table_args__ = (
        ownable(),
        own("logo_id", "pictures"),
        own("hero_id", "pictures"),
        Index(
            "uq_loyalty_programs_live",
            "vendor_id",
            unique=True,
            sqlite_where=text("archived_at IS NULL"),
            postgresql_where=text("archived_at IS NULL"),
        ),
        one_of("loyalty_type", ProgramType),
        check("target_range", "stamps_target BETWEEN 2 AND 50"),
        check("stamps_have_target", "loyalty_type = 'points' OR stamps_target IS NOT NULL"),
        check("points_have_rate", "loyalty_type = 'stamps' OR points_per_euro IS NOT NULL"),
        check("rate_range", "points_per_euro BETWEEN 1 AND 10000"),
        check("cooldown_range", "cooldown_minutes BETWEEN 0 AND 1440"),
        check("daily_range", "max_daily_stamps BETWEEN 1 AND 100"),
        check("visit_range", "max_stamps_per_visit BETWEEN 1 AND 20"),
        check("unlock_range", "pin_unlock_minutes BETWEEN 0 AND 720"),
        check("money_range", "stamps_reward_value_cents BETWEEN 0 AND 100000000"),
        check("cost_range", "stamps_reward_cost_cents BETWEEN 0 AND 100000000"),
        check("expiry_range", "expiry_months BETWEEN 1 AND 120"),
        check("colours", "length(card_color) = 7 AND length(card_secondary_color) = 7"),
    )

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id")
    loyalty_type: Mapped[Code]
    stamps_target: Mapped[int | None]
    stamps_reward_description: Mapped[str | None] = mapped_column(String(80))
    stamps_reward_value_cents: Mapped[Cents | None]
    stamps_reward_cost_cents: Mapped[Cents | None]
    points_per_euro: Mapped[int | None]
    points_rewards: Mapped[str] = mapped_column(Text, server_default="[]")
    max_purchase_cents: Mapped[Cents | None]
    cooldown_minutes: Mapped[Count]
    max_daily_stamps: Mapped[Count]
    max_stamps_per_visit: Mapped[Count]
    require_staff_pin: Mapped[Flag]
    pin_unlock_minutes: Mapped[Count]
    card_name: Mapped[str] = mapped_column(String(40))
    card_tagline: Mapped[str | None] = mapped_column(String(40))
    card_color: Mapped[str] = mapped_column(String(7))
    card_secondary_color: Mapped[str] = mapped_column(String(7))
    stamp_icon: Mapped[Code]
    logo_id: Mapped[Ref | None]
    hero_id: Mapped[Ref | None]
    terms_text: Mapped[str | None] = mapped_column(Text)
    privacy_url: Mapped[str | None] = mapped_column(String(300))
    expiry_months: Mapped[int | None]
    expiry_since: Mapped[At | None]
    is_active: Mapped[Flag]
    activated_at: Mapped[At | None]
    archived_at: Mapped[At | None]
    # Grows with each change of the program: wallets then draw its passes anew.
    design_revision: Mapped[Count] = mapped_column(server_default="0")
    created_at: Mapped[At]
    updated_at: Mapped[At]
