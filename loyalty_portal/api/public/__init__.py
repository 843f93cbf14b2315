"""What anyone may ask: `/api/v1/loyalty`, without a key."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.api.public import cards, enroll, google, programs

blueprint = Blueprint("public", __name__, url_prefix="/loyalty")
for module in (cards, enroll, google, programs):
    blueprint.register_blueprint(module.blueprint)
