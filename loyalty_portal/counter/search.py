"""Search as you type: name, phone, code."""

from __future__ import annotations

from flask import Blueprint, Response, request

from loyalty_portal.counter import desk
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@requires(Permission.COUNTER)
def index() -> Response:
    """The cards that fit; the last ones while too little is typed."""
    typed = request.args.get("q", "")[:100]
    vendor_id = desk.till().vendor.id
    hits = services.card_service.find(vendor_id, typed)
    short = hits is None
    if hits is None:
        hits = services.card_service.recent(vendor_id)
    return render.page("counter/search/hits.html", hits=hits, typed=typed, short=short)
