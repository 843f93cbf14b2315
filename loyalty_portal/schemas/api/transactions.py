from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty_portal.enums import EntryKind, Source
from loyalty_portal.schemas.api.base import (
    LARGEST_ID,
    Days,
    Instant,
    Page,
    Paging,
    RowId,
    Shape,
    absent,
    left_out,
    whole,
)
from loyalty_portal.schemas.api.cards import Card
from loyalty_portal.schemas.base import Command
from loyalty_portal.schemas.counter import (
    AdjustPoints,
    Amount,
    Points,
    PointsCommand,
    RedeemPoints,
    StampCommand,
    VoidCommand,
)
from loyalty_portal.schemas.staff import Pin

CardCode = Annotated[str, Field(min_length=1, max_length=40)]
_ONE_CARD: list[Any] = [{"required": ["card_id"]}, {"required": ["code"]}]


class Named(Command):
    """Names its card by `card_id` or by `code`, as typed or scanned: exactly one of the two."""

    model_config = ConfigDict(json_schema_extra={"oneOf": _ONE_CARD})

    card_id: RowId = absent()
    code: CardCode = absent()
    staff_pin: Pin = absent()

    @model_validator(mode="after")
    def _one_card(self) -> Self:
        if len(self.model_fields_set & {"card_id", "code"}) != 1:
            names = {"field": "card_id", "names": "card_id, code"}
            raise PydanticCustomError("exactly_one", "names no card or two", names)
        return self


class StampBody(StampCommand, Named):
    """Give stamps."""


class StampRedeemBody(Named):
    """Give the reward of a full card."""


class PointsBody(PointsCommand, Named):
    """Give points for a purchase of `amount_cents`, or as `points`: exactly one of the two."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [{"oneOf": _ONE_CARD}, {"oneOf": [{"required": ["amount_cents"]}, {"required": ["points"]}]}]
        }
    )

    amount_cents: Amount = absent()
    points: Points = absent()


class PointsRedeemBody(RedeemPoints, Named):
    """Give a reward of the catalogue for points."""


class PointsAdjustBody(AdjustPoints, Named):
    """Correct a balance, up or down, with a manager's PIN and a reason."""


class VoidBody(VoidCommand):
    """Take an entry back."""

    staff_pin: Pin = absent()


class TransactionStaff(Shape):
    id: int
    name: str


class Transaction(Shape):
    """An entry of the ledger. What was done is never changed; a correction is a new entry."""

    id: int
    card_id: int
    kind: EntryKind
    stamps_delta: int
    points_delta: int
    stamps_after: int
    points_after: int
    amount_cents: int | None = left_out()
    reward: str | None = left_out()
    staff: TransactionStaff | None = left_out()
    source: Source
    voids_id: int | None = left_out()
    voided_by_id: int | None = left_out()
    note: str | None = left_out()
    reference: str | None = left_out()
    at: Instant


class TransactionPage(Page):
    """Entries, the newest first."""

    items: list[Transaction]


class TransactionQuery(Paging, Days):
    kind: EntryKind = absent()
    staff_id: whole(1, LARGEST_ID) = absent()


class Receipt(Shape):
    """It was done: the entry, the card after it, and what to tell the person at the counter."""

    transaction: Transaction
    card: Card
    reward_ready: bool
    message: str
