"""The idle screen: "Who's here?"."""

from __future__ import annotations

from flask import Blueprint, Response, g

from loyalty_portal.counter import desk
from loyalty_portal.database import transaction
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("idle", __name__)


@blueprint.get("/")
@requires(Permission.COUNTER)
def show() -> Response:
    """Search, code field, the last cards, and this till's last entry while it can be undone."""
    here = desk.till()
    if services.device_service.seen(here):
        with transaction():
            services.device_service.note_seen(here)
    g.today = services.statistics_service.today(here.vendor.id, here.vendor.time_zone)
    origin = desk.origin()
    last = next(iter(services.card_service.history(origin, limit=1)), None)
    undoable = last if last and services.entry_service.may_undo(origin, last.entry, services.clock.now()) else None
    return render.page(
        "counter/idle/show.html",
        hits=services.card_service.recent(here.vendor.id),
        last=undoable,
        key=desk.new_key(),
    )
