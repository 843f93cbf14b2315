"""The public door: landing, joining, the customer's card. Anyone may come in."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.public import artwork, card, contact, developers, health, join, landing, language, pictures, theme

blueprint = Blueprint("public", __name__)
for module in (artwork, card, contact, developers, health, join, landing, language, pictures, theme):
    blueprint.register_blueprint(module.blueprint)
