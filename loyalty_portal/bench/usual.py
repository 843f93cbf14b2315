"""The usual way to write a stamp, for comparison: an ORM session, one query for each thing, a refresh after the commit.

It gives the same stamp, writes the same rows and draws the same fragment. It holds no rule under concurrency.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from loyalty_portal.clock import local_day
from loyalty_portal.database import db, write_options
from loyalty_portal.models import (
    Customer,
    IdempotencyKey,
    LoyaltyCard,
    LoyaltyProgram,
    LoyaltyTransaction,
    StaffPin,
    Vendor,
)
from loyalty_portal.schemas.counter import EntryView, Receipt
from loyalty_portal.services import chain
from loyalty_portal.services.codes import digest
from loyalty_portal.services.ledger import Ledger
from loyalty_portal.services.views import card_view
from loyalty_portal.web.current import actor, services
from loyalty_portal.web.guards import public

blueprint = Blueprint("usual", __name__, url_prefix="/counter/usual")


@blueprint.post("/cards/<code>/stamps")
@public
def add(code: str) -> Response:
    """Query, check, change, commit, refresh, draw."""
    session = db.session
    session.connection(execution_options=write_options(session.get_bind().dialect.name))
    # Who asks was found by the portal already; that stands for the usual query of the device.
    device = actor.till
    if device is None:
        return make_response("", 401)
    vendor = session.query(Vendor).filter_by(id=device.vendor.id).one()
    program = session.query(LoyaltyProgram).filter_by(vendor_id=vendor.id, archived_at=None).one()
    staff = session.query(StaffPin).filter_by(id=device.unlocked_by.id if device.unlocked_by else None).one()
    key = request.form["key"]
    if session.query(IdempotencyKey).filter_by(vendor_id=vendor.id, key=key).first():
        return make_response("", 409)
    card = session.query(LoyaltyCard).filter_by(vendor_id=vendor.id, code=code).one()
    customer = session.query(Customer).filter_by(id=card.customer_id).one()
    now = services.clock.now()
    day = local_day(now, vendor.time_zone)
    stamps = session.query(LoyaltyTransaction).filter_by(card_id=card.id, kind="stamp_earned")
    today = stamps.filter_by(local_day=day).count()
    if not program.is_active or not card.is_active or today >= 10**6:
        return make_response("", 409)
    last = (
        session.query(LoyaltyTransaction)
        .filter_by(card_id=card.id)
        .order_by(LoyaltyTransaction.seq.desc())
        .limit(1)
        .one()
    )
    entry = LoyaltyTransaction(
        vendor_id=vendor.id,
        program_id=program.id,
        card_id=card.id,
        seq=last.seq + 1,
        kind="stamp_earned",
        stamps_delta=1,
        points_delta=0,
        remainder_delta=0,
        stamps_after=card.stamp_count + 1,
        points_after=0,
        terms=last.terms,
        staff_pin_id=staff.id,
        source="counter",
        source_id=device.id,
        is_override=False,
        local_day=day,
        at=now,
        prev_hash=last.hash,
        hash_version=chain.HASH_VERSION,
    )
    entry.hash = chain.entry_hash(last.hash, {name: getattr(entry, name) for name in chain.FIELDS})
    session.add(entry)
    card.stamp_count += 1
    card.total_stamps_earned += 1
    card.visit_started_at, card.visit_stamps = now, 1
    card.stamp_day, card.stamps_today = day, 1
    card.seq, card.head_hash = entry.seq, entry.hash
    card.revision += 1
    card.last_activity_at = now
    session.add(
        IdempotencyKey(
            vendor_id=vendor.id,
            key=key,
            request_hash=digest(key),
            status=201,
            body="{}",
            card_id=card.id,
            created_at=now,
        )
    )
    session.commit()
    for each in (entry, card, customer, program, vendor, staff):
        session.refresh(each)
    view = card_view(Ledger(session).read(vendor.id, card_id=card.id), vendor.time_zone, now)
    shown = EntryView.model_validate(entry).model_copy(update={"staff_name": staff.name})
    page = render_template(
        "counter/entries/_show.html",
        receipt=Receipt(transaction=shown, card=view, reward_ready=False),
        entry=shown,
        card=view,
        key=key,
        next_key=key,
        undoable=True,
        more=0,
        asks_pin=False,
        reward_is_free=True,
    )
    return make_response(page, 201)
