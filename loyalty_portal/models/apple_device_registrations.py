from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.models.keys import own, reference
from loyalty_portal.models.types import At, Id, Ref


class AppleDeviceRegistration(db.Model):
    """A device that asked to hear when a pass changes."""

    __tablename__ = "apple_device_registrations"
    __table_args__ = (own("card_id", "loyalty_cards"), UniqueConstraint("device_library_id", "card_id"))

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id")
    card_id: Mapped[Ref] = mapped_column(index=True)
    device_library_id: Mapped[str] = mapped_column(String(120))
    push_token: Mapped[str] = mapped_column(String(200), index=True)
    created_at: Mapped[At]
    updated_at: Mapped[At]
