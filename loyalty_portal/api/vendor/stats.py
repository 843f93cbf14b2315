"""The program's figures."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.api import caller
from loyalty_portal.api.vendor.program import live
from loyalty_portal.schemas.api.base import Days
from loyalty_portal.schemas.api.stats import Stats
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.openapi import VENDOR, documented
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("stats", __name__, url_prefix="/program/stats")


@blueprint.get("")
@requires(Permission.VENDOR_READ)
@documented(VENDOR, {200: Stats}, query=Days, problems=["not_found"])
def show(asked: Days) -> Stats:
    """The program's figures, net of voids, in the vendor's time zone.

    `from` and `to` choose the days of `period`, both included; without them it is this month.
    """
    zone = caller.vendor().time_zone
    figures = services.figures_service.program(live(), zone, asked.first, asked.last)
    return Stats.model_validate(figures.model_dump())
