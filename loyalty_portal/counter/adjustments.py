"""Correcting a card's points: a manager's PIN and a reason."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse
from wtforms import IntegerField, StringField

from loyalty_portal.counter import desk
from loyalty_portal.counter.codes import unknown
from loyalty_portal.counter.entries import receipt_page
from loyalty_portal.counter.points import refused
from loyalty_portal.database import end_read
from loyalty_portal.errors import CardNotFound, Invalid, ManagerRequired, PinLocked, PinRejected, PinRequired
from loyalty_portal.schemas.counter import AdjustPoints, Refusal
from loyalty_portal.services.codes import read_code
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.forms import SchemaForm
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission
from loyalty_portal.web.pins import check_pin

blueprint = Blueprint("adjustments", __name__)


class AdjustForm(SchemaForm):
    schema = AdjustPoints
    points = IntegerField(_l("Points more or less"))
    reason = StringField(_l("Reason"))


@blueprint.get("/cards/<code>/adjustments")
@requires(Permission.COUNTER)
def new(code: str) -> Response:
    """The form for it."""
    return _form(code, AdjustForm(formdata=None), 200)


@blueprint.post("/cards/<code>/adjustments")
@requires(Permission.COUNTER)
def add(code: str) -> Response | BaseResponse:
    """Moves the balance up or down, never below nothing."""
    form = AdjustForm()
    if not form.validate_on_submit():
        return _form(code, form, 422)
    plain = read_code(code)
    if plain is None:
        return unknown()
    desk.program_of_points()
    command = form.command
    try:
        answer, replayed = desk.perform(
            "counter.adjustments.add",
            {"code": plain, **command.model_dump()},
            lambda: check_pin(desk.guard(), request.form.get("pin"), manager=True),
            lambda origin, key: services.points_service.adjust(origin, plain, command, key),
        )
    except CardNotFound:
        return unknown()
    except Invalid as error:
        end_read()
        form.add_error(error)
        return _form(plain, form, 422)
    except (PinRequired, PinRejected, ManagerRequired) as error:
        return desk.rejected(error, url_for("counter.adjustments.new", code=plain))
    except PinLocked as error:
        return desk.locked(error)
    if isinstance(answer, Refusal):
        return refused(answer, replayed)
    if not render.is_fragment():
        return render.see_other(url_for("counter.entries.show", entry_id=answer.transaction.id))
    return desk.mark(receipt_page(answer, 201), replayed)


def _form(code: str, form: AdjustForm, status: int) -> Response:
    here = desk.till()
    desk.program_of_points()
    try:
        card = services.card_service.by_code(here.vendor.id, here.vendor.time_zone, code)
    except CardNotFound:
        return unknown()
    return render.page("counter/adjustments/new.html", status, form=form, card=card, key=desk.new_key())
