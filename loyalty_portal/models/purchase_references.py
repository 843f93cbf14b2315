from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.models.keys import reference
from loyalty_portal.models.types import Id


class PurchaseReference(db.Model):
    """A purchase's reference that is booked at the vendor. The ledger keeps the reference for good; this row goes
    when its entry is voided, so that the purchase can be booked again.
    """

    __tablename__ = "purchase_references"
    __table_args__ = (UniqueConstraint("vendor_id", "reference"),)

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id")
    reference: Mapped[str] = mapped_column(String(120))
