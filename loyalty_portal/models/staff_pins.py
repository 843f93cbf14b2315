from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.enums import StaffRole
from loyalty_portal.models.keys import one_of, ownable, reference
from loyalty_portal.models.types import At, Code, Digest, Flag, Id


class StaffPin(db.Model):
    """A person at the counter. `pin_digest` (keyed by the pepper) finds the row, `pin_hash` (bcrypt) proves it."""

    __tablename__ = "staff_pins"
    __table_args__ = (ownable(), UniqueConstraint("vendor_id", "pin_digest"), one_of("role", StaffRole))

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id")
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[Code]
    pin_digest: Mapped[Digest]
    pin_hash: Mapped[str] = mapped_column(String(80))
    pepper_id: Mapped[str] = mapped_column(String(16))
    is_active: Mapped[Flag]
    last_used_at: Mapped[At | None]
    created_at: Mapped[At]
