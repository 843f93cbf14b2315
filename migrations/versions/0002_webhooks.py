"""Webhooks

Revision: 0002, after: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from loyalty_portal.models import types
from loyalty_portal.models.triggers import create_triggers

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("previous_secret", sa.Text(), nullable=True),
        sa.Column("previous_until", types.Moment(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("floor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("next_floor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("barrier", sa.BigInteger(), nullable=True),
        sa.Column("failure_count", sa.Integer(), nullable=False),
        sa.Column("failing_since", types.Moment(), nullable=True),
        sa.Column("silenced_at", types.Moment(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("archived_at", types.Moment(), nullable=True),
        sa.CheckConstraint(
            "floor_id >= 0 AND (next_floor_id IS NULL OR next_floor_id >= floor_id)", name=op.f("ck_webhooks_floors")
        ),
        sa.CheckConstraint("(next_floor_id IS NULL) = (barrier IS NULL)", name=op.f("ck_webhooks_floor_barrier")),
        sa.CheckConstraint(
            "(previous_secret IS NULL) = (previous_until IS NULL)", name=op.f("ck_webhooks_previous_ends")
        ),
        sa.CheckConstraint(
            "failure_count >= 0 AND (failure_count = 0) = (failing_since IS NULL)", name=op.f("ck_webhooks_failing")
        ),
        sa.CheckConstraint("archived_at IS NULL OR NOT is_active", name=op.f("ck_webhooks_archived_is_off")),
        sa.CheckConstraint("length(events) > 0", name=op.f("ck_webhooks_has_events")),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name="fk_webhooks_vendor_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
        sa.UniqueConstraint("id", "vendor_id", name="uq_webhooks_id_vendor_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_webhooks_vendor_id", "webhooks", ["vendor_id"], unique=False)
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("webhook_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("began_at", types.Moment(), nullable=False),
        sa.Column("next_at", types.Moment(), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(length=40), nullable=True),
        sa.Column("last_answer", sa.Text(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("delivered_at", types.Moment(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('card.enrolled', 'stamp.earned', 'points.earned', 'reward.redeemed', 'entry.voided', 'webhook.test')",
            name=op.f("ck_webhook_deliveries_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'delivered', 'failed')", name=op.f("ck_webhook_deliveries_state_known")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_webhook_deliveries_attempts_positive")),
        sa.CheckConstraint(
            "(state = 'waiting') = (next_at IS NOT NULL)", name=op.f("ck_webhook_deliveries_waiting_has_time")
        ),
        sa.CheckConstraint(
            "(state = 'delivered') = (delivered_at IS NOT NULL)", name=op.f("ck_webhook_deliveries_delivered_has_time")
        ),
        sa.CheckConstraint("last_status BETWEEN 100 AND 999", name=op.f("ck_webhook_deliveries_status_range")),
        sa.CheckConstraint("length(last_answer) <= 1024", name=op.f("ck_webhook_deliveries_answer_length")),
        sa.CheckConstraint(
            "(kind = 'webhook.test') = (entry_id IS NULL)", name=op.f("ck_webhook_deliveries_test_has_no_entry")
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id", "vendor_id"],
            ["webhooks.id", "webhooks.vendor_id"],
            name="fk_webhook_deliveries_webhook_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id", "vendor_id"],
            ["loyalty_transactions.id", "loyalty_transactions.vendor_id"],
            name="fk_webhook_deliveries_entry_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendors.id"], name="fk_webhook_deliveries_vendor_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
        sa.UniqueConstraint("event_id", name="uq_webhook_deliveries_event_id"),
        sa.UniqueConstraint("webhook_id", "entry_id", name="uq_webhook_deliveries_webhook_id_entry_id"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_webhook_deliveries_vendor_id_webhook_id_id",
        "webhook_deliveries",
        ["vendor_id", "webhook_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_webhook_deliveries_due",
        "webhook_deliveries",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    create_triggers(op.get_bind())


def downgrade() -> None:
    op.drop_index(
        "ix_webhook_deliveries_due",
        table_name="webhook_deliveries",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index("ix_webhook_deliveries_vendor_id_webhook_id_id", table_name="webhook_deliveries")
    op.drop_table("webhook_deliveries")
    op.drop_index("ix_webhooks_vendor_id", table_name="webhooks")
    op.drop_table("webhooks")
    create_triggers(op.get_bind())
