"""The owner's door: the shop's card, its people, its tills, its customers."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.vendor import (
    account,
    cards,
    dashboard,
    keys,
    ledger,
    poster,
    program,
    rewards,
    staff,
    tills,
    webhooks,
)

blueprint = Blueprint("vendor", __name__, url_prefix="/vendor")
for module in (account, cards, dashboard, keys, ledger, poster, program, rewards, staff, tills, webhooks):
    blueprint.register_blueprint(module.blueprint)
