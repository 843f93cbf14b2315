from __future__ import annotations

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.enums import PassPlatform, PassState
from loyalty_portal.models.keys import check, one_of, own, reference
from loyalty_portal.models.types import At, Cents, Code, Count, Id, Ref


class WalletPass(db.Model):
    """A card in one of the wallets, and what the wallet has seen: the card's revision and the program's design.

    `next_try_at` is also the lease of who works on it. `changed_at` has whole seconds and grows with every change;
    `delay_ms` is how long the wallet waited for the last one.
    """

    __tablename__ = "wallet_passes"
    __table_args__ = (
        own("card_id", "loyalty_cards"),
        UniqueConstraint("card_id", "platform"),
        Index("ix_wallet_passes_platform_change_tag", "platform", "change_tag"),
        one_of("platform", PassPlatform),
        one_of("state", PassState),
        check("revision_range", "seen_revision >= 0 AND attempts >= 0"),
    )

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id", index=True)
    card_id: Mapped[Ref]
    platform: Mapped[Code]
    state: Mapped[Code]
    seen_revision: Mapped[Count]
    seen_design: Mapped[Count] = mapped_column(server_default="0")
    sent_revision: Mapped[Count] = mapped_column(server_default="0")
    change_tag: Mapped[Cents | None]
    changed_at: Mapped[At | None]
    brought_at: Mapped[At | None]
    delay_ms: Mapped[Cents | None]
    attempts: Mapped[Count]
    last_error: Mapped[str | None] = mapped_column(Text)
    next_try_at: Mapped[At | None]
    created_at: Mapped[At]
    updated_at: Mapped[At]
