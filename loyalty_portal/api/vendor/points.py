"""Points: given, redeemed, adjusted."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from loyalty_portal.api import caller
from loyalty_portal.api.vendor.stamp import SWITCHED
from loyalty_portal.schemas.api.transactions import PointsAdjustBody, PointsBody, PointsRedeemBody, Receipt
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.openapi import PIN, VENDOR, documented
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("points", __name__, url_prefix="/points")


@blueprint.post("")
@requires(Permission.COUNTER)
@documented(
    VENDOR,
    {201: Receipt},
    body=PointsBody,
    problems=[*PIN, *SWITCHED, "cooling_down", "reference_used", "manager_required"],
    is_keyed=True,
)
def add(body: PointsBody) -> Any:
    """Gives points for a purchase, or as they are.

    A purchase above the program's largest amount needs a manager's PIN. A `reference` names it once at this vendor.
    """
    return caller.perform(
        body,
        lambda: caller.staff(body.staff_pin),
        lambda origin, keyed: services.points_service.earn(origin, caller.which(body), body, keyed),
    )


@blueprint.post("/redeem")
@requires(Permission.COUNTER)
@documented(
    VENDOR,
    {201: Receipt},
    body=PointsRedeemBody,
    problems=[*PIN, *SWITCHED, "not_enough_points", "reward_unknown"],
    is_keyed=True,
)
def redeem(body: PointsRedeemBody) -> Any:
    """Gives a reward of the catalogue for points."""
    return caller.perform(
        body,
        lambda: caller.staff(body.staff_pin),
        lambda origin, keyed: services.points_service.redeem(origin, caller.which(body), body, keyed),
    )


@blueprint.post("/adjust")
@requires(Permission.COUNTER)
@documented(
    VENDOR,
    {201: Receipt},
    body=PointsAdjustBody,
    problems=[*PIN, *SWITCHED, "manager_required", "not_enough_points"],
    is_keyed=True,
)
def adjust(body: PointsAdjustBody) -> Any:
    """Corrects a balance, up or down, with a manager's PIN and a reason."""
    return caller.perform(
        body,
        lambda: caller.staff(body.staff_pin, manager=True),
        lambda origin, keyed: services.points_service.adjust(origin, caller.which(body), body, keyed),
    )
