"""A card, for whoever has its link."""

from __future__ import annotations

from flask import Blueprint, redirect
from werkzeug.wrappers import Response as BaseResponse

from loyalty_portal.api import shapes
from loyalty_portal.errors import NotFound
from loyalty_portal.schemas.api.cards import PublicCard
from loyalty_portal.web import google_passes
from loyalty_portal.web.current import portal, services
from loyalty_portal.web.extensions import limiter
from loyalty_portal.web.guards import public
from loyalty_portal.web.locale import vendor_locale
from loyalty_portal.web.openapi import PUBLIC, documented

blueprint = Blueprint("cards", __name__, url_prefix="/cards")
LONGEST_TOKEN = 60


@blueprint.get("/<link_token>")
@public
@documented(PUBLIC, {200: PublicCard}, problems=["not_found"])
def show(link_token: str) -> PublicCard:
    """The card as it stands now, with its program and its last entries."""
    vendor_id, card_id = services.card_service.vendor_of_link(link_token[:LONGEST_TOKEN])
    vendor = services.vendor_service.get(vendor_id)
    vendor_locale(vendor.locale)
    card = services.card_service.get(vendor_id, vendor.time_zone, card_id)
    entries, _ = services.card_service.transactions(vendor_id, card_id=card_id, limit=shapes.ENTRIES_SHOWN)
    program = services.program_service.get(card.program_id, vendor_id)
    return shapes.public_card(card, vendor, program, entries)


@blueprint.get("/<link_token>/apple.pkpass")
@public
@documented(PUBLIC, {}, problems=["not_found"])
def apple(link_token: str) -> None:
    """The card for Apple Wallet; 404 when the platform has no Apple certificate."""
    raise NotFound


@blueprint.get("/<link_token>/google")
@public
@limiter.limit("30 per minute")
@documented(PUBLIC, {302: None}, problems=["not_found", "wallet_away"])
def google(link_token: str) -> BaseResponse:
    """Leads to the save link of Google Wallet, once Google knows the card; 404 when the platform has no issuer
    account, 503 while Google can't be reached.
    """
    vendor_id, card_id = services.card_service.vendor_of_link(link_token[:LONGEST_TOKEN])
    return redirect(google_passes.save_link(portal.services, vendor_id, card_id), 302)
