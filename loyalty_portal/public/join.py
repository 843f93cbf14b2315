"""Joining a program: two optional fields, one tick, one button."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, g, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, StringField

from loyalty_portal.database import after_commit, transaction
from loyalty_portal.enums import Source
from loyalty_portal.errors import IdempotencyConflict
from loyalty_portal.schemas.cards import CardView, Joining
from loyalty_portal.schemas.counter import Origin
from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.schemas.vendors import VendorView
from loyalty_portal.web import render
from loyalty_portal.web.consent import consent_text
from loyalty_portal.web.current import enqueue, services
from loyalty_portal.web.extensions import limiter
from loyalty_portal.web.forms import SchemaForm
from loyalty_portal.web.guards import public
from loyalty_portal.web.locale import choose, vendor_locale

blueprint = Blueprint("join", __name__)


class JoinForm(SchemaForm):
    schema = Joining
    first_name = StringField(_l("Your first name"))
    contact = StringField(_l("E-mail or phone"))
    marketing_consent = BooleanField()


@blueprint.get("/join/<slug>")
@public
def show(slug: str) -> Response:
    """The program, in the customer's language."""
    vendor, program = _offer(slug)
    if program is None:
        return _closed(vendor)
    return _page(vendor, program, JoinForm(formdata=None), 200)


@blueprint.post("/join/<slug>")
@public
@limiter.limit("20 per minute; 200 per hour")
def add(slug: str) -> Response | BaseResponse:
    """A fresh card for everyone, whether the address is known or not: nobody learns who is a customer."""
    vendor, program = _offer(slug)
    if program is None:
        return _closed(vendor)
    form = JoinForm()
    if not form.validate_on_submit():
        return _page(vendor, program, form, 422)
    try:
        card, is_mailed = _join(vendor, form.command)
    except IdempotencyConflict as error:
        # The page was sent once, changed after going back, and sent again: it gets a key of its own.
        form.add_error(error)
        return _page(vendor, program, form, error.status)
    return render.see_other(url_for("public.card.show", token=card.link_token, new=1, mailed=1 if is_mailed else None))


def _join(vendor: VendorView, command: Joining) -> tuple[CardView, bool]:
    """The card, and whether a mail with a link goes out. The same form sent twice makes one card."""
    enrolment = command.enrolment(choose())
    keyed = services.idempotency.keyed(_key(), "public.join.add", command.model_dump())
    origin = Origin(vendor_id=vendor.id, time_zone=vendor.time_zone, source=Source.SYSTEM)
    with transaction():
        card, link_id = services.enrolment_service.enrol(
            origin, enrolment, consent_text=consent_text(vendor), keyed=keyed
        )
        if link_id is not None:
            after_commit(lambda: enqueue("send_contact_link", link_id))
    return card, enrolment.email is not None


def _offer(slug: str) -> tuple[VendorView, ProgramView | None]:
    """The vendor and the program that one can join now, if there is one. Raises `NotFound` for no vendor."""
    vendor = services.vendor_service.by_slug(slug[:100])
    vendor_locale(vendor.locale)
    g.time_zone = vendor.time_zone
    program = services.program_service.live(vendor.id)
    return vendor, program if program is not None and program.is_active else None


def _key() -> str:
    """The form's key, in a room of its own: no till's key can meet it. A form without one gets a new key."""
    sent = request.form.get("key", "")
    try:
        return f"join-{uuid.UUID(sent)}"
    except ValueError:
        return f"join-{uuid.uuid4()}"


def _page(vendor: VendorView, program: ProgramView, form: JoinForm, status: int) -> Response:
    form.marketing_consent.label.text = consent_text(vendor)
    return render.page(
        "public/join/show.html", status, vendor=vendor, program=program, form=form, key=str(uuid.uuid4())
    )


def _closed(vendor: VendorView) -> Response:
    return render.page("public/join/closed.html", 404, vendor=vendor, program=None)
