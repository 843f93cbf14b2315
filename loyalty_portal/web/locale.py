"""The language: the one the person chose, else their account's, else the browser's, else the vendor's, else English."""

from __future__ import annotations

from flask import g, has_request_context, request

from loyalty_portal.enums import LANGUAGES, language

COOKIE = "language"
COOKIE_LASTS = 365 * 24 * 3600


def choose() -> str:
    """The language of this request."""
    if not has_request_context():
        return "en"
    if "locale" not in g:
        g.locale = _chosen()
    return str(g.locale)


def accepted(header: str) -> str | None:
    """The best spoken language of an Accept-Language header; an absurd header is read only in part."""
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate(header[:1000].split(",")[:10]):
        tag, _, weight = part.partition(";")
        code = language(tag)
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            quality = 0.0
        if code and 0 < quality <= 1:
            wishes.append((-quality, place, code))
    return min(wishes)[2] if wishes else None


def vendor_locale(code: str) -> None:
    """Tells which vendor's page this is, for those who chose nothing and whose browser says nothing we speak."""
    g.vendor_locale = code
    g.pop("locale", None)


def _chosen() -> str:
    actor = g.get("actor")
    vendor = actor.vendor.locale if actor and actor.vendor else g.get("vendor_locale")
    # The API ignores cookies, this one too.
    cookie = None if request.path.startswith("/api/") else request.cookies.get(COOKIE)
    wishes = (
        language(cookie),
        language(actor.locale) if actor and actor.locale else None,
        accepted(request.headers.get("Accept-Language", "")),
        language(vendor),
    )
    return next((code for code in wishes if code in LANGUAGES), "en")
