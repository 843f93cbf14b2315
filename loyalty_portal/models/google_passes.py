from __future__ import annotations

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.models.keys import own, reference
from loyalty_portal.models.types import At, Code, Digest, Id, Ref


class GoogleClass(db.Model):
    """A program as a LoyaltyClass at Google. `suffix` is its name there, which is never used again; `digest` is that
    of the body that Google has seen last, None while it has seen none.
    """

    __tablename__ = "google_classes"
    __table_args__ = (own("program_id", "loyalty_programs"), UniqueConstraint("program_id"), UniqueConstraint("suffix"))

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id", index=True)
    program_id: Mapped[Ref]
    suffix: Mapped[Code]
    digest: Mapped[Digest | None]
    created_at: Mapped[At]
    updated_at: Mapped[At]


class GoogleObject(db.Model):
    """A card as a LoyaltyObject at Google: the balance that Google has seen last, when it gave notice of changes
    (JSON, the last few), and until when the newest of its callbacks was to be believed.
    """

    __tablename__ = "google_objects"
    __table_args__ = (own("card_id", "loyalty_cards"), UniqueConstraint("card_id"))

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id", index=True)
    card_id: Mapped[Ref]
    balance: Mapped[str] = mapped_column(String(60))
    notices: Mapped[str] = mapped_column(Text)
    told_until: Mapped[At | None]
    created_at: Mapped[At]
    updated_at: Mapped[At]


class GoogleNonce(db.Model):
    """A callback that was believed. It is believed once; the row is kept until no copy could be."""

    __tablename__ = "google_nonces"
    __table_args__ = (UniqueConstraint("nonce"), Index("ix_google_nonces_expires_at", "expires_at"))

    id: Mapped[Id]
    nonce: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[At]
