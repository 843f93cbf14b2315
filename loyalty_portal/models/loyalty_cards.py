from __future__ import annotations

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.models.keys import check, own, ownable, reference
from loyalty_portal.models.types import At, Cents, Count, Day, Digest, Flag, Id, Ref


class LoyaltyCard(db.Model):
    """A customer's card: balances (always the sum of its ledger entries), the terms it is on, and what the
    rules of the next stamp need, so that the locked row alone decides.
    """

    __tablename__ = "loyalty_cards"
    __table_args__ = (
        ownable(),
        own("program_id", "loyalty_programs"),
        own("customer_id", "customers"),
        own("merged_into_id", "loyalty_cards"),
        UniqueConstraint("vendor_id", "code"),
        Index("ix_loyalty_cards_vendor_id_last_activity_at", "vendor_id", "last_activity_at", "id"),
        Index("ix_loyalty_cards_program_id", "program_id"),
        Index("ix_loyalty_cards_customer_id", "customer_id"),
        Index(
            "ix_loyalty_cards_merged_into_id",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
        check("stamps_range", "stamp_count BETWEEN 0 AND 1000000"),
        check("points_range", "points_balance BETWEEN 0 AND 1000000000"),
        check("remainder_range", "points_remainder BETWEEN 0 AND 99"),
        check("totals", "total_stamps_earned >= 0 AND stamps_redeemed >= 0"),
        check("points_totals", "total_points_earned >= 0 AND points_redeemed >= 0"),
        check("target_range", "stamps_target BETWEEN 2 AND 50"),
        check("day_count", "stamps_today >= 0 AND visit_stamps >= 0"),
        check("visit_purchases", "visit_purchases >= 0"),
        check("seq_range", "seq >= 0 AND revision >= 0"),
        check("code_length", "length(code) = 8"),
    )

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id")
    program_id: Mapped[Ref]
    customer_id: Mapped[Ref]
    code: Mapped[str] = mapped_column(String(8))
    link_token: Mapped[str] = mapped_column(String(40), unique=True)
    apple_serial: Mapped[str] = mapped_column(String(40), unique=True)
    apple_token: Mapped[str] = mapped_column(String(64))

    # The terms the card is on: a change of the program never rewrites a half-full card.
    stamps_target: Mapped[int | None]
    reward_description: Mapped[str | None] = mapped_column(String(80))
    reward_value_cents: Mapped[Cents | None]
    reward_cost_cents: Mapped[Cents | None]

    stamp_count: Mapped[Count]
    total_stamps_earned: Mapped[Count]
    stamps_redeemed: Mapped[Count]
    points_balance: Mapped[Count]
    total_points_earned: Mapped[Cents]
    points_redeemed: Mapped[Cents]
    points_remainder: Mapped[Count]

    # What the rules ask: when the present visit began, its stamps and purchases; the local day and its stamps.
    visit_started_at: Mapped[At | None]
    visit_stamps: Mapped[Count]
    visit_purchases: Mapped[Count] = mapped_column(server_default="0")
    stamp_day: Mapped[Day | None]
    stamps_today: Mapped[Count]
    # When the customer last was there, by the entries that stand: expiry counts from it.
    visited_at: Mapped[At | None]

    # The chain: the number and hash of the last entry (of the genesis before the first).
    seq: Mapped[Count]
    head_hash: Mapped[Digest]
    genesis_nonce: Mapped[Digest]

    revision: Mapped[Count]
    is_active: Mapped[Flag]
    merged_into_id: Mapped[Ref | None]
    closed_at: Mapped[At | None]
    last_activity_at: Mapped[At]
    created_at: Mapped[At]
