"""The customer's card, at a link that can't be guessed."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from loyalty_portal.enums import EntryKind
from loyalty_portal.schemas.counter import EntryView
from loyalty_portal.web import google_passes, render
from loyalty_portal.web.current import portal, services
from loyalty_portal.web.extensions import limiter
from loyalty_portal.web.guards import public
from loyalty_portal.web.locale import vendor_locale

blueprint = Blueprint("card", __name__)
SHOWN = 10
# Voids, switches and the like are told by the entries' marks and by the card itself.
_READ = 40


@blueprint.get("/c/<token>")
@public
def show(token: str) -> Response:
    """The card as it stands now, with its code for the counter and its last visits."""
    vendor_id, card_id = services.card_service.vendor_of_link(token[:60])
    vendor = services.vendor_service.get(vendor_id)
    g.time_zone = vendor.time_zone
    vendor_locale(vendor.locale)
    card = services.card_service.get(vendor_id, vendor.time_zone, card_id)
    entries = services.card_service.entries(vendor_id, card_id, limit=_READ)
    # A bookmark keeps the address it was made at: who has been to the counter isn't new any more.
    is_new = request.args.get("new") == "1" and card.last_visit_at is None and not card.is_closed
    return render.page(
        "public/card/show.html",
        vendor=vendor,
        program=services.program_service.get(card.program_id, vendor_id),
        card=card,
        token=token,
        has_google=services.google_wallet_service.is_on and not card.is_closed,
        visits=[entry for entry in entries if _is_visit(entry)][:SHOWN],
        is_new=is_new,
        is_mailed=is_new and request.args.get("mailed") == "1",
        is_confirmed=request.args.get("confirmed") == "1" and not card.is_closed,
    )


@blueprint.get("/c/<token>/google")
@public
@limiter.limit("30 per minute")
def google(token: str) -> BaseResponse:
    """Leads to the save link of Google Wallet; a page says so while Google can't be reached."""
    vendor_id, card_id = services.card_service.vendor_of_link(token[:60])
    return redirect(google_passes.save_link(portal.services, vendor_id, card_id), 302)


_SHOWN_KINDS = {
    EntryKind.STAMP_EARNED,
    EntryKind.STAMP_REDEEMED,
    EntryKind.STAMPS_EXPIRED,
    EntryKind.POINTS_EARNED,
    EntryKind.POINTS_REDEEMED,
    EntryKind.POINTS_ADJUSTED,
    EntryKind.POINTS_EXPIRED,
}


def _is_visit(entry: EntryView) -> bool:
    """Whether the customer was there for it, or what is on the card changed: moved here, corrected, expired."""
    if entry.kind is EntryKind.CARD_MERGED:
        return entry.stamps_delta > 0 or entry.points_delta > 0
    return entry.kind in _SHOWN_KINDS
