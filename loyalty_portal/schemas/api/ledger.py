from __future__ import annotations

from loyalty_portal.schemas.api.base import Shape, left_out


class BrokenRow(Shape):
    """A row that is wrong: an entry, or the card itself when `transaction_id` isn't there."""

    card_id: int
    code: str | None
    transaction_id: int | None = left_out()
    seq: int | None = left_out()
    problem: str


class LedgerReport(Shape):
    """How many cards and entries were read, and the first hundred rows that are wrong."""

    cards: int
    transactions: int
    ok: bool
    broken: list[BrokenRow]
