from __future__ import annotations

from loyalty_portal.schemas.api.base import Instant, Page, Shape
from loyalty_portal.schemas.vendors import Currency, Language, VendorCreate, Zone


class VendorBody(VendorCreate):
    """A new shop, perhaps with the owner to invite."""

    time_zone: Zone
    locale: Language
    currency: Currency


class Vendor(Shape):
    """A shop."""

    id: int
    name: str
    slug: str
    time_zone: str
    locale: str
    currency: str
    is_active: bool


class VendorWithCounts(Vendor):
    """With its program and counts; no personal names."""

    created_at: Instant
    program_id: int | None
    program_name: str | None
    cards: int
    stamps_28d: int
    last_activity_at: Instant | None


class VendorPage(Page):
    """Vendors, the newest first."""

    items: list[VendorWithCounts]
