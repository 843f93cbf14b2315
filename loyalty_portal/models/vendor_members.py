from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from loyalty_portal.database import db
from loyalty_portal.enums import MemberRole
from loyalty_portal.models.keys import one_of, reference
from loyalty_portal.models.types import At, Code, Id


class VendorMember(db.Model):
    """A user's place in a vendor's portal."""

    __tablename__ = "vendor_members"
    __table_args__ = (UniqueConstraint("user_id", "vendor_id"), one_of("role", MemberRole))

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id", index=True)
    user_id: Mapped[int] = reference("users.id")
    role: Mapped[Code]
    created_at: Mapped[At]
