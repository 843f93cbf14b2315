"""Choosing a language."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from loyalty_portal.enums import language
from loyalty_portal.web import render
from loyalty_portal.web.addresses import came_from, inside
from loyalty_portal.web.current import settings
from loyalty_portal.web.guards import public
from loyalty_portal.web.locale import COOKIE, COOKIE_LASTS

blueprint = Blueprint("language", __name__)


@blueprint.post("/language")
@public
def choose() -> Response:
    """Remembers the language in a cookie and goes back to where one was."""
    back = inside(request.form.get("next", "")) or came_from() or url_for("public.landing.show")
    response = render.see_other(back)
    if code := language(request.form.get("language", "")):
        response.set_cookie(
            COOKIE, code, max_age=COOKIE_LASTS, secure=settings.is_production, httponly=True, samesite="Lax"
        )
    return response
