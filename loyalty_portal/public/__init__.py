"""The public door: landing, joining, the customer's card. Anyone may come in."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.public import card, contact, developers, health, join, landing, language, pictures, theme

blueprint = Blueprint("public", __name__)
for module in (card, contact, developers, health, join, landing, language, pictures, theme):
    blueprint.register_blueprint(module.blueprint)
