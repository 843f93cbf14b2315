"""Choosing a language."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from loyalty_portal.enums import language
from loyalty_portal.web import render
from loyalty_portal.web.current import settings
from loyalty_portal.web.guards import public
from loyalty_portal.web.locale import COOKIE, COOKIE_LASTS

blueprint = Blueprint("language", __name__)


@blueprint.post("/language")
@public
def choose() -> Response:
    """Remembers the language in a cookie and goes back to where one was."""
    response = render.see_other(inside(request.form.get("next", "")) or url_for("public.landing.show"))
    if code := language(request.form.get("language", "")):
        response.set_cookie(
            COOKIE, code, max_age=COOKIE_LASTS, secure=settings.is_production, httponly=True, samesite="Lax"
        )
    return response


def inside(address: str) -> str | None:
    """The address if it is a path of this site, else None."""
    if not address.startswith("/") or address.startswith(("//", "/\\")) or len(address) > 2000:
        return None
    if any(ord(character) < 33 or character == "\\" for character in address):
        return None
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc else None
