"""The first schema

Revision: 0001, after:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from loyalty_portal.models import types
from loyalty_portal.models.triggers import create_triggers, drop_triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roles",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("permissions", sa.UnicodeText(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_roles"),
        sa.UniqueConstraint("name", name="uq_roles_name"),
        sqlite_strict=True,
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=True),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("fs_webauthn_user_handle", sa.String(length=64), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("tf_phone_number", sa.String(length=128), nullable=True),
        sa.Column("mf_recovery_codes", sa.UnicodeText(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
        sa.UniqueConstraint("fs_uniquifier", name="uq_users_fs_uniquifier"),
        sa.UniqueConstraint("fs_webauthn_user_handle", name="uq_users_fs_webauthn_user_handle"),
        sqlite_strict=True,
    )
    op.create_table(
        "vendors",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("pin_length", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_vendors_currency_length")),
        sa.CheckConstraint("length(slug) BETWEEN 2 AND 60", name=op.f("ck_vendors_slug_length")),
        sa.CheckConstraint("pin_length IN (4, 6)", name=op.f("ck_vendors_pin_length_known")),
        sa.PrimaryKeyConstraint("id", name="pk_vendors"),
        sa.UniqueConstraint("slug", name="uq_vendors_slug"),
        sqlite_strict=True,
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=True),
        sa.Column("revoked_at", types.Moment(), nullable=True),
        sa.Column("last_used_at", types.Moment(), nullable=True),
        sa.Column("pin_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pin_wrong", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pin_lock_level", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pin_locked_until", types.Moment(), nullable=True),
        sa.Column("pin_charged_at", types.Moment(), nullable=True),
        sa.Column("pin_wrong_at", types.Moment(), nullable=True),
        sa.CheckConstraint(
            "pin_tries BETWEEN 0 AND 5 AND pin_wrong BETWEEN 0 AND pin_tries AND pin_lock_level >= 0",
            name=op.f("ck_api_keys_pin_counts"),
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name="fk_api_keys_vendor_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
        sqlite_strict=True,
    )
    op.create_index("ix_api_keys_vendor_id", "api_keys", ["vendor_id"], unique=False)
    op.create_table(
        "customers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_name", sa.String(length=80), nullable=True),
        sa.Column("last_name", sa.String(length=80), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_verified_at", types.Moment(), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("birth_date", types.LocalDay(), nullable=True),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("marketing_consent_at", types.Moment(), nullable=True),
        sa.Column("marketing_consent_text", sa.Text(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("erased_at", types.Moment(), nullable=True),
        sa.CheckConstraint(
            "email_verified_at IS NULL OR email IS NOT NULL", name=op.f("ck_customers_verified_has_email")
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name="fk_customers_vendor_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
        sa.UniqueConstraint("id", "vendor_id", name="uq_customers_id_vendor_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_customers_vendor_id_phone", "customers", ["vendor_id", "phone"], unique=False)
    op.create_index(
        "uq_customers_verified_email",
        "customers",
        ["vendor_id", "email"],
        unique=True,
        sqlite_where=sa.text("email_verified_at IS NOT NULL"),
        postgresql_where=sa.text("email_verified_at IS NOT NULL"),
    )
    op.create_table(
        "pictures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("content_type", sa.String(length=40), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.CheckConstraint("kind IN ('logo', 'hero')", name=op.f("ck_pictures_kind_known")),
        sa.CheckConstraint("width BETWEEN 1 AND 4096 AND height BETWEEN 1 AND 4096", name=op.f("ck_pictures_size")),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name="fk_pictures_vendor_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_pictures"),
        sa.UniqueConstraint("id", "vendor_id", name="uq_pictures_id_vendor_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_pictures_vendor_id", "pictures", ["vendor_id"], unique=False)
    op.create_table(
        "roles_users",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name="fk_roles_users_role_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_roles_users_user_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("user_id", "role_id", name="pk_roles_users"),
        sqlite_strict=True,
    )
    op.create_table(
        "security_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("facts", sa.Text(), server_default="{}", nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("seen_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_security_events_user_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendors.id"], name="fk_security_events_vendor_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_security_events"),
        sqlite_strict=True,
    )
    op.create_index("ix_security_events_vendor_id_id", "security_events", ["vendor_id", "id"], unique=False)
    op.create_table(
        "staff_pins",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("pin_digest", sa.String(length=64), nullable=False),
        sa.Column("pin_hash", sa.String(length=80), nullable=False),
        sa.Column("pepper_id", sa.String(length=16), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("last_used_at", types.Moment(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.CheckConstraint("role IN ('staff', 'manager')", name=op.f("ck_staff_pins_role_known")),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name="fk_staff_pins_vendor_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_staff_pins"),
        sa.UniqueConstraint("id", "vendor_id", name="uq_staff_pins_id_vendor_id"),
        sa.UniqueConstraint("vendor_id", "pin_digest", name="uq_staff_pins_vendor_id_pin_digest"),
        sqlite_strict=True,
    )
    op.create_table(
        "vendor_members",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'manager')", name=op.f("ck_vendor_members_role_known")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_vendor_members_user_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name="fk_vendor_members_vendor_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_vendor_members"),
        sa.UniqueConstraint("user_id", "vendor_id", name="uq_vendor_members_user_id_vendor_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_vendor_members_vendor_id", "vendor_members", ["vendor_id"], unique=False)
    op.create_table(
        "webauthn_credentials",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1024), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=1024), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("transports", sa.UnicodeText(), nullable=True),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.String(length=64), nullable=False),
        sa.Column("extensions", sa.Text(), nullable=True),
        sa.Column("create_datetime", sa.DateTime(), nullable=False),
        sa.Column("lastuse_datetime", sa.DateTime(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("usage", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_webauthn_credentials_user_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_webauthn_credentials"),
        sa.UniqueConstraint("credential_id", name="uq_webauthn_credentials_credential_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_webauthn_credentials_user_id", "webauthn_credentials", ["user_id"], unique=False)
    op.create_table(
        "counter_devices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=True),
        sa.Column("unlocked_pin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("unlocked_until", types.Moment(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("paired_at", types.Moment(), nullable=True),
        sa.Column("last_seen_at", types.Moment(), nullable=True),
        sa.Column("revoked_at", types.Moment(), nullable=True),
        sa.Column("pin_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pin_wrong", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pin_lock_level", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pin_locked_until", types.Moment(), nullable=True),
        sa.Column("pin_charged_at", types.Moment(), nullable=True),
        sa.Column("pin_wrong_at", types.Moment(), nullable=True),
        sa.CheckConstraint(
            "pin_tries BETWEEN 0 AND 5 AND pin_wrong BETWEEN 0 AND pin_tries AND pin_lock_level >= 0",
            name=op.f("ck_counter_devices_pin_counts"),
        ),
        sa.ForeignKeyConstraint(
            ["unlocked_pin_id", "vendor_id"],
            ["staff_pins.id", "staff_pins.vendor_id"],
            name="fk_counter_devices_unlocked_pin_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendors.id"], name="fk_counter_devices_vendor_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_counter_devices"),
        sa.UniqueConstraint("id", "vendor_id", name="uq_counter_devices_id_vendor_id"),
        sa.UniqueConstraint("token_digest", name="uq_counter_devices_token_digest"),
        sqlite_strict=True,
    )
    op.create_index("ix_counter_devices_vendor_id", "counter_devices", ["vendor_id"], unique=False)
    op.create_table(
        "loyalty_programs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("loyalty_type", sa.String(length=40), nullable=False),
        sa.Column("stamps_target", sa.Integer(), nullable=True),
        sa.Column("stamps_reward_description", sa.String(length=80), nullable=True),
        sa.Column("stamps_reward_value_cents", sa.BigInteger(), nullable=True),
        sa.Column("stamps_reward_cost_cents", sa.BigInteger(), nullable=True),
        sa.Column("points_per_euro", sa.Integer(), nullable=True),
        sa.Column("points_rewards", sa.Text(), server_default="[]", nullable=False),
        sa.Column("max_purchase_cents", sa.BigInteger(), nullable=True),
        sa.Column("cooldown_minutes", sa.Integer(), nullable=False),
        sa.Column("max_daily_stamps", sa.Integer(), nullable=False),
        sa.Column("max_stamps_per_visit", sa.Integer(), nullable=False),
        sa.Column("require_staff_pin", sa.Boolean(), nullable=False),
        sa.Column("pin_unlock_minutes", sa.Integer(), nullable=False),
        sa.Column("card_name", sa.String(length=40), nullable=False),
        sa.Column("card_tagline", sa.String(length=40), nullable=True),
        sa.Column("card_color", sa.String(length=7), nullable=False),
        sa.Column("card_secondary_color", sa.String(length=7), nullable=False),
        sa.Column("stamp_icon", sa.String(length=40), nullable=False),
        sa.Column("logo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("hero_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("terms_text", sa.Text(), nullable=True),
        sa.Column("privacy_url", sa.String(length=300), nullable=True),
        sa.Column("expiry_months", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("activated_at", types.Moment(), nullable=True),
        sa.Column("archived_at", types.Moment(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.CheckConstraint(
            "loyalty_type = 'points' OR stamps_target IS NOT NULL", name=op.f("ck_loyalty_programs_stamps_have_target")
        ),
        sa.CheckConstraint(
            "loyalty_type = 'stamps' OR points_per_euro IS NOT NULL", name=op.f("ck_loyalty_programs_points_have_rate")
        ),
        sa.CheckConstraint(
            "loyalty_type IN ('stamps', 'points', 'hybrid')", name=op.f("ck_loyalty_programs_loyalty_type_known")
        ),
        sa.CheckConstraint("cooldown_minutes BETWEEN 0 AND 1440", name=op.f("ck_loyalty_programs_cooldown_range")),
        sa.CheckConstraint("expiry_months BETWEEN 1 AND 120", name=op.f("ck_loyalty_programs_expiry_range")),
        sa.CheckConstraint(
            "length(card_color) = 7 AND length(card_secondary_color) = 7", name=op.f("ck_loyalty_programs_colours")
        ),
        sa.CheckConstraint("max_daily_stamps BETWEEN 1 AND 100", name=op.f("ck_loyalty_programs_daily_range")),
        sa.CheckConstraint("max_stamps_per_visit BETWEEN 1 AND 20", name=op.f("ck_loyalty_programs_visit_range")),
        sa.CheckConstraint("pin_unlock_minutes BETWEEN 0 AND 720", name=op.f("ck_loyalty_programs_unlock_range")),
        sa.CheckConstraint("points_per_euro BETWEEN 1 AND 10000", name=op.f("ck_loyalty_programs_rate_range")),
        sa.CheckConstraint(
            "stamps_reward_cost_cents BETWEEN 0 AND 100000000", name=op.f("ck_loyalty_programs_cost_range")
        ),
        sa.CheckConstraint(
            "stamps_reward_value_cents BETWEEN 0 AND 100000000", name=op.f("ck_loyalty_programs_money_range")
        ),
        sa.CheckConstraint("stamps_target BETWEEN 2 AND 50", name=op.f("ck_loyalty_programs_target_range")),
        sa.ForeignKeyConstraint(
            ["hero_id", "vendor_id"],
            ["pictures.id", "pictures.vendor_id"],
            name="fk_loyalty_programs_hero_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["logo_id", "vendor_id"],
            ["pictures.id", "pictures.vendor_id"],
            name="fk_loyalty_programs_logo_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendors.id"], name="fk_loyalty_programs_vendor_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_loyalty_programs"),
        sa.UniqueConstraint("id", "vendor_id", name="uq_loyalty_programs_id_vendor_id"),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_loyalty_programs_live",
        "loyalty_programs",
        ["vendor_id"],
        unique=True,
        sqlite_where=sa.text("archived_at IS NULL"),
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_table(
        "search_terms",
        sa.Column(
            "vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["customer_id", "vendor_id"],
            ["customers.id", "customers.vendor_id"],
            name="fk_search_terms_customer_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("vendor_id", "term", "customer_id", name="pk_search_terms"),
        sqlite_strict=True,
    )
    op.create_index("ix_search_terms_customer_id", "search_terms", ["customer_id"], unique=False)
    op.create_table(
        "daily_figures",
        sa.Column(
            "vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("day", types.LocalDay(), nullable=False),
        sa.Column("figure", sa.String(length=40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id", "vendor_id"],
            ["loyalty_programs.id", "loyalty_programs.vendor_id"],
            name="fk_daily_figures_program_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("vendor_id", "program_id", "day", "figure", name="pk_daily_figures"),
        sqlite_strict=True,
    )
    op.create_table(
        "loyalty_cards",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("link_token", sa.String(length=40), nullable=False),
        sa.Column("apple_serial", sa.String(length=40), nullable=False),
        sa.Column("apple_token", sa.String(length=64), nullable=False),
        sa.Column("stamps_target", sa.Integer(), nullable=True),
        sa.Column("reward_description", sa.String(length=80), nullable=True),
        sa.Column("reward_value_cents", sa.BigInteger(), nullable=True),
        sa.Column("reward_cost_cents", sa.BigInteger(), nullable=True),
        sa.Column("stamp_count", sa.Integer(), nullable=False),
        sa.Column("total_stamps_earned", sa.Integer(), nullable=False),
        sa.Column("stamps_redeemed", sa.Integer(), nullable=False),
        sa.Column("points_balance", sa.Integer(), nullable=False),
        sa.Column("total_points_earned", sa.BigInteger(), nullable=False),
        sa.Column("points_redeemed", sa.BigInteger(), nullable=False),
        sa.Column("points_remainder", sa.Integer(), nullable=False),
        sa.Column("visit_started_at", types.Moment(), nullable=True),
        sa.Column("visit_stamps", sa.Integer(), nullable=False),
        sa.Column("stamp_day", types.LocalDay(), nullable=True),
        sa.Column("stamps_today", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.Column("genesis_nonce", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_at", types.Moment(), nullable=True),
        sa.Column("last_activity_at", types.Moment(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.CheckConstraint("length(code) = 8", name=op.f("ck_loyalty_cards_code_length")),
        sa.CheckConstraint("points_balance BETWEEN 0 AND 1000000000", name=op.f("ck_loyalty_cards_points_range")),
        sa.CheckConstraint("points_remainder BETWEEN 0 AND 99", name=op.f("ck_loyalty_cards_remainder_range")),
        sa.CheckConstraint("seq >= 0 AND revision >= 0", name=op.f("ck_loyalty_cards_seq_range")),
        sa.CheckConstraint("stamp_count BETWEEN 0 AND 1000000", name=op.f("ck_loyalty_cards_stamps_range")),
        sa.CheckConstraint("stamps_target BETWEEN 2 AND 50", name=op.f("ck_loyalty_cards_target_range")),
        sa.CheckConstraint("stamps_today >= 0 AND visit_stamps >= 0", name=op.f("ck_loyalty_cards_day_count")),
        sa.CheckConstraint(
            "total_points_earned >= 0 AND points_redeemed >= 0", name=op.f("ck_loyalty_cards_points_totals")
        ),
        sa.CheckConstraint("total_stamps_earned >= 0 AND stamps_redeemed >= 0", name=op.f("ck_loyalty_cards_totals")),
        sa.ForeignKeyConstraint(
            ["customer_id", "vendor_id"],
            ["customers.id", "customers.vendor_id"],
            name="fk_loyalty_cards_customer_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id", "vendor_id"],
            ["loyalty_cards.id", "loyalty_cards.vendor_id"],
            name="fk_loyalty_cards_merged_into_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "vendor_id"],
            ["loyalty_programs.id", "loyalty_programs.vendor_id"],
            name="fk_loyalty_cards_program_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name="fk_loyalty_cards_vendor_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_loyalty_cards"),
        sa.UniqueConstraint("apple_serial", name="uq_loyalty_cards_apple_serial"),
        sa.UniqueConstraint("id", "vendor_id", name="uq_loyalty_cards_id_vendor_id"),
        sa.UniqueConstraint("link_token", name="uq_loyalty_cards_link_token"),
        sa.UniqueConstraint("vendor_id", "code", name="uq_loyalty_cards_vendor_id_code"),
        sqlite_strict=True,
    )
    op.create_index("ix_loyalty_cards_customer_id", "loyalty_cards", ["customer_id"], unique=False)
    op.create_index(
        "ix_loyalty_cards_merged_into_id",
        "loyalty_cards",
        ["merged_into_id"],
        unique=False,
        sqlite_where=sa.text("merged_into_id IS NOT NULL"),
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_index("ix_loyalty_cards_program_id", "loyalty_cards", ["program_id"], unique=False)
    op.create_index(
        "ix_loyalty_cards_vendor_id_last_activity_at",
        "loyalty_cards",
        ["vendor_id", "last_activity_at", "id"],
        unique=False,
    )
    op.create_table(
        "pairing_codes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("is_reusable", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=True),
        sa.Column("used_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id", "vendor_id"],
            ["counter_devices.id", "counter_devices.vendor_id"],
            name="fk_pairing_codes_device_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name="fk_pairing_codes_vendor_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_pairing_codes"),
        sa.UniqueConstraint("digest", name="uq_pairing_codes_digest"),
        sqlite_strict=True,
    )
    op.create_index("ix_pairing_codes_device_id", "pairing_codes", ["device_id"], unique=False)
    op.create_table(
        "apple_device_registrations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("card_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device_library_id", sa.String(length=120), nullable=False),
        sa.Column("push_token", sa.String(length=200), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id", "vendor_id"],
            ["loyalty_cards.id", "loyalty_cards.vendor_id"],
            name="fk_apple_device_registrations_card_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendors.id"], name="fk_apple_device_registrations_vendor_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_apple_device_registrations"),
        sa.UniqueConstraint(
            "device_library_id", "card_id", name="uq_apple_device_registrations_device_library_id_card_id"
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_apple_device_registrations_card_id", "apple_device_registrations", ["card_id"], unique=False)
    op.create_table(
        "contact_links",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("card_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=False),
        sa.Column("sent_at", types.Moment(), nullable=True),
        sa.Column("used_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["card_id", "vendor_id"],
            ["loyalty_cards.id", "loyalty_cards.vendor_id"],
            name="fk_contact_links_card_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name="fk_contact_links_vendor_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_contact_links"),
        sqlite_strict=True,
    )
    op.create_index("ix_contact_links_card_id", "contact_links", ["card_id"], unique=False)
    op.create_index("ix_contact_links_sent_at", "contact_links", ["sent_at"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("card_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 255", name=op.f("ck_idempotency_keys_key_length")),
        sa.CheckConstraint("status BETWEEN 200 AND 499", name=op.f("ck_idempotency_keys_status_range")),
        sa.ForeignKeyConstraint(
            ["card_id", "vendor_id"],
            ["loyalty_cards.id", "loyalty_cards.vendor_id"],
            name="fk_idempotency_keys_card_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendors.id"], name="fk_idempotency_keys_vendor_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_idempotency_keys"),
        sa.UniqueConstraint("vendor_id", "key", name="uq_idempotency_keys_vendor_id_key"),
        sqlite_strict=True,
    )
    op.create_index("ix_idempotency_keys_card_id", "idempotency_keys", ["card_id"], unique=False)
    op.create_table(
        "loyalty_transactions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("card_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("stamps_delta", sa.Integer(), nullable=False),
        sa.Column("points_delta", sa.Integer(), nullable=False),
        sa.Column("remainder_delta", sa.Integer(), nullable=False),
        sa.Column("stamps_after", sa.Integer(), nullable=False),
        sa.Column("points_after", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=True),
        sa.Column("reward_id", sa.String(length=40), nullable=True),
        sa.Column("reward_name", sa.String(length=80), nullable=True),
        sa.Column("reward_retail_cents", sa.BigInteger(), nullable=True),
        sa.Column("reward_cost_cents", sa.BigInteger(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("staff_pin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.Column("acting_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_override", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=True),
        sa.Column("voids_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("batch_id", sa.String(length=40), nullable=True),
        sa.Column("note_digest", sa.String(length=64), nullable=True),
        sa.Column("local_day", types.LocalDay(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("hash_version", sa.Integer(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('stamp_voided', 'points_voided')) = (voids_id IS NOT NULL)",
            name=op.f("ck_loyalty_transactions_void_names_entry"),
        ),
        sa.CheckConstraint(
            "kind <> 'points_earned' OR (points_delta >= 0 AND stamps_delta = 0)",
            name=op.f("ck_loyalty_transactions_points_earn_adds"),
        ),
        sa.CheckConstraint(
            "kind <> 'points_redeemed' OR (points_delta < 0 AND stamps_delta = 0)",
            name=op.f("ck_loyalty_transactions_points_redeem_takes"),
        ),
        sa.CheckConstraint(
            "kind <> 'stamp_earned' OR (stamps_delta > 0 AND points_delta = 0)",
            name=op.f("ck_loyalty_transactions_earn_adds"),
        ),
        sa.CheckConstraint(
            "kind <> 'stamp_redeemed' OR (stamps_delta < 0 AND points_delta = 0)",
            name=op.f("ck_loyalty_transactions_redeem_takes"),
        ),
        sa.CheckConstraint(
            "kind IN ('card_created', 'card_merged', 'stamp_earned', 'stamp_redeemed', 'stamp_voided', 'points_earned', 'points_redeemed', 'points_voided', 'points_adjusted', 'stamps_adjusted', 'balance_imported', 'stamps_expired', 'points_expired', 'card_deactivated', 'card_activated', 'customer_erased')",
            name=op.f("ck_loyalty_transactions_kind_known"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('stamps_expired', 'points_expired') OR stamps_delta + points_delta < 0",
            name=op.f("ck_loyalty_transactions_expiry_takes"),
        ),
        sa.CheckConstraint(
            "source IN ('counter', 'api', 'portal', 'system')", name=op.f("ck_loyalty_transactions_source_known")
        ),
        sa.CheckConstraint(
            "kind NOT IN ('card_created', 'card_activated', 'card_deactivated')"
            " OR (stamps_delta = 0 AND points_delta = 0 AND remainder_delta = 0)",
            name=op.f("ck_loyalty_transactions_state_moves_nothing"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('stamps_adjusted', 'stamps_expired') OR points_delta = 0",
            name=op.f("ck_loyalty_transactions_stamps_leave_points"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('points_adjusted', 'points_expired') OR stamps_delta = 0",
            name=op.f("ck_loyalty_transactions_points_leave_stamps"),
        ),
        sa.CheckConstraint("voids_id <> id", name=op.f("ck_loyalty_transactions_voids_another")),
        sa.CheckConstraint("amount_cents BETWEEN 0 AND 100000000", name=op.f("ck_loyalty_transactions_amount_range")),
        sa.CheckConstraint(
            "length(hash) = 64 AND length(prev_hash) = 64", name=op.f("ck_loyalty_transactions_hash_length")
        ),
        sa.CheckConstraint("remainder_delta BETWEEN -99 AND 99", name=op.f("ck_loyalty_transactions_remainder")),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_loyalty_transactions_seq_positive")),
        sa.CheckConstraint(
            "stamps_after BETWEEN 0 AND 1000000 AND points_after BETWEEN 0 AND 1000000000",
            name=op.f("ck_loyalty_transactions_balances"),
        ),
        sa.ForeignKeyConstraint(
            ["acting_user_id"], ["users.id"], name="fk_loyalty_transactions_acting_user_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["card_id", "vendor_id"],
            ["loyalty_cards.id", "loyalty_cards.vendor_id"],
            name="fk_loyalty_transactions_card_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "vendor_id"],
            ["loyalty_programs.id", "loyalty_programs.vendor_id"],
            name="fk_loyalty_transactions_program_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["staff_pin_id", "vendor_id"],
            ["staff_pins.id", "staff_pins.vendor_id"],
            name="fk_loyalty_transactions_staff_pin_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendors.id"], name="fk_loyalty_transactions_vendor_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["voids_id", "vendor_id"],
            ["loyalty_transactions.id", "loyalty_transactions.vendor_id"],
            name="fk_loyalty_transactions_voids_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_loyalty_transactions"),
        sa.UniqueConstraint("card_id", "seq", name="uq_loyalty_transactions_card_id_seq"),
        sa.UniqueConstraint("id", "vendor_id", name="uq_loyalty_transactions_id_vendor_id"),
        sa.UniqueConstraint("voids_id", name="uq_loyalty_transactions_voids_id"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_loyalty_transactions_source",
        "loyalty_transactions",
        ["vendor_id", "source", "source_id", "id"],
        unique=False,
    )
    op.create_index("ix_loyalty_transactions_vendor_id_id", "loyalty_transactions", ["vendor_id", "id"], unique=False)
    op.create_index(
        "ix_loyalty_transactions_vendor_id_local_day", "loyalty_transactions", ["vendor_id", "local_day"], unique=False
    )
    op.create_index(
        "uq_loyalty_transactions_reference",
        "loyalty_transactions",
        ["vendor_id", "reference"],
        unique=True,
        sqlite_where=sa.text("reference IS NOT NULL AND voids_id IS NULL"),
        postgresql_where=sa.text("reference IS NOT NULL AND voids_id IS NULL"),
    )
    op.create_table(
        "wallet_passes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("card_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("seen_revision", sa.Integer(), nullable=False),
        sa.Column("change_tag", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("next_try_at", types.Moment(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.CheckConstraint("platform IN ('apple', 'google')", name=op.f("ck_wallet_passes_platform_known")),
        sa.CheckConstraint(
            "state IN ('offered', 'saved', 'removed', 'failing')", name=op.f("ck_wallet_passes_state_known")
        ),
        sa.CheckConstraint("seen_revision >= 0 AND attempts >= 0", name=op.f("ck_wallet_passes_revision_range")),
        sa.ForeignKeyConstraint(
            ["card_id", "vendor_id"],
            ["loyalty_cards.id", "loyalty_cards.vendor_id"],
            name="fk_wallet_passes_card_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name="fk_wallet_passes_vendor_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_wallet_passes"),
        sa.UniqueConstraint("card_id", "platform", name="uq_wallet_passes_card_id_platform"),
        sqlite_strict=True,
    )
    op.create_index("ix_wallet_passes_platform_change_tag", "wallet_passes", ["platform", "change_tag"], unique=False)
    op.create_index("ix_wallet_passes_vendor_id", "wallet_passes", ["vendor_id"], unique=False)
    op.create_table(
        "entry_notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vendor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id", "vendor_id"],
            ["loyalty_transactions.id", "loyalty_transactions.vendor_id"],
            name="fk_entry_notes_entry_id_vendor_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.id"], name="fk_entry_notes_vendor_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_entry_notes"),
        sa.UniqueConstraint("entry_id", name="uq_entry_notes_entry_id"),
        sqlite_strict=True,
    )
    create_triggers(op.get_bind())


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("entry_notes")
    op.drop_index("ix_wallet_passes_vendor_id", table_name="wallet_passes")
    op.drop_index("ix_wallet_passes_platform_change_tag", table_name="wallet_passes")
    op.drop_table("wallet_passes")
    op.drop_index(
        "uq_loyalty_transactions_reference",
        table_name="loyalty_transactions",
        sqlite_where=sa.text("reference IS NOT NULL AND voids_id IS NULL"),
        postgresql_where=sa.text("reference IS NOT NULL AND voids_id IS NULL"),
    )
    op.drop_index("ix_loyalty_transactions_vendor_id_local_day", table_name="loyalty_transactions")
    op.drop_index("ix_loyalty_transactions_vendor_id_id", table_name="loyalty_transactions")
    op.drop_index("ix_loyalty_transactions_source", table_name="loyalty_transactions")
    op.drop_table("loyalty_transactions")
    op.drop_index("ix_idempotency_keys_card_id", table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index("ix_contact_links_sent_at", table_name="contact_links")
    op.drop_index("ix_contact_links_card_id", table_name="contact_links")
    op.drop_table("contact_links")
    op.drop_index("ix_apple_device_registrations_card_id", table_name="apple_device_registrations")
    op.drop_table("apple_device_registrations")
    op.drop_index("ix_pairing_codes_device_id", table_name="pairing_codes")
    op.drop_table("pairing_codes")
    op.drop_index("ix_loyalty_cards_vendor_id_last_activity_at", table_name="loyalty_cards")
    op.drop_index(
        "ix_loyalty_cards_merged_into_id",
        table_name="loyalty_cards",
        sqlite_where=sa.text("merged_into_id IS NOT NULL"),
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.drop_index("ix_loyalty_cards_program_id", table_name="loyalty_cards")
    op.drop_index("ix_loyalty_cards_customer_id", table_name="loyalty_cards")
    op.drop_table("loyalty_cards")
    op.drop_table("daily_figures")
    op.drop_index("ix_search_terms_customer_id", table_name="search_terms")
    op.drop_table("search_terms")
    op.drop_index(
        "uq_loyalty_programs_live",
        table_name="loyalty_programs",
        sqlite_where=sa.text("archived_at IS NULL"),
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.drop_table("loyalty_programs")
    op.drop_index("ix_counter_devices_vendor_id", table_name="counter_devices")
    op.drop_table("counter_devices")
    op.drop_index("ix_webauthn_credentials_user_id", table_name="webauthn_credentials")
    op.drop_table("webauthn_credentials")
    op.drop_index("ix_vendor_members_vendor_id", table_name="vendor_members")
    op.drop_table("vendor_members")
    op.drop_table("staff_pins")
    op.drop_index("ix_security_events_vendor_id_id", table_name="security_events")
    op.drop_table("security_events")
    op.drop_table("roles_users")
    op.drop_index("ix_pictures_vendor_id", table_name="pictures")
    op.drop_table("pictures")
    op.drop_index(
        "uq_customers_verified_email",
        table_name="customers",
        sqlite_where=sa.text("email_verified_at IS NOT NULL"),
        postgresql_where=sa.text("email_verified_at IS NOT NULL"),
    )
    op.drop_index("ix_customers_vendor_id_phone", table_name="customers")
    op.drop_table("customers")
    op.drop_index("ix_api_keys_vendor_id", table_name="api_keys")
    op.drop_table("api_keys")
    op.drop_table("vendors")
    op.drop_table("users")
    op.drop_table("roles")
