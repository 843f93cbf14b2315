"""Stamps: given and redeemed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from loyalty_portal.api import caller
from loyalty_portal.schemas.api.transactions import Receipt, StampBody, StampRedeemBody
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.openapi import PIN, VENDOR, documented
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("stamp", __name__, url_prefix="/stamp")
SWITCHED = ("not_found", "card_inactive", "program_inactive", "wrong_program_type")


@blueprint.post("")
@requires(Permission.COUNTER)
@documented(
    VENDOR,
    {201: Receipt},
    body=StampBody,
    problems=[*PIN, *SWITCHED, "cooling_down", "daily_limit", "visit_limit"],
    is_keyed=True,
)
def add(body: StampBody) -> Any:
    """Gives stamps to a card."""
    return caller.perform(
        body,
        lambda: caller.staff(body.staff_pin),
        lambda origin, keyed: services.stamp_service.earn(origin, caller.which(body), body, keyed),
    )


@blueprint.post("/redeem")
@requires(Permission.COUNTER)
@documented(
    VENDOR, {201: Receipt}, body=StampRedeemBody, problems=[*PIN, *SWITCHED, "not_enough_stamps"], is_keyed=True
)
def redeem(body: StampRedeemBody) -> Any:
    """Gives the reward of a full card: its target is taken away."""
    return caller.perform(
        body,
        lambda: caller.staff(body.staff_pin),
        lambda origin, keyed: services.stamp_service.redeem(origin, caller.which(body), keyed),
    )
