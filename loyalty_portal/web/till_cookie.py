"""The cookie that makes a browser a till."""

from __future__ import annotations

from flask import Response
from werkzeug.wrappers import Response as BaseResponse

from loyalty_portal.web.actors import TILL_COOKIE
from loyalty_portal.web.current import settings

COOKIE_LASTS = 2 * 365 * 24 * 3600
PATHS = ("/counter", "/vendor/tills")
"""Where it is sent: to the till's door, and to the owner's page that opens the till on this device."""


def make_till(response: Response | BaseResponse, token: str) -> None:
    """Gives the browser that asked the till's token."""
    for path in PATHS:
        response.set_cookie(
            TILL_COOKIE,
            token,
            max_age=COOKIE_LASTS,
            path=path,
            secure=settings.is_production,
            httponly=True,
            samesite="Lax",
        )
