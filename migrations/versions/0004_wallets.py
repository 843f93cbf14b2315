"""Wallets: what a pass has seen, the change tags, and what phones report

Revision: 0004, after: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from loyalty_portal.models import types
from loyalty_portal.models.triggers import create_triggers

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NEW = (
    ("seen_design", sa.Integer(), "0"),
    ("sent_revision", sa.Integer(), "0"),
    ("changed_at", types.Moment(), None),
    ("brought_at", types.Moment(), None),
    ("delay_ms", sa.BigInteger(), None),
)


def upgrade() -> None:
    op.create_table(
        "wallet_counters",
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("last_tag", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("platform", name="pk_wallet_counters"),
        sqlite_strict=True,
    )
    op.create_table(
        "wallet_logs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wallet_logs"),
        sqlite_strict=True,
    )
    for name, kind, default in _NEW:
        op.add_column("wallet_passes", sa.Column(name, kind, nullable=default is None, server_default=default))
    op.add_column("loyalty_programs", sa.Column("design_revision", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_apple_device_registrations_push_token", "apple_device_registrations", ["push_token"])
    create_triggers(op.get_bind())


def downgrade() -> None:
    op.drop_index("ix_apple_device_registrations_push_token", table_name="apple_device_registrations")
    op.drop_column("loyalty_programs", "design_revision")
    for name, _, _ in reversed(_NEW):
        op.drop_column("wallet_passes", name)
    op.drop_table("wallet_logs")
    op.drop_table("wallet_counters")
    create_triggers(op.get_bind())
