"""The first page, and where a sign-in leads."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from werkzeug.wrappers import Response as BaseResponse

from loyalty_portal.web import render
from loyalty_portal.web.current import actor
from loyalty_portal.web.guards import public
from loyalty_portal.web.permissions import ActorKind

blueprint = Blueprint("landing", __name__)


@blueprint.get("/")
@public
def show() -> Response:
    """What this is, and the way in."""
    return render.page("public/landing/show.html")


@blueprint.get("/welcome")
@public
def welcome() -> BaseResponse:
    """Sends a signed-in person to where they belong."""
    if actor.kind is ActorKind.ADMIN:
        return render.see_other(url_for("admin.vendors.index"))
    if actor.vendor is not None:
        return render.see_other(url_for("vendor.dashboard.show"))
    return render.see_other(url_for("public.landing.show") if actor.is_signed_in else url_for("security.login"))
