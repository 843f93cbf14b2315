"""The counter's door: the till on the tablet."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from loyalty_portal.counter import (
    adjustments,
    cards,
    catalogue,
    codes,
    desk,
    entries,
    history,
    idle,
    lock,
    manifest,
    pairing,
    points,
    rewards,
    search,
    settings,
    stamps,
)

blueprint = Blueprint("counter", __name__, url_prefix="/counter")
for module in (
    adjustments, cards, catalogue, codes, entries, history, idle, lock, manifest, pairing, points, rewards, search,
    settings, stamps,
):  # fmt: skip
    blueprint.register_blueprint(module.blueprint)


@blueprint.app_context_processor
def top_bar() -> dict[str, Any]:
    """Every screen's bar shows who has the till, also where an address leads nowhere and no blueprint is found."""
    return {"unlocked": desk.is_unlocked()}
