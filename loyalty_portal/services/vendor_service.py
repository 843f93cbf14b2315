"""Vendors, their members, and what the platform's admin sees of them."""

from __future__ import annotations

import re
import secrets
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from loyalty_portal.clock import Clock
from loyalty_portal.enums import EntryKind, MemberRole
from loyalty_portal.errors import EmailTaken, Invalid, NotFound, SlugTaken
from loyalty_portal.models import LoyaltyCard, LoyaltyProgram, LoyaltyTransaction, User, Vendor, VendorMember
from loyalty_portal.schemas.programs import ProgramSummary
from loyalty_portal.schemas.vendors import MembershipView, UserView, VendorCreate, VendorSummary, VendorView
from loyalty_portal.services.ledger import AnySession
from loyalty_portal.services.search import folded

vendors = Vendor.__table__
users = User.__table__
members = VendorMember.__table__
programs = LoyaltyProgram.__table__
cards = LoyaltyCard.__table__
entries = LoyaltyTransaction.__table__
_VIEW = [vendors.c[name] for name in VendorView.model_fields]


class VendorService:
    """Who is on the platform."""

    def __init__(self, session: AnySession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def by_slug(self, slug: str) -> VendorView:
        return self._one(vendors.c.slug == slug)

    def get(self, vendor_id: int) -> VendorView:
        return self._one(vendors.c.id == vendor_id)

    def count(self) -> int:
        return self._session.execute(select(func.count()).select_from(vendors)).scalar_one()

    def membership(self, user_id: int, vendor_id: int | None = None) -> MembershipView | None:
        """The user's place at this vendor, or at the first of theirs."""
        query = (
            select(*_VIEW, members.c.role)
            .join(members, members.c.vendor_id == vendors.c.id)
            .where(members.c.user_id == user_id, vendors.c.is_active)
            .order_by(members.c.id)
        )
        if vendor_id is not None:
            query = query.where(vendors.c.id == vendor_id)
        row = self._session.execute(query).first()
        return MembershipView(vendor=VendorView.model_validate(row), role=MemberRole(row.role)) if row else None

    def create(self, command: VendorCreate, *, pin_length: int = 4) -> tuple[VendorView, UserView | None]:
        """A new vendor, and its owner when an address was given. Raises `SlugTaken`, `EmailTaken`."""
        slug = command.slug or self._free_slug(command.name)
        if self._session.execute(select(vendors.c.id).where(vendors.c.slug == slug)).first():
            raise SlugTaken("slug")
        values = {
            "name": command.name,
            "slug": slug,
            "time_zone": command.time_zone,
            "locale": command.locale,
            "currency": command.currency,
            "pin_length": pin_length,
            "is_active": True,
            "created_at": self._clock.now(),
        }
        try:
            row = self._session.execute(insert(vendors).values(values).returning(*_VIEW)).one()
        except IntegrityError as error:
            raise SlugTaken("slug") from error
        owner = None
        if command.owner_email:
            owner = self.add_user(command.owner_email, command.owner_name, field="owner_email", locale=command.locale)
            self.add_member(row.id, owner.id, MemberRole.OWNER)
        return VendorView.model_validate(row), owner

    def add_user(
        self, email: str, name: str | None, *, is_admin: bool = False, field: str = "email", locale: str | None = None
    ) -> UserView:
        """A user without a password: they choose one by their link. Raises `EmailTaken`."""
        if self.user_by_email(email):
            raise EmailTaken(field)
        values = {
            "email": email,
            "name": name or email.split("@")[0],
            "active": True,
            "is_admin": is_admin,
            "locale": locale,
            "fs_uniquifier": uuid.uuid4().hex,
            "created_at": self._clock.now(),
        }
        columns = (users.c.id, users.c.email, users.c.name, users.c.is_admin)
        try:
            row = self._session.execute(insert(users).values(values).returning(*columns)).one()
        except IntegrityError as error:
            raise EmailTaken(field) from error
        return UserView.model_validate(row)

    def user_by_email(self, email: str) -> UserView | None:
        row = self._session.execute(
            select(users.c.id, users.c.email, users.c.name, users.c.is_admin).where(users.c.email == email.lower())
        ).first()
        return UserView.model_validate(row) if row else None

    def set_password_hash(self, user_id: int, password_hash: str) -> None:
        """Stores a password that the caller hashed; all sessions of the user end."""
        values = {"password": password_hash, "fs_uniquifier": uuid.uuid4().hex}
        self._session.execute(update(users).where(users.c.id == user_id).values(values))

    def set_pin_length(self, vendor_id: int, length: int) -> None:
        """How many digits the vendor's PINs have; whoever changes it gives everyone a new PIN."""
        self._session.execute(update(vendors).where(vendors.c.id == vendor_id).values(pin_length=length))

    def set_locale(self, user_id: int, locale: str | None) -> None:
        """The language of a user's pages and mails; None leaves it to their browser."""
        self._session.execute(update(users).where(users.c.id == user_id).values(locale=locale))

    def add_member(self, vendor_id: int, user_id: int, role: MemberRole) -> None:
        values = {"vendor_id": vendor_id, "user_id": user_id, "role": role.value, "created_at": self._clock.now()}
        self._session.execute(insert(members).values(values))

    def owners(self, vendor_id: int) -> list[UserView]:
        rows = self._session.execute(
            select(users.c.id, users.c.email, users.c.name, users.c.is_admin)
            .join(members, members.c.user_id == users.c.id)
            .where(members.c.vendor_id == vendor_id, members.c.role == MemberRole.OWNER.value)
            .order_by(users.c.id)
        )
        return [UserView.model_validate(row) for row in rows]

    # The platform's admin

    def summaries(self, *, skip: int = 0, limit: int = 50) -> tuple[list[VendorSummary], int]:
        """A page of vendors, newest first, each with its program and counts, and how many there are in all."""
        _bounds(skip, limit)
        page = select(vendors.c.id).order_by(vendors.c.id.desc()).offset(skip).limit(limit).subquery()
        counted = self._counts("vendor_id")
        query = (
            select(
                vendors.c.id,
                vendors.c.name,
                vendors.c.slug,
                vendors.c.time_zone,
                vendors.c.locale,
                vendors.c.currency,
                vendors.c.is_active,
                vendors.c.created_at,
                programs.c.id.label("program_id"),
                programs.c.card_name.label("program_name"),
                programs.c.is_active.label("program_active"),
                *counted,
            )
            .join(page, page.c.id == vendors.c.id)
            .outerjoin(programs, and_(programs.c.vendor_id == vendors.c.id, programs.c.archived_at.is_(None)))
            .order_by(vendors.c.id.desc())
        )
        rows = [VendorSummary.model_validate(row) for row in self._session.execute(query)]
        return rows, self.count()

    def program_summaries(
        self, *, is_active: bool | None = None, skip: int = 0, limit: int = 50
    ) -> tuple[list[ProgramSummary], int]:
        """A page of programs, newest first, archived ones too, with their counts."""
        _bounds(skip, limit)
        query: Select[Any] = (
            select(
                programs.c.id,
                programs.c.vendor_id,
                vendors.c.name.label("vendor_name"),
                vendors.c.slug.label("vendor_slug"),
                programs.c.loyalty_type,
                programs.c.card_name,
                programs.c.is_active,
                programs.c.archived_at.is_not(None).label("is_archived"),
                programs.c.created_at,
                *self._counts("program_id"),
            )
            .join(vendors, vendors.c.id == programs.c.vendor_id)
            .order_by(programs.c.id.desc())
        )
        total = select(func.count()).select_from(programs)
        if is_active is not None:
            query, total = (
                query.where(programs.c.is_active == is_active),
                total.where(programs.c.is_active == is_active),
            )
        rows = [ProgramSummary.model_validate(row) for row in self._session.execute(query.offset(skip).limit(limit))]
        return rows, self._session.execute(total).scalar_one()

    # Inside

    def _counts(self, owner: str) -> tuple[Any, Any, Any]:
        """Cards, net stamps of the last 28 days, and the last activity, for each row of the outer query."""
        outer = vendors.c.id if owner == "vendor_id" else programs.c.id
        since = self._clock.now() - timedelta(days=28)
        void = entries.alias("void")
        open_cards = (
            select(func.count())
            .select_from(cards)
            .where(cards.c[owner] == outer, cards.c.closed_at.is_(None))
            .scalar_subquery()
        )
        stamps = (
            select(func.coalesce(func.sum(entries.c.stamps_delta), 0))
            .select_from(entries.outerjoin(void, void.c.voids_id == entries.c.id))
            .where(
                entries.c[owner] == outer,
                entries.c.kind == EntryKind.STAMP_EARNED.value,
                entries.c.at >= since,
                void.c.id.is_(None),
            )
            .scalar_subquery()
        )
        last = select(func.max(cards.c.last_activity_at)).where(cards.c[owner] == outer).scalar_subquery()
        return open_cards.label("cards"), stamps.label("stamps_28d"), last.label("last_activity_at")

    def _one(self, condition: Any) -> VendorView:
        row = self._session.execute(select(*_VIEW).where(condition, vendors.c.is_active)).first()
        if row is None:
            raise NotFound
        return VendorView.model_validate(row)

    def _free_slug(self, name: str) -> str:
        base = re.sub(r"[^a-z0-9]+", "-", folded(name)).strip("-")[:50].strip("-") or "shop"
        base = base if len(base) >= 2 else f"{base}-shop"
        slug = base
        while self._session.execute(select(vendors.c.id).where(vendors.c.slug == slug)).first():
            slug = f"{base}-{secrets.randbelow(9000) + 1000}"
        return slug


def _bounds(skip: int, limit: int) -> None:
    if not 0 <= skip <= 1_000_000 or not 1 <= limit <= 100:
        raise Invalid(errors=[{"field": "skip", "type": "out_of_bounds", "ctx": {}}])
