"""What this till likes: its camera, sounds, hand, text size and light. All of it is kept in its browser."""

from __future__ import annotations

from flask import Blueprint, Response

from loyalty_portal.web import render
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("settings", __name__)


@blueprint.get("/settings")
@requires(Permission.COUNTER)
def show() -> Response:
    """The one page of settings. The server keeps none of them: another tablet at this counter may differ."""
    return render.page("counter/settings/show.html")
