"""The vendor's cards."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from loyalty_portal.api import caller, shapes
from loyalty_portal.api.enrolments import enrol
from loyalty_portal.database import transaction
from loyalty_portal.schemas.api.base import Paging
from loyalty_portal.schemas.api.cards import Card, CardPage, CardQuery, EnrolmentBody, LookupQuery
from loyalty_portal.schemas.api.transactions import TransactionPage
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.openapi import VENDOR, documented
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("cards", __name__, url_prefix="/cards")


@blueprint.get("")
@requires(Permission.CARDS_READ)
@documented(VENDOR, {200: CardPage}, query=CardQuery)
def index(asked: CardQuery) -> CardPage:
    """The cards, the newest activity first.

    `search` takes a code, two letters of a name, an e-mail address or the last three digits of a phone.
    """
    wanted = asked.model_dump(include={"search", "is_active", "skip", "limit"})
    views, total = services.card_service.views(caller.vendor().id, caller.vendor().time_zone, **wanted)
    items = [shapes.card(view) for view in views]
    return CardPage(items=items, total=total, skip=asked.skip, limit=asked.limit)


@blueprint.post("")
@requires(Permission.CARDS_EDIT)
@documented(
    VENDOR, {201: Card, 200: Card}, body=EnrolmentBody, problems=["not_found", "program_inactive"], is_keyed=True
)
def create(body: EnrolmentBody) -> Any:
    """Enrols a customer.

    Answers 200 with the existing card when the e-mail or phone is enrolled here already. An address gets a mail with
    a link that proves it.
    """
    return enrol(body)


@blueprint.get("/lookup")
@requires(Permission.CARDS_READ)
@documented(VENDOR, {200: Card}, query=LookupQuery, problems=["not_found"])
def lookup(asked: LookupQuery) -> Card:
    """The card that a scanned or typed code names: with or without the QR's `LC`, in any spelling."""
    vendor = caller.vendor()
    return shapes.card(services.card_service.by_code(vendor.id, vendor.time_zone, asked.code))


@blueprint.get("/<int:card_id>")
@requires(Permission.CARDS_READ)
@documented(VENDOR, {200: Card}, problems=["not_found"])
def show(card_id: int) -> Card:
    """One card."""
    return shapes.card(services.card_service.get(caller.vendor().id, caller.vendor().time_zone, card_id))


@blueprint.get("/<int:card_id>/transactions")
@requires(Permission.CARDS_READ)
@documented(VENDOR, {200: TransactionPage}, query=Paging, problems=["not_found"])
def transactions(card_id: int, asked: Paging) -> TransactionPage:
    """A card's entries, the newest first."""
    vendor = caller.vendor()
    card = services.card_service.get(vendor.id, vendor.time_zone, card_id)
    entries, total = services.card_service.transactions(vendor.id, card_id=card.id, skip=asked.skip, limit=asked.limit)
    items = [shapes.transaction(entry) for entry in entries]
    return TransactionPage(items=items, total=total, skip=asked.skip, limit=asked.limit)


@blueprint.post("/<int:card_id>/activate")
@requires(Permission.CARDS_EDIT)
@documented(VENDOR, {200: Card}, problems=["not_found"])
def activate(card_id: int) -> Card:
    """Switches a card on."""
    return _switched(card_id, True)


@blueprint.post("/<int:card_id>/deactivate")
@requires(Permission.CARDS_EDIT)
@documented(VENDOR, {200: Card}, problems=["not_found"])
def deactivate(card_id: int) -> Card:
    """Switches a card off: it takes no entries any more."""
    return _switched(card_id, False)


def _switched(card_id: int, on: bool) -> Card:
    with transaction():
        card = services.card_service.switch(caller.origin(), card_id, on=on)
    return shapes.card(card)
