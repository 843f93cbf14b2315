"""Giving stamps: the hot path. One read for who asks, one for the key, the PIN, then five statements under the lock."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import IntegerField

from loyalty_portal.counter import desk
from loyalty_portal.counter.codes import unknown
from loyalty_portal.counter.entries import receipt_page
from loyalty_portal.errors import CardNotFound, Invalid, PinLocked, PinRejected, PinRequired
from loyalty_portal.schemas.counter import Refusal, StampCommand
from loyalty_portal.services.codes import read_code
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.forms import SchemaForm
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("stamps", __name__)


class StampForm(SchemaForm):
    schema = StampCommand
    optional = True
    quantity = IntegerField()


@blueprint.post("/cards/<code>/stamps")
@requires(Permission.COUNTER)
def add(code: str) -> Response | BaseResponse:
    """Gives stamps to the card, once for each key."""
    form = StampForm()
    if not form.validate_on_submit():
        raise Invalid(errors=[{"field": "quantity", "type": "int_parsing", "ctx": {}}])
    plain = read_code(code)
    if plain is None:
        return unknown()
    command = form.command
    try:
        answer, replayed = desk.perform(
            "counter.stamps.add",
            {"code": plain, "quantity": command.quantity},
            desk.who_stamps,
            lambda origin, key: services.stamp_service.earn(origin, plain, command, key),
        )
    except CardNotFound:
        return unknown()
    except (PinRequired, PinRejected) as error:
        return desk.rejected(error, url_for("counter.cards.show", code=plain))
    except PinLocked as error:
        return desk.locked(error)
    desk.stay_unlocked()
    if isinstance(answer, Refusal):
        return desk.refused(answer, replayed)
    if not render.is_fragment():
        return render.see_other(url_for("counter.entries.show", entry_id=answer.transaction.id))
    return desk.mark(receipt_page(answer, 201), replayed)
