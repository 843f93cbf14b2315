"""The way in."""

from __future__ import annotations

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from loyalty_portal.web import render
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@requires(Permission.PLATFORM_READ)
def show() -> Response:
    """The list of vendors is the first page."""
    return render.see_other(url_for("admin.vendors.index"))
