"""What the audit of the ledger finds."""

from __future__ import annotations

from datetime import datetime

from loyalty_portal.schemas.base import View


class BrokenRow(View):
    """One row that is wrong: an entry, or the card itself when `transaction_id` is None. `problem` is a word of
    `services.ledger_audit.PROBLEMS`.
    """

    card_id: int
    code: str | None
    transaction_id: int | None = None
    seq: int | None = None
    problem: str


class LedgerReport(View):
    """How many cards and entries were read, and the first hundred rows that are wrong."""

    cards: int
    transactions: int
    ok: bool
    broken: list[BrokenRow] = []


class LastAudit(View):
    """An audit that was made before."""

    at: datetime
    report: LedgerReport
