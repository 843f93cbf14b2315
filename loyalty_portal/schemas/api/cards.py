from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from loyalty_portal.schemas.api.base import Instant, Later, Page, Paging, Query, QueryBool, Shape, absent, left_out
from loyalty_portal.schemas.api.programs import PublicProgram
from loyalty_portal.schemas.cards import Enrolment
from loyalty_portal.schemas.text import line

BirthDate = Annotated[date, Field(ge=date(1900, 1, 1))]


class EnrolmentBody(Enrolment):
    """Who joins; a card without any of it is allowed. Phones are stored as E.164."""

    birth_date: BirthDate | None = None


class CardCustomer(Shape):
    """The person behind a card, as the vendor knows them."""

    id: int
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None


class Card(Shape):
    """A customer's card. `rewards_ready` is how many rewards its stamps are enough for; `next_stamp_at` is there
    while the card must wait for its next stamp.
    """

    id: int
    code: str
    link_token: str
    customer: CardCustomer
    stamp_count: int
    stamps_target: int | None
    rewards_ready: int
    total_stamps_earned: int
    stamps_redeemed: int
    points_balance: int
    total_points_earned: int
    points_redeemed: int
    last_activity_at: Instant
    next_stamp_at: Later | None = left_out()
    stamps_today: int
    is_active: bool
    created_at: Instant
    card_url: str


class CardPage(Page):
    """Cards, the newest activity first."""

    items: list[Card]


class CardQuery(Paging):
    search: line(80) = absent()
    is_active: QueryBool = absent()


class LookupQuery(Query):
    code: Annotated[str, Field(min_length=1, max_length=40)]


class PublicEntry(Shape):
    """What happened on a card, as its customer may see it."""

    kind: str
    stamps_delta: int
    points_delta: int
    reward: str | None = left_out()
    at: Instant


class Wallets(Shape):
    """Where the card can be added to a wallet; null where it can't."""

    apple: str | None
    google: str | None


class PublicCard(Shape):
    """A card as whoever has its link sees it."""

    link_token: str
    code: str
    first_name: str | None
    stamp_count: int
    stamps_target: int | None
    rewards_ready: int
    points_balance: int
    program: PublicProgram
    entries: list[PublicEntry]
    wallets: Wallets


class Enrolled(Shape):
    """The same in every way whether the address is known or not."""

    card: PublicCard
    card_url: str
    apple_wallet_url: str | None = left_out()
    google_wallet_url: str | None = left_out()
