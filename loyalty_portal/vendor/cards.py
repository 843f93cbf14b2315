"""The shop's cards and the people behind them."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from loyalty_portal.database import transaction
from loyalty_portal.enums import Source
from loyalty_portal.vendor.shop import origin, own_vendor, wanted_on
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("cards", __name__, url_prefix="/cards")
PAGE = 25
_STATES = {"1": True, "0": False}


@blueprint.get("")
@requires(Permission.CARDS_READ)
def index() -> Response:
    """A page of cards, latest activity first; searched by name, phone or code."""
    vendor = own_vendor()
    search = request.args.get("search", "")[:100].strip()
    state = request.args.get("is_active", "")
    state = state if state in _STATES else ""
    skip = request.args.get("skip", 0, type=int)
    found, total = services.card_service.page(
        vendor.id, search=search, is_active=_STATES.get(state), skip=skip, limit=PAGE
    )
    return render.page(
        "vendor/cards/index.html",
        cards=found,
        total=total,
        search=search,
        state=state,
        skip=skip,
        limit=PAGE,
        program=services.program_service.live(vendor.id),
    )


@blueprint.get("/<int:card_id>")
@requires(Permission.CARDS_READ)
def show(card_id: int) -> Response:
    """One card: who has it, how it stands, and everything that ever happened to it."""
    vendor = own_vendor()
    card = services.card_service.get(vendor.id, vendor.time_zone, card_id)
    skip = max(0, min(request.args.get("skip", 0, type=int), 1_000_000))
    entries = services.card_service.entries(vendor.id, card.id, skip=skip, limit=PAGE + 1)
    tills = {till.id: till.name for till in services.device_service.tills(vendor.id)}
    return render.page(
        "vendor/cards/show.html",
        card=card,
        program=services.program_service.get(card.program_id, vendor.id),
        customer=services.card_service.customer(vendor.id, card.customer_id),
        entries=entries[:PAGE],
        places={entry.id: tills.get(entry.source_id or 0) for entry in entries if entry.source is Source.COUNTER},
        skip=skip,
        limit=PAGE,
        has_more=len(entries) > PAGE,
    )


@blueprint.post("/<int:card_id>/switch")
@requires(Permission.CARDS_EDIT)
def switch(card_id: int) -> BaseResponse:
    """Switches a card off or on, by an entry that stays in its history."""
    on = wanted_on()
    with transaction():
        services.card_service.switch(origin(), card_id, on=on)
    flash(_("The card is on.") if on else _("The card is off. Its stamps are kept."), "success")
    return render.see_other(url_for("vendor.cards.show", card_id=card_id))
