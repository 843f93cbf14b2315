"""Enrolling a customer: by the vendor's key, or by anyone on the public route."""

from __future__ import annotations

from typing import Any

from loyalty_portal.api import caller, shapes
from loyalty_portal.clock import local_day
from loyalty_portal.database import after_commit, end_read, transaction
from loyalty_portal.enums import Source
from loyalty_portal.errors import Invalid
from loyalty_portal.schemas.api.cards import EnrolmentBody
from loyalty_portal.schemas.cards import CardView
from loyalty_portal.schemas.counter import Origin, Receipt
from loyalty_portal.schemas.vendors import VendorView
from loyalty_portal.web import problems
from loyalty_portal.web.consent import consent_text
from loyalty_portal.web.current import enqueue, services
from loyalty_portal.web.locale import choose


def enrol(body: EnrolmentBody) -> Any:
    """The vendor's own enrolment: a fresh card, or the one that the e-mail or phone has already."""
    vendor = caller.vendor()
    _check_birth(body, vendor)
    keyed = caller.keyed(body)
    known = services.idempotency.replay(vendor.id, keyed)
    end_read()
    if isinstance(known, Receipt):
        return shapes.card(known.card), 201, {"Idempotent-Replayed": "true"}
    if (program := caller.key().program) is not None and not program.is_active:
        return problems.answer("program_inactive", 409)
    origin = caller.origin()
    body = body.model_copy(update={"locale": body.locale or vendor.locale})
    with transaction():
        if (card := services.enrolment_service.known_card(origin, body)) is not None:
            return shapes.card(card), 200
        made, link_id = services.enrolment_service.enrol(origin, body, consent_text=consent_text(vendor), keyed=keyed)
        _mail(link_id)
    return shapes.card(made), 201


def join(vendor: VendorView, body: EnrolmentBody) -> CardView:
    """Anyone's enrolment: a fresh card for everyone, so that nobody learns who is a customer."""
    _check_birth(body, vendor)
    origin = Origin(vendor_id=vendor.id, time_zone=vendor.time_zone, source=Source.SYSTEM)
    body = body.model_copy(update={"locale": body.locale or choose()})
    with transaction():
        card, link_id = services.enrolment_service.enrol(origin, body, consent_text=consent_text(vendor))
        _mail(link_id)
    return card


def _mail(link_id: int | None) -> None:
    if link_id is not None:
        after_commit(lambda: enqueue("send_contact_link", link_id))


def _check_birth(body: EnrolmentBody, vendor: VendorView) -> None:
    """Nobody is born tomorrow. Raises `Invalid`."""
    if body.birth_date is not None and body.birth_date > local_day(services.clock.now(), vendor.time_zone):
        raise Invalid(errors=[{"field": "birth_date", "type": "date_parsing", "ctx": {}}])
