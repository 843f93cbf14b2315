"""Points for a purchase: the amount, the PIN, done. What it will give is shown before, exactly."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField

from loyalty_portal.counter import desk
from loyalty_portal.counter.codes import unknown
from loyalty_portal.counter.entries import receipt_page
from loyalty_portal.database import end_read
from loyalty_portal.errors import CardNotFound, Invalid, ManagerRequired, NotFound, PinLocked, PinRejected, PinRequired
from loyalty_portal.schemas.cards import CardView
from loyalty_portal.schemas.counter import PointsCommand, Refusal
from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.schemas.staff import StaffMember
from loyalty_portal.services import rules
from loyalty_portal.services.codes import read_code
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.fields import MoneyField
from loyalty_portal.web.forms import SchemaForm
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission
from loyalty_portal.web.pins import check_pin

blueprint = Blueprint("points", __name__)


class PointsForm(SchemaForm):
    """What staff type off the receipt."""

    schema = PointsCommand
    amount_cents = MoneyField(_l("Amount"))
    reference = StringField(_l("Receipt number"))


@blueprint.get("/cards/<code>/points")
@requires(Permission.COUNTER)
def show(code: str) -> Response:
    """The card, the amount to type, and the rewards that its balance reaches."""
    return page(code, PointsForm(formdata=None), 200)


@blueprint.get("/cards/<code>/points/confirm")
@requires(Permission.COUNTER)
def confirm(code: str) -> Response:
    """Who gives the points: a PIN, or a manager's for a large purchase."""
    form = PointsForm(formdata=request.args)
    if not form.validate():
        return page(code, form, 422)
    return _confirmation(code, form, 200)


@blueprint.post("/cards/<code>/points")
@requires(Permission.COUNTER)
def add(code: str) -> Response | BaseResponse:
    """Gives the points of a purchase to the card, once for each key."""
    form = PointsForm()
    if not form.validate_on_submit():
        return page(code, form, 422)
    plain = read_code(code)
    if plain is None:
        return unknown()
    command = form.command
    large = is_large(desk.program_of_points(), command)
    if large and not request.form.get("pin"):
        if not render.is_fragment():
            return render.see_other(url_for("counter.points.confirm", code=plain, **_typed(form)))
        return _confirmation(plain, form, 200)
    try:
        answer, replayed = desk.perform(
            "counter.points.add",
            {"code": plain, **command.model_dump()},
            lambda: _who(large),
            lambda origin, key: services.points_service.earn(origin, plain, command, key),
        )
    except CardNotFound:
        return unknown()
    except Invalid as error:
        end_read()
        form.add_error(error)
        return page(plain, form, 422)
    except (PinRequired, PinRejected, ManagerRequired) as error:
        return desk.rejected(error, url_for("counter.points.confirm", code=plain, **_typed(form)))
    except PinLocked as error:
        return desk.locked(error)
    desk.stay_unlocked()
    if isinstance(answer, Refusal):
        return refused(answer, replayed)
    if not render.is_fragment():
        return render.see_other(url_for("counter.entries.show", entry_id=answer.transaction.id))
    return desk.mark(receipt_page(answer, 201), replayed)


def page(code: str, form: PointsForm, status: int) -> Response:
    """The amount's screen."""
    program = desk.program_of_points()
    try:
        card = _card(code)
    except CardNotFound:
        return unknown()
    return render.page(
        "counter/points/show.html",
        status,
        form=form,
        card=card,
        key=desk.new_key(),
        rate=program.points_per_euro or 0,
        asks_pin=desk.asks_pin(program),
        may_adjust=program.require_staff_pin,
        is_new=request.args.get("new") == "1",
    )


def refused(answer: Refusal, replayed: bool = False) -> Response:
    """A rule says no, about points."""
    response = render.page("counter/points/refused.html", answer.status, refusal=answer, card=answer.card)
    return desk.mark(response, replayed)


def is_large(program: ProgramView, command: PointsCommand) -> bool:
    """Whether the purchase is more than staff may book alone."""
    return rules.is_large(
        command.amount_cents, command.points, program.max_purchase_cents, program.points_per_euro or 0
    )


def _confirmation(code: str, form: PointsForm, status: int) -> Response:
    program = desk.program_of_points()
    try:
        card = _card(code)
    except CardNotFound:
        return unknown()
    command = form.command
    points, _rest = rules.points_for(command.amount_cents, program.points_per_euro or 0, card.points_remainder)
    return render.page(
        "counter/points/confirm.html",
        status,
        form=form,
        card=card,
        amount_cents=command.amount_cents,
        points=points,
        key=desk.new_key(),
        large=is_large(program, command),
        asks_pin=desk.asks_pin(program),
    )


def _card(code: str) -> CardView:
    here = desk.till()
    if here.program is None or not here.program.has_points:
        raise NotFound
    return services.card_service.by_code(here.vendor.id, here.vendor.time_zone, code)


def _typed(form: PointsForm) -> dict[str, Any]:
    """What was typed, for the address of the next screen."""
    return {field.name: str(field.raw_data[0]) for field in form if field.raw_data and field.raw_data[0]}


def _who(large: bool) -> StaffMember | None:
    return check_pin(desk.guard(), request.form.get("pin"), manager=True) if large else desk.who_stamps()
