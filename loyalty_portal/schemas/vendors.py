from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from loyalty_portal.enums import MemberRole, language
from loyalty_portal.schemas.base import Command, View
from loyalty_portal.schemas.text import Email, Slug, line

CURRENCIES = ("EUR", "CHF", "GBP", "USD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "CAD", "AUD", "NZD")
"""Currencies with cents. One without (or with tenths) would make "cents" a lie."""


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """The IANA zones that a vendor may live in."""
    return tuple(
        sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix")))
    )


def _zone(value: str) -> str:
    if value not in time_zones():
        raise PydanticCustomError("time_zone", "isn't a time zone")
    return value


def _currency(value: str) -> str:
    if value.upper() not in CURRENCIES:
        raise PydanticCustomError("currency", "isn't a currency known here")
    return value.upper()


def _language(value: Any) -> Any:
    code = language(value) if isinstance(value, str) else None
    if code is None:
        raise PydanticCustomError("language", "isn't a language spoken here")
    return code


Zone = Annotated[str, AfterValidator(_zone)]
Currency = Annotated[str, AfterValidator(_currency)]
Language = Annotated[str, BeforeValidator(_language)]


class VendorCreate(Command):
    """A new shop, perhaps with the owner to invite."""

    name: line(120)
    slug: Slug | None = None
    time_zone: Zone = "Europe/Luxembourg"
    locale: Language = "en"
    currency: Currency = "EUR"
    owner_email: Email | None = None
    owner_name: line(120) | None = None


class VendorView(View):
    id: int
    name: str
    slug: str
    time_zone: str
    locale: str
    currency: str
    pin_length: int
    is_active: bool


class VendorSummary(View):
    """A vendor as the platform's admin sees it: counts, no personal names."""

    id: int
    name: str
    slug: str
    time_zone: str
    locale: str
    currency: str
    is_active: bool
    created_at: datetime
    program_id: int | None
    program_name: str | None
    program_active: bool | None
    cards: int
    stamps_28d: int
    last_activity_at: datetime | None


class MembershipView(View):
    vendor: VendorView
    role: MemberRole


class UserView(View):
    id: int
    email: str
    name: str
    is_admin: bool


class PinLengthChange(Command):
    """All PINs of the vendor have this many digits."""

    pin_length: Annotated[int, Field(ge=4, le=6, multiple_of=2)]


class AccountUpdate(Command):
    """What people choose about their own account."""

    locale: Language
