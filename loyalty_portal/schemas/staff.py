from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from loyalty_portal.enums import StaffRole
from loyalty_portal.schemas.base import Command, View
from loyalty_portal.schemas.text import line

# ASCII digits only: `str.isdigit` and `\d` would let other scripts' digits pass.
Pin = Annotated[str, Field(pattern=r"^(?:[0-9]{4}|[0-9]{6})$")]


class StaffCreate(Command):
    """A new person at the counter. Without `pin` one is made and shown once."""

    name: line(80)
    role: StaffRole = StaffRole.STAFF
    pin: Pin | None = None


class StaffUpdate(Command):
    """Only what is sent changes."""

    name: line(80) | None = None
    role: StaffRole | None = None
    pin: Pin | None = None
    is_active: bool | None = None


class StaffMember(View):
    """Somebody at the counter: as much as an entry needs of them."""

    id: int
    name: str
    role: StaffRole


class StaffView(StaffMember):
    """Never the PIN, never its hash."""

    vendor_id: int
    is_active: bool
    last_used_at: datetime | None
    created_at: datetime
