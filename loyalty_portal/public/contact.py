"""The mailed link that proves an address."""

from __future__ import annotations

from flask import Blueprint, Response, g, url_for
from werkzeug.wrappers import Response as BaseResponse

from loyalty_portal.database import transaction
from loyalty_portal.errors import LinkExpired
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.extensions import limiter
from loyalty_portal.web.guards import public
from loyalty_portal.web.locale import vendor_locale

blueprint = Blueprint("contact", __name__)
LONGEST = 100


@blueprint.get("/confirm/<token>")
@public
def show(token: str) -> Response:
    """One button: mail scanners open links, but they don't press buttons."""
    try:
        link = services.enrolment_service.read_link(token[:LONGEST])
    except LinkExpired as error:
        return _expired(error)
    vendor = services.vendor_service.get(link.vendor_id)
    vendor_locale(vendor.locale)
    g.time_zone = vendor.time_zone
    program = services.program_service.live(vendor.id)
    return render.page("public/contact/show.html", link=link, vendor=vendor, program=program, token=token)


@blueprint.post("/confirm/<token>")
@public
@limiter.limit("20 per minute")
def confirm(token: str) -> Response | BaseResponse:
    """Verifies the address, or moves the fresh card's stamps to the card that it already has."""
    try:
        with transaction():
            card_token = services.enrolment_service.open_link(token[:LONGEST])
    except LinkExpired as error:
        return _expired(error)
    return render.see_other(url_for("public.card.show", token=card_token, confirmed=1))


def _expired(error: LinkExpired) -> Response:
    return render.page("public/contact/expired.html", error.status)
