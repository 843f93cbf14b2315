"""The rewards that points buy: added, changed, ordered, switched off and on."""

from __future__ import annotations

from typing import Any

from babel import numbers
from flask import Blueprint, Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from pydantic import TypeAdapter, ValidationError
from werkzeug.wrappers import Response as BaseResponse
from wtforms import IntegerField, StringField

from loyalty_portal.database import end_read, transaction
from loyalty_portal.errors import Invalid, NotFound
from loyalty_portal.schemas.programs import Reward, RewardId, RewardView
from loyalty_portal.vendor.shop import own_vendor, wanted_on
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.fields import MoneyField
from loyalty_portal.web.forms import SchemaForm
from loyalty_portal.web.guards import requires
from loyalty_portal.web.locale import choose
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("rewards", __name__, url_prefix="/rewards")
_ID: TypeAdapter[str] = TypeAdapter(RewardId)


class RewardForm(SchemaForm):
    schema = Reward
    name = StringField(_l("Reward"))
    points_required = IntegerField(_l("Its price in points"))
    value_cents = MoneyField(_l("Its price on your menu"))
    cost_cents = MoneyField(_l("It costs you about"))
    description = StringField(_l("A line about it"))


@blueprint.get("")
@requires(Permission.PROGRAM_EDIT)
def index() -> Response:
    """The catalogue in its order, with the form for one more."""
    return _index(RewardForm(formdata=None), 200)


@blueprint.post("")
@requires(Permission.PROGRAM_EDIT)
def add() -> Response | BaseResponse:
    """Puts a reward at the end of the catalogue."""
    form = RewardForm()
    if not form.validate_on_submit():
        return _index(form, 422)
    try:
        with transaction():
            services.reward_service.add(own_vendor().id, form.command)
    except Invalid as error:
        form.add_error(error)
        return _index(form, error.status)
    flash(_("%(reward)s is on offer.", reward=form.command.name), "success")
    return render.see_other(url_for("vendor.rewards.index"))


@blueprint.get("/<reward_id>")
@requires(Permission.PROGRAM_EDIT)
def edit(reward_id: str) -> Response:
    """One reward, to change."""
    reward = _reward(reward_id)
    return _edit(RewardForm(formdata=None, data=reward.model_dump()), reward, 200)


@blueprint.post("/<reward_id>")
@requires(Permission.PROGRAM_EDIT)
def update(reward_id: str) -> Response | BaseResponse:
    """Changes it from now on; what was given keeps its name and worth."""
    reward = _reward(reward_id)
    end_read()
    form = RewardForm()
    if not form.validate_on_submit():
        return _edit(form, reward, 422)
    with transaction():
        services.reward_service.change(own_vendor().id, reward.id, form.command)
    flash(_("Saved."), "success")
    return render.see_other(url_for("vendor.rewards.index"))


@blueprint.post("/<reward_id>/up")
@requires(Permission.PROGRAM_EDIT)
def up(reward_id: str) -> BaseResponse:
    """One place up."""
    return _moved(reward_id, up=True)


@blueprint.post("/<reward_id>/down")
@requires(Permission.PROGRAM_EDIT)
def down(reward_id: str) -> BaseResponse:
    """One place down."""
    return _moved(reward_id, up=False)


@blueprint.post("/<reward_id>/switch")
@requires(Permission.PROGRAM_EDIT)
def switch(reward_id: str) -> BaseResponse:
    """Off: nobody is offered it; on again: as before."""
    on = wanted_on()
    reward = _reward(reward_id)
    with transaction():
        services.reward_service.switch(own_vendor().id, reward.id, on=on)
    words = _("%(reward)s is on offer.") if on else _("%(reward)s is off.")
    flash(words % {"reward": reward.name}, "success")
    return render.see_other(url_for("vendor.rewards.index"))


def _moved(reward_id: str, *, up: bool) -> BaseResponse:
    reward = _reward(reward_id)
    with transaction():
        services.reward_service.move(own_vendor().id, reward.id, up=up)
    return render.see_other(url_for("vendor.rewards.index"))


def _reward(reward_id: str) -> RewardView:
    """Raises `NotFound`, also for what can't be an id."""
    try:
        return services.reward_service.get(own_vendor().id, _ID.validate_python(reward_id))
    except ValidationError as error:
        raise NotFound from error


def _index(form: RewardForm, status: int) -> Response:
    program = services.reward_service.program(own_vendor().id)
    return _page("vendor/rewards/index.html", status, form=form, program=program)


def _edit(form: RewardForm, reward: RewardView, status: int) -> Response:
    return _page("vendor/rewards/edit.html", status, form=form, reward=reward)


def _page(template: str, status: int, **context: Any) -> Response:
    vendor = own_vendor()
    sign = numbers.get_currency_symbol(vendor.currency, locale=choose())
    return render.page(template, status, vendor=vendor, currency_sign=sign, **context)
