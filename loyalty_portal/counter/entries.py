"""An entry of the ledger at the counter: its success screen, and taking it back."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField

from loyalty_portal.counter import desk
from loyalty_portal.database import end_read
from loyalty_portal.enums import EntryKind
from loyalty_portal.errors import ManagerRequired, NotFound, PinLocked, PinRejected, PinRequired
from loyalty_portal.schemas.counter import Receipt, Refusal, VoidCommand
from loyalty_portal.schemas.staff import StaffView
from loyalty_portal.services import rules
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.forms import SchemaForm
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission
from loyalty_portal.web.pins import check_pin

blueprint = Blueprint("entries", __name__)
VOIDABLE = frozenset({EntryKind.STAMP_EARNED, EntryKind.STAMP_REDEEMED})


class VoidForm(SchemaForm):
    schema = VoidCommand
    reason = StringField(_l("Reason"))


@blueprint.get("/entries/<int:entry_id>")
@requires(Permission.COUNTER)
def show(entry_id: int) -> Response:
    """The success screen, also for those who come back to it or have no JavaScript."""
    here = desk.till()
    entry = services.card_service.entry(here.vendor.id, _bounded(entry_id))
    card = services.card_service.get(here.vendor.id, here.vendor.time_zone, entry.card_id)
    more = 0
    if here.program and card.next_stamp_at is None and card.last_visit_at is not None:
        more = max(0, here.program.max_stamps_per_visit - card.stamps_today)
    receipt = Receipt(transaction=entry, card=card, reward_ready=card.rewards_ready > 0, more_in_visit=more)
    return receipt_page(receipt, 200)


@blueprint.get("/entries/<int:entry_id>/void")
@requires(Permission.COUNTER)
def confirm(entry_id: int) -> Response:
    """Asks a manager for a PIN and a reason, when the minute is over."""
    here = desk.till()
    entry = services.card_service.entry(here.vendor.id, _bounded(entry_id))
    card = services.card_service.get(here.vendor.id, here.vendor.time_zone, entry.card_id)
    form = VoidForm(formdata=None)
    return render.page("counter/entries/confirm.html", entry=entry, card=card, form=form, key=desk.new_key())


@blueprint.post("/entries/<int:entry_id>/void")
@requires(Permission.COUNTER)
def void(entry_id: int) -> Response | BaseResponse:
    """Takes the entry back: within a minute on this till without a PIN, later with a manager's and a reason."""
    here = desk.till()
    entry = services.card_service.entry(here.vendor.id, _bounded(entry_id))
    end_read()
    form = VoidForm()
    if not form.validate_on_submit():
        card = services.card_service.get(here.vendor.id, here.vendor.time_zone, entry.card_id)
        return render.page("counter/entries/confirm.html", 422, entry=entry, card=card, form=form, key=desk.new_key())
    back = url_for("counter.entries.confirm", entry_id=entry.id)

    def who() -> StaffView | None:
        pin = request.form.get("pin")
        return check_pin(desk.guard(), pin, manager=True) if pin else None

    try:
        answer, replayed = desk.perform(
            "counter.entries.void",
            {"entry": entry.id, "reason": form.command.reason},
            who,
            lambda origin, key: services.stamp_service.void(origin, entry.id, form.command, key),
        )
    except (PinRequired, PinRejected, ManagerRequired) as error:
        return desk.rejected(error, back)
    except PinLocked as error:
        return desk.locked(error)
    if isinstance(answer, Refusal):
        if answer.code == "void_too_late" and not render.is_fragment():
            return render.see_other(back)
        return desk.refused(answer, replayed)
    if not render.is_fragment():
        return render.see_other(url_for("counter.entries.show", entry_id=answer.transaction.id))
    return desk.mark(receipt_page(answer, 201), replayed)


def receipt_page(receipt: Receipt, status: int) -> Response:
    """The screen after something was done. It asks the database nothing: all is in the receipt."""
    entry = receipt.transaction
    now = services.clock.now()
    undoable = services.stamp_service.may_undo(desk.origin(), entry, now)
    is_fresh = now - entry.at <= rules.UNDO_WINDOW
    return render.page(
        "counter/entries/show.html",
        status,
        receipt=receipt,
        entry=entry,
        card=receipt.card,
        key=desk.new_key(),
        next_key=desk.new_key(),
        undoable=undoable,
        more=receipt.more_in_visit if entry.kind == EntryKind.STAMP_EARNED and is_fresh else 0,
        asks_pin=desk.asks_pin(desk.till().program),
        reward_is_free=undoable and entry.staff_pin_id is not None,
    )


def _bounded(entry_id: int) -> int:
    """An id that the database can hold; a larger one names nothing."""
    if entry_id >= 2**62:
        raise NotFound
    return entry_id
