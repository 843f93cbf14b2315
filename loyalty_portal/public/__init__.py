"""The public door: landing, joining, the customer's card. Anyone may come in."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.public import health, landing, language

blueprint = Blueprint("public", __name__)
for module in (landing, health, language):
    blueprint.register_blueprint(module.blueprint)
