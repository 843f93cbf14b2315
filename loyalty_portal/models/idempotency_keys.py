from __future__ import annotations

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.models.keys import check, own, reference
from loyalty_portal.models.types import At, Digest, Id, Ref


class IdempotencyKey(db.Model):
    """The answer to a write, stored in the same transaction, so that the same key gets the same answer for ever.

    `request_hash` is keyed and leaves the PIN out. `body` is emptied when the customer is erased.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        UniqueConstraint("vendor_id", "key"),
        own("card_id", "loyalty_cards"),
        check("status_range", "status BETWEEN 200 AND 499"),
        check("key_length", "length(key) BETWEEN 1 AND 255"),
    )

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id")
    key: Mapped[str] = mapped_column(String(255))
    request_hash: Mapped[Digest]
    status: Mapped[int]
    body: Mapped[str | None] = mapped_column(Text)
    card_id: Mapped[Ref | None] = mapped_column(index=True)
    created_at: Mapped[At]
