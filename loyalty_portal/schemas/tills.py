from __future__ import annotations

from datetime import datetime

from loyalty_portal.schemas.base import Command, View
from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.schemas.staff import StaffMember
from loyalty_portal.schemas.text import line
from loyalty_portal.schemas.vendors import VendorView


class TillCreate(Command):
    name: line(60)


class PairingCommand(Command):
    """The code that was read off the owner's screen, in any spelling."""

    code: line(40)


class TillView(View):
    """A till as its own requests see it: one statement answers who asks, for which vendor, with which program."""

    id: int
    name: str
    vendor: VendorView
    program: ProgramView | None
    unlocked_by: StaffMember | None
    unlocked_until: datetime | None
    pin_locked_until: datetime | None
    last_seen_at: datetime | None


class TillRow(View):
    """A till in the owner's list."""

    id: int
    name: str
    is_paired: bool
    is_revoked: bool
    pin_wrong: int
    pin_locked_until: datetime | None
    last_seen_at: datetime | None
    created_at: datetime


class PairingView(View):
    """A pairing code, shown once: `code` in plain, valid until `expires_at`."""

    till_id: int
    till_name: str
    code: str
    expires_at: datetime | None
