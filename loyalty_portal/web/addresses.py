"""Addresses that come from outside and would be followed: only paths of this site that can be opened."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

LONGEST = 2000


def inside(address: str) -> str | None:
    """The address if it is a path of this site that a GET can open, else None."""
    if not address.startswith("/") or address.startswith(("//", "/\\")) or len(address) > LONGEST:
        return None
    # Browsers drop control characters and take a backslash for a slash.
    if any(ord(character) < 33 or character in "\\\x7f" for character in address):
        return None
    try:
        current_app.url_map.bind("").match(urlsplit(address).path, method="GET")
    except RequestRedirect:
        return address
    except (HTTPException, ValueError):
        return None
    return address


def came_from() -> str | None:
    """The page of this site that the request was made on, when the browser says so."""
    try:
        sent = urlsplit(request.referrer or "")
        if sent.netloc != request.host:
            return None
    except ValueError:
        return None
    return inside(f"{sent.path}?{sent.query}" if sent.query else sent.path)
