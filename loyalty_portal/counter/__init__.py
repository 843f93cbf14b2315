"""The counter's door: the till on the tablet."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from loyalty_portal.counter import cards, codes, desk, entries, history, idle, lock, pairing, rewards, search, stamps

blueprint = Blueprint("counter", __name__, url_prefix="/counter")
for module in (cards, codes, entries, history, idle, lock, pairing, rewards, search, stamps):
    blueprint.register_blueprint(module.blueprint)


@blueprint.context_processor
def top_bar() -> dict[str, Any]:
    """Every screen's bar shows who has the till."""
    return {"unlocked": desk.is_unlocked()}
