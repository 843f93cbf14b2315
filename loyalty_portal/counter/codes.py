"""A code that was scanned or typed leads to its card."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from loyalty_portal.counter import desk
from loyalty_portal.errors import CardNotFound
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("codes", __name__)


@blueprint.get("/codes")
@requires(Permission.COUNTER)
def open() -> Response | BaseResponse:
    """Takes the reading whose check character fits. Unknown, foreign and damaged codes get one and the same answer."""
    vendor = desk.till().vendor
    for name in ("code", "code_alt"):
        try:
            card = services.card_service.by_code(vendor.id, vendor.time_zone, request.args.get(name, ""))
        except CardNotFound:
            continue
        return render.see_other(url_for("counter.cards.show", code=card.code))
    return unknown()


def unknown() -> Response:
    """ "That's not one of your cards." """
    return render.page("counter/codes/unknown.html", 404)
