from __future__ import annotations

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.models.keys import reference
from loyalty_portal.models.types import At, Id


class SecurityEvent(db.Model):
    """Something that its vendor or user should know: a locked till, a lifted lock, a revoked till, a new sign-in."""

    __tablename__ = "security_events"
    __table_args__ = (Index("ix_security_events_vendor_id_id", "vendor_id", "id"),)

    id: Mapped[Id]
    vendor_id: Mapped[int | None] = reference("vendors.id", nullable=True)
    user_id: Mapped[int | None] = reference("users.id", nullable=True)
    kind: Mapped[str] = mapped_column(String(60))
    facts: Mapped[str] = mapped_column(Text, server_default="{}")
    at: Mapped[At]
    seen_at: Mapped[At | None]
