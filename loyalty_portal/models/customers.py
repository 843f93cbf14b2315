from __future__ import annotations

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.models.keys import check, own, ownable, reference
from loyalty_portal.models.types import At, Day, Digest, Id, Ref, big, sorted_text


class Customer(db.Model):
    """A person as one vendor knows them. Erasing empties the person and keeps the row."""

    __tablename__ = "customers"
    __table_args__ = (
        ownable(),
        # Only a verified address is one person's; unverified ones may repeat.
        Index(
            "uq_customers_verified_email",
            "vendor_id",
            "email",
            unique=True,
            sqlite_where=text("email_verified_at IS NOT NULL"),
            postgresql_where=text("email_verified_at IS NOT NULL"),
        ),
        Index("ix_customers_vendor_id_phone", "vendor_id", "phone"),
        check("verified_has_email", "email_verified_at IS NULL OR email IS NOT NULL"),
    )

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id")
    first_name: Mapped[str | None] = mapped_column(String(80))
    last_name: Mapped[str | None] = mapped_column(String(80))
    email: Mapped[str | None] = mapped_column(String(254))
    email_verified_at: Mapped[At | None]
    phone: Mapped[str | None] = mapped_column(String(20))
    birth_date: Mapped[Day | None]
    locale: Mapped[str] = mapped_column(String(2))
    marketing_consent_at: Mapped[At | None]
    marketing_consent_text: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[At]
    erased_at: Mapped[At | None]


class SearchTerm(db.Model):
    """One thing that a customer can be found by: `n` + a folded word of the name, `p` + the phone's digits
    from the last to the first. A prefix of it answers "two letters" and "the last three digits" from the index.
    """

    __tablename__ = "search_terms"
    __table_args__ = (own("customer_id", "customers"), Index("ix_search_terms_customer_id", "customer_id"))

    vendor_id: Mapped[int] = mapped_column(big, primary_key=True, autoincrement=False)
    term: Mapped[str] = mapped_column(sorted_text(), primary_key=True)
    customer_id: Mapped[int] = mapped_column(big, primary_key=True, autoincrement=False)


class ContactLink(db.Model):
    """A mailed link that proves an address. Opening it verifies the card's contact or merges the card
    into the one that the address already has.
    """

    __tablename__ = "contact_links"
    __table_args__ = (
        own("card_id", "loyalty_cards"),
        Index("ix_contact_links_sent_at", "sent_at"),
        Index("ix_contact_links_card_id", "card_id"),
    )

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id")
    card_id: Mapped[Ref]
    email: Mapped[str | None] = mapped_column(String(254))
    nonce: Mapped[Digest]
    created_at: Mapped[At]
    expires_at: Mapped[At]
    sent_at: Mapped[At | None]
    used_at: Mapped[At | None]
