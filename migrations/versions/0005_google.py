"""Google Wallet: classes, objects, and the callbacks that were believed

Revision: 0005, after: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from loyalty_portal.models import types
from loyalty_portal.models.triggers import create_triggers

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _id(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "google_classes",
        _id("id"),
        _id("vendor_id"),
        _id("program_id"),
        sa.Column("suffix", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id", "vendor_id"],
            ["loyalty_programs.id", "loyalty_programs.vendor_id"],
            name="fk_google_classes_program_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name="fk_google_classes_vendor_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_google_classes"),
        sa.UniqueConstraint("program_id", name="uq_google_classes_program_id"),
        sa.UniqueConstraint("suffix", name="uq_google_classes_suffix"),
        sqlite_strict=True,
    )
    op.create_index("ix_google_classes_vendor_id", "google_classes", ["vendor_id"])
    op.create_table(
        "google_objects",
        _id("id"),
        _id("vendor_id"),
        _id("card_id"),
        sa.Column("balance", sa.String(length=60), nullable=False),
        sa.Column("notices", sa.Text(), nullable=False),
        sa.Column("told_until", types.Moment(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id", "vendor_id"],
            ["loyalty_cards.id", "loyalty_cards.vendor_id"],
            name="fk_google_objects_card_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name="fk_google_objects_vendor_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_google_objects"),
        sa.UniqueConstraint("card_id", name="uq_google_objects_card_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_google_objects_vendor_id", "google_objects", ["vendor_id"])
    op.create_table(
        "google_nonces",
        _id("id"),
        sa.Column("nonce", sa.String(length=200), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_google_nonces"),
        sa.UniqueConstraint("nonce", name="uq_google_nonces_nonce"),
        sqlite_strict=True,
    )
    op.create_index("ix_google_nonces_expires_at", "google_nonces", ["expires_at"])
    create_triggers(op.get_bind())


def downgrade() -> None:
    op.drop_index("ix_google_nonces_expires_at", table_name="google_nonces")
    op.drop_table("google_nonces")
    op.drop_index("ix_google_objects_vendor_id", table_name="google_objects")
    op.drop_table("google_objects")
    op.drop_index("ix_google_classes_vendor_id", table_name="google_classes")
    op.drop_table("google_classes")
    create_triggers(op.get_bind())
