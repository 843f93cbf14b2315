"""Search as you type: name, phone, code."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from loyalty_portal.counter import desk
from loyalty_portal.errors import CardNotFound
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@requires(Permission.COUNTER)
def index() -> Response | BaseResponse:
    """The cards that fit; the last ones while too little is typed. A whole code with Enter opens its card."""
    typed = request.args.get("q", "")[:100]
    vendor = desk.till().vendor
    vendor_id = vendor.id
    if not request.headers.get("HX-Request"):  # as one types, the list alone may change
        try:
            card = services.card_service.by_code(vendor_id, vendor.time_zone, typed)
        except CardNotFound:
            pass
        else:
            return render.see_other(url_for("counter.cards.show", code=card.code))
    hits = services.card_service.find(vendor_id, typed)
    short = hits is None
    if hits is None:
        hits = services.card_service.recent(vendor_id)
    return render.page("counter/search/hits.html", hits=hits, typed=typed, short=short)
