"""The JSON API's door, version 1: for cash registers and other programs, with bearer keys."""

from __future__ import annotations

from flask import Blueprint, Response

from loyalty_portal.api import admin, document, public, vendor
from loyalty_portal.database import transaction
from loyalty_portal.errors import Busy
from loyalty_portal.web import rates
from loyalty_portal.web.current import actor, services

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
for module in (admin, document, public, vendor):
    blueprint.register_blueprint(module.blueprint)
blueprint.before_request(rates.count)
blueprint.after_request(rates.tell)


@blueprint.after_request
def note_use(response: Response) -> Response:
    """Remembers that the key is in use, to the hour and never in a stamp's transaction."""
    if actor.key is not None and services.api_key_service.is_stale(actor.key):
        try:
            with transaction():
                services.api_key_service.note_used(actor.key.id)
        except Busy:
            # The next request notes it.
            pass
    return response
