"""Who signs in with e-mail and password. The column names are Flask-Security's where it asks for them."""

from __future__ import annotations

from datetime import datetime

from flask_security import AsaList, RoleMixin, UserMixin, WebAuthnMixin
from sqlalchemy import Column, DateTime, ForeignKey, LargeBinary, String, Table, Text
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from loyalty_portal.database import db
from loyalty_portal.models.types import At, Flag, Id, Name, big

roles_users = Table(
    "roles_users",
    db.metadata,
    Column("user_id", big, ForeignKey("users.id", ondelete="RESTRICT"), primary_key=True),
    Column("role_id", big, ForeignKey("roles.id", ondelete="RESTRICT"), primary_key=True),
)


class Role(db.Model, RoleMixin):
    """Flask-Security's roles; ours are `is_admin` and the vendor's members."""

    __tablename__ = "roles"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str | None] = mapped_column(String(255))
    permissions: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))


class User(db.Model, UserMixin):
    """An owner, a manager or an admin of the platform."""

    __tablename__ = "users"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[Name]
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[Flag]
    is_admin: Mapped[Flag]
    locale: Mapped[str | None] = mapped_column(String(2))
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_phone_number: Mapped[str | None] = mapped_column(String(128))
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    created_at: Mapped[At]

    roles: Mapped[list[Role]] = relationship(secondary=roles_users, lazy="select")
    webauthn: Mapped[list[WebAuthn]] = relationship(back_populates="user", lazy="select")


class WebAuthn(db.Model, WebAuthnMixin):
    """A passkey."""

    __tablename__ = "webauthn_credentials"

    id: Mapped[Id]
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(1024))
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    backup_state: Mapped[Flag]
    device_type: Mapped[str] = mapped_column(String(64))
    extensions: Mapped[str | None] = mapped_column(Text)
    create_datetime: Mapped[datetime] = mapped_column(DateTime)
    lastuse_datetime: Mapped[datetime] = mapped_column(DateTime)
    name: Mapped[str] = mapped_column(String(64))
    usage: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)

    user: Mapped[User] = relationship(back_populates="webauthn", lazy="raise_on_sql")
