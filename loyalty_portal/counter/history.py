"""What this till did today, each entry with its way back."""

from __future__ import annotations

from flask import Blueprint, Response, g

from loyalty_portal.clock import day_start, local_day
from loyalty_portal.counter import desk
from loyalty_portal.services.entry_service import VOIDABLE
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("history", __name__)


@blueprint.get("/history")
@requires(Permission.COUNTER)
def index() -> Response:
    """Today's entries of this till, newest first."""
    here = desk.till()
    zone = here.vendor.time_zone
    now = services.clock.now()
    origin = desk.origin()
    rows = services.card_service.history(origin, limit=60, since=day_start(local_day(now, zone), zone))
    g.today = services.statistics_service.today(here.vendor.id, zone)
    return render.page(
        "counter/history/index.html",
        rows=[
            (
                row,
                services.entry_service.may_undo(origin, row.entry, now),
                row.entry.kind in VOIDABLE and row.entry.voided_by_id is None,
            )
            for row in rows
        ],
        new_key=desk.new_key,
    )
