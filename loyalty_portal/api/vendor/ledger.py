"""The proof that the vendor's ledger is as it was written."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.api import caller
from loyalty_portal.schemas.api.ledger import LedgerReport
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.openapi import VENDOR, documented
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("ledger", __name__, url_prefix="/ledger")


@blueprint.get("/verify")
@requires(Permission.VENDOR_READ)
@documented(VENDOR, {200: LedgerReport})
def verify() -> LedgerReport:
    """Recomputes every chain and every balance of the vendor, and names the rows where something is wrong."""
    report = services.ledger_audit.verify(caller.vendor().id)
    return LedgerReport.model_validate(report.model_dump())
