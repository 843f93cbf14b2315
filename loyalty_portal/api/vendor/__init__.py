"""The vendor's part of the API: `/api/v1/vendor/loyalty`, with a vendor's key."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.api.vendor import cards, ledger, pins, points, program, stamp, stats, transactions

blueprint = Blueprint("vendor", __name__, url_prefix="/vendor/loyalty")
for module in (cards, ledger, pins, points, program, stamp, stats, transactions):
    blueprint.register_blueprint(module.blueprint)
