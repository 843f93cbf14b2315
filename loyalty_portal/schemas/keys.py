from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from loyalty_portal.schemas.base import Command, View
from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.schemas.text import line
from loyalty_portal.schemas.vendors import VendorView


class Scope(StrEnum):
    """What a key may be narrowed to. A vendor's key knows all but `platform`, the platform's `read` and `platform`."""

    READ = "read"
    COUNTER = "counter"
    CARDS = "cards"
    PROGRAM = "program"
    STAFF = "staff"
    PLATFORM = "platform"


VENDOR_SCOPES = (Scope.READ, Scope.COUNTER, Scope.CARDS, Scope.PROGRAM, Scope.STAFF)
PLATFORM_SCOPES = (Scope.READ, Scope.PLATFORM)


class KeyCreate(Command):
    """A new key. No scopes: everything that a key of its kind may do. `expires_days` from now, or never."""

    name: line(80)
    scopes: tuple[Scope, ...] = ()
    expires_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class KeyView(View):
    """A key as its own requests see it: one statement answers who asks, for which vendor, with which program."""

    id: int
    name: str
    scopes: frozenset[Scope]
    vendor: VendorView | None
    program: ProgramView | None
    last_used_at: datetime | None


class KeyRow(View):
    """A key in a list. `prefix` is the part of it that may be shown."""

    id: int
    vendor_id: int | None
    name: str
    prefix: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


class MadeKey(View):
    """A new key, in plain this once."""

    id: int
    name: str
    plain: str
