"""A till that one PIN opens for a while, and locking it again."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from loyalty_portal.counter import desk
from loyalty_portal.database import transaction
from loyalty_portal.errors import NotFound, PinLocked, PinRejected, PinRequired
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission
from loyalty_portal.web.pins import check_pin

blueprint = Blueprint("lock", __name__)


@blueprint.get("/lock")
@requires(Permission.COUNTER)
def show() -> Response:
    """Asks for the PIN that opens the till."""
    _minutes()
    return render.page("counter/lock/show.html")


@blueprint.post("/lock/open")
@requires(Permission.COUNTER)
def open() -> Response | BaseResponse:
    """Opens the till for the person whose PIN it is."""
    minutes = _minutes()
    try:
        staff = check_pin(desk.guard(), request.form.get("pin"))
    except (PinRequired, PinRejected) as error:
        return desk.rejected(error, url_for("counter.lock.show"))
    except PinLocked as error:
        return desk.locked(error)
    with transaction():
        services.device_service.open_for(desk.till(), staff, minutes)
    return _idle()


@blueprint.post("/lock")
@requires(Permission.COUNTER)
def lock() -> Response | BaseResponse:
    """Locks the till."""
    with transaction():
        services.device_service.close(desk.till())
    return _idle()


def _minutes() -> int:
    """For how long a PIN opens the till; where the program doesn't want that, there is nothing here."""
    program = desk.till().program
    if program is None or not program.require_staff_pin or not program.pin_unlock_minutes:
        raise NotFound
    return program.pin_unlock_minutes


def _idle() -> Response | BaseResponse:
    # The top bar shows who has the till, so the whole page is loaded anew.
    if render.is_fragment():
        return Response("", 200, {"HX-Redirect": url_for("counter.idle.show")})
    return render.see_other(url_for("counter.idle.show"))
