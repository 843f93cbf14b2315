"""An entry of the ledger at the counter: its success screen, and taking it back."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField

from loyalty_portal.counter import desk
from loyalty_portal.database import end_read
from loyalty_portal.enums import EntryKind
from loyalty_portal.errors import Invalid, ManagerRequired, NotFound, PinLocked, PinRejected, PinRequired
from loyalty_portal.schemas.counter import EntryView, Receipt, Refusal, VoidCommand
from loyalty_portal.schemas.staff import StaffView
from loyalty_portal.services.entry_service import VOIDABLE
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.forms import SchemaForm
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission
from loyalty_portal.web.pins import check_pin

blueprint = Blueprint("entries", __name__)
SHOWN = VOIDABLE | {EntryKind.STAMP_VOIDED, EntryKind.POINTS_VOIDED}


class VoidForm(SchemaForm):
    schema = VoidCommand
    reason = StringField(_l("Reason"))


@blueprint.get("/entries/<int:entry_id>")
@requires(Permission.COUNTER)
def show(entry_id: int) -> Response:
    """The success screen, also for those who come back to it or have no JavaScript."""
    entry = services.card_service.entry(desk.till().vendor.id, entry_id)
    if entry.kind not in SHOWN:
        raise NotFound
    return receipt_page(services.entry_service.receipt(desk.origin(), entry), 200)


@blueprint.get("/entries/<int:entry_id>/void")
@requires(Permission.COUNTER)
def confirm(entry_id: int) -> Response:
    """Asks a manager for a PIN and a reason, when the minute is over."""
    entry = services.card_service.entry(desk.till().vendor.id, entry_id)
    if entry.kind not in VOIDABLE:
        raise NotFound
    return _confirmation(entry, VoidForm(formdata=None), 200)


@blueprint.post("/entries/<int:entry_id>/void")
@requires(Permission.COUNTER)
def void(entry_id: int) -> Response | BaseResponse:
    """Takes the entry back: within a minute on this till without a PIN, later with a manager's and a reason."""
    entry = services.card_service.entry(desk.till().vendor.id, entry_id)
    end_read()
    form = VoidForm()
    if not form.validate_on_submit():
        return _confirmation(entry, form, 422)
    if request.form.get("pin") and form.command.reason is None:
        # Said before a try is charged for it.
        form.add_error(Invalid(errors=[{"field": "reason", "type": "missing"}]))
        return _confirmation(entry, form, 422)
    back = url_for("counter.entries.confirm", entry_id=entry.id)

    def who() -> StaffView | None:
        pin = request.form.get("pin")
        return check_pin(desk.guard(), pin, manager=True) if pin else None

    try:
        answer, replayed = desk.perform(
            "counter.entries.void",
            {"entry": entry.id, "reason": form.command.reason},
            who,
            lambda origin, key: services.entry_service.void(origin, entry.id, form.command, key),
        )
    except (PinRequired, PinRejected, ManagerRequired) as error:
        return desk.rejected(error, back)
    except PinLocked as error:
        return desk.locked(error)
    if isinstance(answer, Refusal):
        if answer.code == "void_too_late":
            return _confirmation(entry, form, answer.status) if render.is_fragment() else render.see_other(back)
        return desk.refused(answer, replayed)
    if not render.is_fragment():
        return render.see_other(url_for("counter.entries.show", entry_id=answer.transaction.id))
    return desk.mark(receipt_page(answer, 201), replayed)


def receipt_page(receipt: Receipt, status: int) -> Response:
    """The screen after something was done. It asks the database nothing: all is in the receipt."""
    entry = receipt.transaction
    undoable = services.entry_service.may_undo(desk.origin(), entry, services.clock.now())
    return render.page(
        "counter/entries/show.html",
        status,
        receipt=receipt,
        entry=entry,
        card=receipt.card,
        key=desk.new_key(),
        next_key=desk.new_key(),
        undoable=undoable,
        more=receipt.more_in_visit if undoable and entry.kind == EntryKind.STAMP_EARNED else 0,
        asks_pin=desk.asks_pin(desk.till().program),
        reward_is_free=undoable and entry.staff_pin_id is not None,
    )


def _confirmation(entry: EntryView, form: VoidForm, status: int) -> Response:
    here = desk.till()
    card = services.card_service.get(here.vendor.id, here.vendor.time_zone, entry.card_id)
    return render.page("counter/entries/confirm.html", status, entry=entry, card=card, form=form, key=desk.new_key())
