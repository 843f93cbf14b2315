"""What Google tells: a pass was saved, or removed."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, request

from loyalty_portal.database import end_read, transaction
from loyalty_portal.errors import CallbackDenied
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import public
from loyalty_portal.web.openapi import PUBLIC, documented

blueprint = Blueprint("google", __name__, url_prefix="/google")
MOST_BYTES = 16 * 1024


@blueprint.post("/callback")
@public
@documented(PUBLIC, {200: None}, problems=["not_found", "callback_denied", "wallet_away", "payload_too_large"])
def callback() -> tuple[str, int]:
    """Takes a message that Google signed for this issuer, once; the same again changes nothing.

    404 when the platform has no issuer account, or no such card.
    """
    google = services.google_wallet_service
    told = google.verified(_envelope() if google.is_on else None)
    end_read()
    with transaction():
        google.hear(told)
    return "", 200


def _envelope() -> Any:
    """The body, whatever its type is said to be: its signatures are what counts."""
    request.max_content_length = MOST_BYTES
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise CallbackDenied(reason="malformed") from None
