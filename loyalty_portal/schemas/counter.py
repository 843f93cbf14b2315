"""What happens at the counter: who asks for what, and the two answers that are kept, receipt and refusal."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from loyalty_portal.enums import EntryKind, Source, StaffRole
from loyalty_portal.schemas.base import Command, View
from loyalty_portal.schemas.cards import CardView
from loyalty_portal.schemas.programs import RewardId
from loyalty_portal.schemas.text import line

Quantity = Annotated[int, Field(ge=1, le=20)]
Amount = Annotated[int, Field(ge=1, le=100_000_000)]
Points = Annotated[int, Field(ge=1, le=1_000_000)]
PointsChange = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
IdempotencyText = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,255}$")]


class StampCommand(Command):
    """Give `quantity` stamps."""

    quantity: Quantity = 1
    note: line(200) | None = None


class PointsCommand(Command):
    """Give points: for a purchase of `amount_cents`, or as `points`; exactly one of the two. A `reference` names
    the purchase once for the whole vendor.
    """

    amount_cents: Amount | None = None
    points: Points | None = None
    reference: line(120) | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if self.amount_cents is None and self.points is None:
            raise PydanticCustomError("missing_for_type", "is needed", {"field": "amount_cents"})
        if self.amount_cents is not None and self.points is not None:
            raise PydanticCustomError("one_of_two", "excludes the amount", {"field": "points"})
        return self


class RedeemPoints(Command):
    """Give a reward of the catalogue for points."""

    reward_id: RewardId


class AdjustPoints(Command):
    """Correct a balance by `points`, up or down. Needs a manager's PIN."""

    points: PointsChange
    reason: line(200)

    @model_validator(mode="after")
    def _changes(self) -> Self:
        if self.points == 0:
            raise PydanticCustomError("no_change", "changes nothing", {"field": "points"})
        return self


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
    reward_id: str | None = None
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
    """It was done: the entry and the card after it. `more_in_visit` is how many stamps this visit still allows,
    `reward_ready` whether stamps or points are enough for a reward, `visited_before` when the card was here before.
    """

    outcome: Literal["receipt"] = "receipt"
    transaction: EntryView
    card: CardView
    reward_ready: bool
    more_in_visit: int = 0
    visited_before: datetime | None = None


class Facts(View):
    """What the sentence of a refusal needs."""

    retry_at: datetime | None = None
    limit: int | None = None
    balance: int | None = None
    needed: int | None = None
    transaction_id: int | None = None


class Refusal(View):
    """A rule says no. Nothing was written but the key."""

    outcome: Literal["refusal"] = "refusal"
    code: str
    status: int = 409
    facts: Facts = Facts()
    card: CardView | None = None


Answer = Receipt | Refusal
ANSWER: TypeAdapter[Answer] = TypeAdapter(Annotated[Receipt | Refusal, Field(discriminator="outcome")])
