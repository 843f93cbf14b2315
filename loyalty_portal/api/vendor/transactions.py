"""The ledger's entries: listed, and taken back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from loyalty_portal.api import caller, shapes
from loyalty_portal.schemas.api.transactions import Receipt, TransactionPage, TransactionQuery, VoidBody
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.openapi import PIN, VENDOR, documented
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("transactions", __name__, url_prefix="/transactions")


@blueprint.get("")
@requires(Permission.CARDS_READ)
@documented(VENDOR, {200: TransactionPage}, query=TransactionQuery)
def index(asked: TransactionQuery) -> TransactionPage:
    """All entries, the newest first. `from` and `to` are days in the vendor's time zone, both included."""
    wanted = asked.model_dump(include={"kind", "staff_id", "first", "last", "skip", "limit"})
    entries, total = services.card_service.transactions(caller.vendor().id, **wanted)
    items = [shapes.transaction(entry) for entry in entries]
    return TransactionPage(items=items, total=total, skip=asked.skip, limit=asked.limit)


@blueprint.post("/<int:transaction_id>/void")
@requires(Permission.COUNTER)
@documented(
    VENDOR,
    {201: Receipt},
    body=VoidBody,
    body_is_optional=True,
    problems=[
        *PIN,
        "not_found",
        "manager_required",
        "already_voided",
        "not_voidable",
        "void_too_late",
        "card_inactive",
        "program_inactive",
    ],
    is_keyed=True,
)
def void(transaction_id: int, body: VoidBody) -> Any:
    """Takes an entry back by a new, opposite one.

    Within 60 seconds by the key that made it without a PIN; later with a manager's PIN and a reason.
    """
    entry = services.card_service.entry(caller.vendor().id, transaction_id)
    return caller.perform(
        body,
        lambda: caller.staff(body.staff_pin) if body.staff_pin else None,
        lambda origin, keyed: services.entry_service.void(origin, entry.id, body, keyed),
        transaction_id=entry.id,
    )
