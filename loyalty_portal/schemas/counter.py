"""What happens at the counter: who asks for what, and the two answers that are kept, receipt and refusal."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from loyalty_portal.enums import EntryKind, Source, StaffRole
from loyalty_portal.schemas.base import Command, View
from loyalty_portal.schemas.cards import CardView
from loyalty_portal.schemas.text import line

Quantity = Annotated[int, Field(ge=1, le=20)]
IdempotencyText = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,255}$")]


class StampCommand(Command):
    """Give `quantity` stamps."""

    quantity: Quantity = 1


class VoidCommand(Command):
    """Take an entry back. Later than a minute it needs a manager's PIN and a reason."""

    reason: line(200) | None = None


class Origin(View):
    """Who does it and where: a till, an API key, the portal or the system, in the vendor's time zone."""

    vendor_id: int
    time_zone: str
    source: Source
    source_id: int | None = None
    staff_pin_id: int | None = None
    staff_name: str | None = None
    staff_role: StaffRole | None = None
    acting_user_id: int | None = None


class Keyed(View):
    """An idempotency key with the keyed hash of its request, PIN left out."""

    key: str
    request_hash: str


class EntryView(View):
    """An entry of the ledger."""

    id: int
    card_id: int
    seq: int
    kind: EntryKind
    stamps_delta: int
    points_delta: int
    stamps_after: int
    points_after: int
    amount_cents: int | None = None
    reward_name: str | None = None
    staff_pin_id: int | None = None
    staff_name: str | None = None
    source: Source
    source_id: int | None = None
    voids_id: int | None = None
    voided_by_id: int | None = None
    note: str | None = None
    reference: str | None = None
    is_override: bool = False
    at: datetime


class HistoryRow(View):
    """An entry with the card it belongs to, for lists over all cards."""

    entry: EntryView
    code: str
    first_name: str | None
    last_name: str | None
    stamps_target: int | None


class Receipt(View):
    """It was done: the entry and the card after it. `more_in_visit` is how many stamps this visit still allows."""

    outcome: Literal["receipt"] = "receipt"
    transaction: EntryView
    card: CardView
    reward_ready: bool
    more_in_visit: int = 0


class Facts(View):
    """What the sentence of a refusal needs."""

    retry_at: datetime | None = None
    limit: int | None = None
    balance: int | None = None
    needed: int | None = None


class Refusal(View):
    """A rule says no. Nothing was written but the key."""

    outcome: Literal["refusal"] = "refusal"
    code: str
    status: int = 409
    facts: Facts = Facts()
    card: CardView | None = None


Answer = Receipt | Refusal
ANSWER: TypeAdapter[Answer] = TypeAdapter(Annotated[Receipt | Refusal, Field(discriminator="outcome")])
