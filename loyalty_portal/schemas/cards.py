from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Self

import phonenumbers
from pydantic import BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from loyalty_portal.schemas.base import Command, View
from loyalty_portal.schemas.text import Email, line
from loyalty_portal.schemas.vendors import Language

HOME_REGION = "LU"


def phone_number(value: Any) -> Any:
    """A telephone number as E.164 (`+352621123456`). Without a country code it is Luxembourg's,
    also when written with a leading 0, which Luxembourg doesn't have.
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    for candidate in (text, text.lstrip("0") if not text.startswith("00") else "+" + text[2:]):
        try:
            number = phonenumbers.parse(candidate, HOME_REGION)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise PydanticCustomError("phone", "isn't a telephone number")


Phone = Annotated[str, BeforeValidator(phone_number)]


class Enrolment(Command):
    """Who joins. Everything is optional."""

    first_name: line(80) | None = None
    last_name: line(80) | None = None
    email: Email | None = None
    phone: Phone | None = None
    birth_date: date | None = None
    locale: Language | None = None
    marketing_consent: bool = False


class Joining(Command):
    """The enrolment page's two fields and one tick. `contact` is an e-mail address or a telephone number."""

    first_name: line(80) | None = None
    contact: line(254) | None = None
    marketing_consent: bool = False

    @model_validator(mode="after")
    def _understood(self) -> Self:
        self.enrolment("en")
        return self

    def enrolment(self, locale: str) -> Enrolment:
        """The same as an enrolment, with the contact told apart."""
        email = phone = None
        if self.contact and "@" in self.contact:
            email = self.contact
        elif self.contact:
            phone = self.contact
        try:
            return Enrolment(
                first_name=self.first_name,
                email=email,
                phone=phone,
                locale=locale,
                marketing_consent=self.marketing_consent,
            )
        except ValueError as error:
            raise PydanticCustomError("contact", "isn't an address or a number", {"field": "contact"}) from error


class CardView(View):
    """A card with its balances. `stamps_shown` of `stamps_target` is what its drawing shows: a full card reads
    "10 of 10", the eleventh stamp "1 of 10" with one reward ready. `points_remainder` is hundredths of a point.
    `expires_on` is the last local day of what is on it, `expires_soon` whether that is within 30 days.
    """

    id: int
    vendor_id: int
    program_id: int
    customer_id: int
    code: str
    link_token: str
    first_name: str | None
    last_name: str | None
    email: str | None = None
    phone: str | None = None
    stamp_count: int
    stamps_target: int | None
    stamps_shown: int
    rewards_ready: int
    reward_description: str | None
    reward_value_cents: int | None
    total_stamps_earned: int
    stamps_redeemed: int
    points_balance: int
    total_points_earned: int
    points_redeemed: int
    points_remainder: int = 0
    stamps_today: int
    next_stamp_at: datetime | None
    room_in_visit: int = 0
    next_purchase_at: datetime | None = None
    expires_on: date | None = None
    expires_soon: bool = False
    last_visit_at: datetime | None
    last_activity_at: datetime | None = None
    is_active: bool
    is_closed: bool
    revision: int
    created_at: datetime


class CardHit(View):
    """A card in a list: enough to recognise it."""

    id: int
    code: str
    first_name: str | None
    last_name: str | None
    email: str | None
    email_verified: bool
    phone: str | None
    stamp_count: int
    stamps_shown: int
    stamps_target: int | None
    rewards_ready: int
    points_balance: int = 0
    last_visit_at: datetime | None
    last_activity_at: datetime
    is_active: bool
    created_at: datetime


class CustomerView(View):
    """The person behind a card, for the vendor."""

    id: int
    first_name: str | None
    last_name: str | None
    email: str | None
    email_verified: bool
    phone: str | None
    locale: str
    marketing_consent_at: datetime | None
    created_at: datetime


class ContactLinkView(View):
    """What the page behind a mailed link shows, and what the mail needs."""

    id: int
    vendor_id: int
    vendor_name: str
    email: str
    locale: str
    card_name: str
    nonce: str
    known: bool
    is_sent: bool
