"""Joining a program, by anyone."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.api import shapes
from loyalty_portal.api.enrolments import join
from loyalty_portal.api.public.programs import offer
from loyalty_portal.database import end_read
from loyalty_portal.schemas.api.cards import Enrolled, EnrolmentBody
from loyalty_portal.web.current import services
from loyalty_portal.web.extensions import limiter
from loyalty_portal.web.guards import public
from loyalty_portal.web.openapi import PUBLIC, documented

blueprint = Blueprint("enroll", __name__, url_prefix="/enroll")


@blueprint.post("/<vendor_slug>")
@public
@limiter.limit("20 per minute; 200 per hour")
@documented(PUBLIC, {201: Enrolled}, body=EnrolmentBody, problems=["not_found"])
def add(vendor_slug: str, body: EnrolmentBody) -> tuple[Enrolled, int]:
    """Makes a card.

    The answer is the same in every way whether the contact is known or not: a fresh card. An address gets a mail;
    opening its link proves it, or moves what the fresh card holds to the card that the address has already.
    """
    vendor, program = offer(vendor_slug)
    end_read()
    card = join(vendor, body)
    entries, _ = services.card_service.transactions(vendor.id, card_id=card.id, limit=shapes.ENTRIES_SHOWN)
    shape = shapes.public_card(card, vendor, program, entries)
    return Enrolled(
        card=shape, card_url=shapes.card_url(card.link_token), google_wallet_url=shapes.google_url(card.link_token)
    ), 201
