from __future__ import annotations

from sqlalchemy import Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.enums import EntryKind, Source
from loyalty_portal.models.keys import check, one_of, own, ownable, reference
from loyalty_portal.models.types import At, Cents, Code, Count, Day, Digest, Flag, Id, Ref


class LoyaltyTransaction(db.Model):
    """An entry of the ledger. Append-only: triggers refuse UPDATE and DELETE; a correction is a new entry."""

    __tablename__ = "loyalty_transactions"
    __table_args__ = (
        ownable(),
        own("program_id", "loyalty_programs"),
        own("card_id", "loyalty_cards"),
        own("staff_pin_id", "staff_pins"),
        own("voids_id", "loyalty_transactions"),
        UniqueConstraint("card_id", "seq"),
        UniqueConstraint("voids_id"),
        # Not unique: a voided entry keeps its reference, and the purchase may be booked again (purchase_references).
        Index(
            "ix_loyalty_transactions_reference",
            "vendor_id",
            "reference",
            sqlite_where=text("reference IS NOT NULL"),
            postgresql_where=text("reference IS NOT NULL"),
        ),
        Index("ix_loyalty_transactions_vendor_id_id", "vendor_id", "id"),
        Index("ix_loyalty_transactions_vendor_id_local_day", "vendor_id", "local_day"),
        Index("ix_loyalty_transactions_source", "vendor_id", "source", "source_id", "id"),
        one_of("kind", EntryKind),
        one_of("source", Source),
        check("seq_positive", "seq >= 1"),
        check("balances", "stamps_after BETWEEN 0 AND 1000000 AND points_after BETWEEN 0 AND 1000000000"),
        check("remainder", "remainder_delta BETWEEN -99 AND 99"),
        check("earn_adds", "kind <> 'stamp_earned' OR (stamps_delta > 0 AND points_delta = 0)"),
        check("redeem_takes", "kind <> 'stamp_redeemed' OR (stamps_delta < 0 AND points_delta = 0)"),
        check("points_earn_adds", "kind <> 'points_earned' OR (points_delta >= 0 AND stamps_delta = 0)"),
        check("points_redeem_takes", "kind <> 'points_redeemed' OR (points_delta < 0 AND stamps_delta = 0)"),
        check("expiry_takes", "kind NOT IN ('stamps_expired', 'points_expired') OR stamps_delta + points_delta < 0"),
        check("void_names_entry", "(kind IN ('stamp_voided', 'points_voided')) = (voids_id IS NOT NULL)"),
        check(
            "state_moves_nothing",
            "kind NOT IN ('card_created', 'card_activated', 'card_deactivated')"
            " OR (stamps_delta = 0 AND points_delta = 0 AND remainder_delta = 0)",
        ),
        check("stamps_leave_points", "kind NOT IN ('stamps_adjusted', 'stamps_expired') OR points_delta = 0"),
        check("points_leave_stamps", "kind NOT IN ('points_adjusted', 'points_expired') OR stamps_delta = 0"),
        check("voids_another", "voids_id <> id"),
        check("amount_range", "amount_cents BETWEEN 0 AND 100000000"),
        check("hash_length", "length(hash) = 64 AND length(prev_hash) = 64"),
    )

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id")
    program_id: Mapped[Ref]
    card_id: Mapped[Ref]
    seq: Mapped[Count]
    kind: Mapped[Code]
    stamps_delta: Mapped[Count]
    points_delta: Mapped[Count]
    remainder_delta: Mapped[Count]
    stamps_after: Mapped[Count]
    points_after: Mapped[Count]
    amount_cents: Mapped[Cents | None]
    reward_id: Mapped[str | None] = mapped_column(String(40))
    reward_name: Mapped[str | None] = mapped_column(String(80))
    reward_retail_cents: Mapped[Cents | None]
    reward_cost_cents: Mapped[Cents | None]
    terms: Mapped[str] = mapped_column(Text)
    staff_pin_id: Mapped[Ref | None]
    source: Mapped[Code]
    source_id: Mapped[Cents | None]
    acting_user_id: Mapped[int | None] = reference("users.id", nullable=True)
    is_override: Mapped[Flag]
    reference: Mapped[str | None] = mapped_column(String(120))
    voids_id: Mapped[Ref | None]
    batch_id: Mapped[str | None] = mapped_column(String(40))
    note_digest: Mapped[str | None] = mapped_column(String(64))
    local_day: Mapped[Day]
    at: Mapped[At]
    hash_version: Mapped[Count]
    prev_hash: Mapped[Digest]
    hash: Mapped[Digest]


class EntryNote(db.Model):
    """Free text of an entry, kept apart so that it can be erased; the ledger holds its salted digest."""

    __tablename__ = "entry_notes"
    __table_args__ = (own("entry_id", "loyalty_transactions"), UniqueConstraint("entry_id"))

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id")
    entry_id: Mapped[Ref]
    salt: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
