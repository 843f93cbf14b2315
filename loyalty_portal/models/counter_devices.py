from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.models.keys import check, own, ownable, reference
from loyalty_portal.models.pin_guard import PinGuard
from loyalty_portal.models.types import At, Digest, Flag, Id, Ref


class CounterDevice(PinGuard, db.Model):
    """A till: a paired browser. Only the digest of its cookie is stored."""

    __tablename__ = "counter_devices"
    __table_args__ = (
        ownable(),
        own("unlocked_pin_id", "staff_pins"),
        check("pin_counts", "pin_tries BETWEEN 0 AND 5 AND pin_wrong BETWEEN 0 AND pin_tries AND pin_lock_level >= 0"),
    )

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id", index=True)
    name: Mapped[str] = mapped_column(String(60))
    token_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    unlocked_pin_id: Mapped[Ref | None]
    unlocked_until: Mapped[At | None]
    created_at: Mapped[At]
    paired_at: Mapped[At | None]
    last_seen_at: Mapped[At | None]
    revoked_at: Mapped[At | None]


class PairingCode(db.Model):
    """A short-lived code that makes a browser a till. A reusable one (the demo's) makes a new till each time."""

    __tablename__ = "pairing_codes"
    __table_args__ = (own("device_id", "counter_devices"),)

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id")
    device_id: Mapped[Ref] = mapped_column(index=True)
    digest: Mapped[Digest] = mapped_column(unique=True)
    is_reusable: Mapped[Flag]
    created_at: Mapped[At]
    expires_at: Mapped[At | None]
    used_at: Mapped[At | None]
