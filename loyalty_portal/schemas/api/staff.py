from __future__ import annotations

from loyalty_portal.enums import StaffRole
from loyalty_portal.schemas.api.base import Instant, Page, Shape, absent, left_out
from loyalty_portal.schemas.staff import Pin, StaffCreate, StaffUpdate
from loyalty_portal.schemas.text import line


class PinBody(StaffCreate):
    """A new person at the counter. Without `pin` one is made and shown this once."""

    pin: Pin = absent()


class PinChange(StaffUpdate):
    """Only the keys that are sent change."""

    name: line(80) = absent()
    role: StaffRole = absent()
    pin: Pin = absent()
    is_active: bool = absent()


class StaffPin(Shape):
    """A person at the counter. Never the PIN, never its hash."""

    id: int
    name: str
    role: StaffRole
    is_active: bool
    last_used_at: Instant | None
    created_at: Instant


class MadePin(StaffPin):
    """With the PIN that was made, this once; one that was given isn't repeated."""

    pin: str | None = left_out()


class StaffPinPage(Page):
    """People, those who work here first, by name."""

    items: list[StaffPin]
