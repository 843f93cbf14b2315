from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.models.keys import check, reference
from loyalty_portal.models.pin_guard import PinGuard
from loyalty_portal.models.types import At, Digest, Id


class ApiKey(PinGuard, db.Model):
    """A bearer key of a vendor, or of the platform when it names none. Only its digest is stored."""

    __tablename__ = "api_keys"
    __table_args__ = (
        check("pin_counts", "pin_tries BETWEEN 0 AND 5 AND pin_wrong BETWEEN 0 AND pin_tries AND pin_lock_level >= 0"),
    )

    id: Mapped[Id]
    vendor_id: Mapped[int | None] = reference("vendors.id", nullable=True, index=True)
    name: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(20))
    digest: Mapped[Digest] = mapped_column(unique=True)
    scopes: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[At]
    expires_at: Mapped[At | None]
    revoked_at: Mapped[At | None]
    last_used_at: Mapped[At | None]
