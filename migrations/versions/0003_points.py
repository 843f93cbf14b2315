"""Points: purchases in a visit, references that a void frees, and what expiry counts from

Revision: 0003, after: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from loyalty_portal.models import types
from loyalty_portal.models.triggers import create_triggers

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WITH_REFERENCE = sa.text("reference IS NOT NULL")
_ONCE = sa.text("reference IS NOT NULL AND voids_id IS NULL")
_VISITED = """
    UPDATE loyalty_cards SET visited_at = (
        SELECT MAX(entry.at) FROM loyalty_transactions AS entry
        LEFT JOIN loyalty_transactions AS void ON void.voids_id = entry.id
        WHERE entry.card_id = loyalty_cards.id AND void.id IS NULL
            AND entry.kind IN ('stamp_earned', 'stamp_redeemed', 'points_earned', 'points_redeemed')
    )
"""
_BOOKED = """
    INSERT INTO purchase_references (vendor_id, reference)
    SELECT entry.vendor_id, entry.reference FROM loyalty_transactions AS entry
    LEFT JOIN loyalty_transactions AS void ON void.voids_id = entry.id
    WHERE entry.reference IS NOT NULL AND entry.voids_id IS NULL AND void.id IS NULL
"""
_REUSED = """
    SELECT COUNT(*) FROM (
        SELECT 1 FROM loyalty_transactions WHERE reference IS NOT NULL AND voids_id IS NULL
        GROUP BY vendor_id, reference HAVING COUNT(*) > 1
    ) AS reused
"""


def upgrade() -> None:
    op.create_table(
        "purchase_references",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendors.id"], name="fk_purchase_references_vendor_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_purchase_references"),
        sa.UniqueConstraint("vendor_id", "reference", name="uq_purchase_references_vendor_id_reference"),
        sqlite_strict=True,
    )
    op.execute(_BOOKED)
    op.drop_index("uq_loyalty_transactions_reference", table_name="loyalty_transactions")
    op.create_index(
        "ix_loyalty_transactions_reference",
        "loyalty_transactions",
        ["vendor_id", "reference"],
        sqlite_where=_WITH_REFERENCE,
        postgresql_where=_WITH_REFERENCE,
    )
    # Written out: Alembic can't add a column with its check to a SQLite table without rebuilding it.
    op.execute(
        "ALTER TABLE loyalty_cards ADD COLUMN visit_purchases INTEGER DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_loyalty_cards_visit_purchases CHECK (visit_purchases >= 0)"
    )
    op.add_column("loyalty_cards", sa.Column("visited_at", types.Moment(), nullable=True))
    op.add_column("loyalty_programs", sa.Column("expiry_since", types.Moment(), nullable=True))
    op.execute(_VISITED)
    create_triggers(op.get_bind())


def downgrade() -> None:
    if op.get_bind().execute(sa.text(_REUSED)).scalar():
        raise RuntimeError("a purchase reference was booked again after a void: the older schema can't hold both")
    op.drop_column("loyalty_programs", "expiry_since")
    op.drop_column("loyalty_cards", "visited_at")
    op.drop_column("loyalty_cards", "visit_purchases")
    op.drop_index(
        "ix_loyalty_transactions_reference",
        table_name="loyalty_transactions",
        sqlite_where=_WITH_REFERENCE,
        postgresql_where=_WITH_REFERENCE,
    )
    op.create_index(
        "uq_loyalty_transactions_reference",
        "loyalty_transactions",
        ["vendor_id", "reference"],
        unique=True,
        sqlite_where=_ONCE,
        postgresql_where=_ONCE,
    )
    op.drop_table("purchase_references")
    create_triggers(op.get_bind())
