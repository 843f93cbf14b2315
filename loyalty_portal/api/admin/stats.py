"""The platform's figures."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.schemas.api.stats import PlatformStats
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.openapi import ADMIN, documented
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("stats", __name__, url_prefix="/stats")


@blueprint.get("")
@requires(Permission.PLATFORM_READ)
@documented(ADMIN, {200: PlatformStats})
def show() -> PlatformStats:
    """The platform in counts, net of voids."""
    return PlatformStats.model_validate(services.figures_service.platform().model_dump())
