from __future__ import annotations

from sqlalchemy import Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty_portal.database import db
from loyalty_portal.enums import DeliveryState, EventType
from loyalty_portal.models.keys import check, one_of, own, ownable, reference
from loyalty_portal.models.types import At, Cents, Code, Count, Flag, Id, Ref


class Webhook(db.Model):
    """An address of a vendor's that hears of events. Its secrets are encrypted under a key made of SECRET_KEY.

    Every entry up to `floor_id` was handed on. `next_floor_id` will be the floor once each transaction that ran
    before `barrier` has ended (docs/decisions/0010).
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        ownable(),
        check("floors", "floor_id >= 0 AND (next_floor_id IS NULL OR next_floor_id >= floor_id)"),
        check("floor_barrier", "(next_floor_id IS NULL) = (barrier IS NULL)"),
        check("previous_ends", "(previous_secret IS NULL) = (previous_until IS NULL)"),
        check("failing", "failure_count >= 0 AND (failure_count = 0) = (failing_since IS NULL)"),
        check("archived_is_off", "archived_at IS NULL OR NOT is_active"),
        check("has_events", "length(events) > 0"),
    )

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id", index=True)
    url: Mapped[str] = mapped_column(String(300))
    events: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Text)
    previous_secret: Mapped[str | None] = mapped_column(Text)
    previous_until: Mapped[At | None]
    is_active: Mapped[Flag]
    floor_id: Mapped[Ref]
    next_floor_id: Mapped[Ref | None]
    barrier: Mapped[Cents | None]
    failure_count: Mapped[Count]
    failing_since: Mapped[At | None]
    silenced_at: Mapped[At | None]
    created_at: Mapped[At]
    archived_at: Mapped[At | None]


class WebhookDelivery(db.Model):
    """One event for one webhook: what is sent, and what the other side said. A test event belongs to no entry."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        own("webhook_id", "webhooks"),
        own("entry_id", "loyalty_transactions"),
        UniqueConstraint("event_id"),
        UniqueConstraint("webhook_id", "entry_id"),
        Index("ix_webhook_deliveries_vendor_id_webhook_id_id", "vendor_id", "webhook_id", "id"),
        Index(
            "ix_webhook_deliveries_due",
            "next_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        one_of("kind", EventType),
        one_of("state", DeliveryState),
        check("attempts_positive", "attempts >= 0"),
        check("waiting_has_time", "(state = 'waiting') = (next_at IS NOT NULL)"),
        check("delivered_has_time", "(state = 'delivered') = (delivered_at IS NOT NULL)"),
        check("status_range", "last_status BETWEEN 100 AND 999"),
        check("answer_length", "length(last_answer) <= 1024"),
        check("test_has_no_entry", "(kind = 'webhook.test') = (entry_id IS NULL)"),
    )

    id: Mapped[Id]
    vendor_id: Mapped[int] = reference("vendors.id")
    webhook_id: Mapped[Ref]
    entry_id: Mapped[Ref | None]
    event_id: Mapped[Code]
    kind: Mapped[Code]
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[Code]
    attempts: Mapped[Count]
    began_at: Mapped[At]
    next_at: Mapped[At | None]
    last_status: Mapped[Count | None]
    last_error: Mapped[Code | None]
    last_answer: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[At]
    delivered_at: Mapped[At | None]
