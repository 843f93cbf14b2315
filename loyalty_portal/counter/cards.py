"""A card at the counter, and a new one."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, StringField

from loyalty_portal.counter import desk, points
from loyalty_portal.counter.codes import unknown
from loyalty_portal.database import after_commit, end_read, transaction
from loyalty_portal.errors import CardNotFound, PinLocked, PinRejected, PinRequired
from loyalty_portal.schemas.cards import Joining
from loyalty_portal.web import render
from loyalty_portal.web.current import enqueue, services, settings
from loyalty_portal.web.forms import SchemaForm
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("cards", __name__)


class NewCardForm(SchemaForm):
    """What staff type for someone without a phone at hand."""

    schema = Joining
    first_name = StringField(_l("First name"))
    contact = StringField(_l("E-mail or phone"))
    marketing_consent = BooleanField(_l("They said yes to news and offers"))


@blueprint.get("/cards/<code>")
@requires(Permission.COUNTER)
def show(code: str) -> Response:
    """The card, with the pad, the button, the reward, or why not."""
    here = desk.till()
    if here.program is not None and here.program.is_active and not here.program.has_stamps:
        return points.page(code, points.PointsForm(formdata=None), 200)
    try:
        card = services.card_service.by_code(here.vendor.id, here.vendor.time_zone, code)
    except CardNotFound:
        return unknown()
    return render.page(
        "counter/cards/show.html",
        card=card,
        key=desk.new_key(),
        asks_pin=desk.asks_pin(here.program),
        reward_asks_pin=here.program is None or here.program.require_staff_pin,
        wants_stamp=request.args.get("stamp") == "1",
        is_new=request.args.get("new") == "1",
    )


@blueprint.get("/cards/new")
@requires(Permission.COUNTER)
def new() -> Response:
    """The QR for the customer's own phone, and the form for those without."""
    return _form(NewCardForm(formdata=None), 200)


@blueprint.post("/cards")
@requires(Permission.COUNTER)
def add() -> Response | BaseResponse:
    """Makes a card for what staff typed."""
    here = desk.till()
    form = NewCardForm()
    if not form.validate_on_submit():
        return _form(form, 422)
    asked = form.command.model_dump()
    key = desk.keyed("counter.cards.add", asked)
    known = services.idempotency.replay(here.vendor.id, key)
    end_read()
    if known is not None and known.card is not None:
        return _there(known.card.code)
    try:
        staff = desk.who_stamps()
    except (PinRequired, PinRejected) as error:
        return desk.rejected(error, url_for("counter.cards.new"))
    except PinLocked as error:
        return desk.locked(error)
    enrolment = form.command.enrolment(here.vendor.locale)
    with transaction():
        card, link_id = services.enrolment_service.enrol(
            desk.origin(staff), enrolment, consent_text=str(form.marketing_consent.label.text), keyed=key
        )
        if link_id is not None:
            after_commit(lambda: enqueue("send_contact_link", link_id))
    return _there(card.code)


def _there(code: str) -> BaseResponse:
    return render.see_other(url_for("counter.cards.show", code=code, new=1))


def _form(form: NewCardForm, status: int) -> Response:
    here = desk.till()
    return render.page(
        "counter/cards/new.html",
        status,
        form=form,
        key=desk.new_key(),
        asks_pin=desk.asks_pin(here.program),
        join_link=f"{settings.BASE_URL}/join/{here.vendor.slug}",
    )
