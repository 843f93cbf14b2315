"""Giving the reward of a full card."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from loyalty_portal.counter import desk
from loyalty_portal.counter.codes import unknown
from loyalty_portal.counter.entries import receipt_page
from loyalty_portal.database import end_read
from loyalty_portal.enums import EntryKind
from loyalty_portal.errors import CardNotFound, PinLocked, PinRejected, PinRequired
from loyalty_portal.schemas.counter import Refusal
from loyalty_portal.schemas.staff import StaffView
from loyalty_portal.services.codes import read_code
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission
from loyalty_portal.web.pins import check_pin

blueprint = Blueprint("rewards", __name__)


@blueprint.post("/cards/<code>/rewards")
@requires(Permission.COUNTER)
def redeem(code: str) -> Response | BaseResponse:
    """Takes the stamps and gives the reward. Always with a PIN where PINs are asked for, but not twice in a minute
    for one card: who just filled it may hand out its reward.
    """
    plain = read_code(code)
    if plain is None:
        return unknown()
    try:
        answer, replayed = desk.perform(
            "counter.rewards.redeem",
            {"code": plain},
            lambda: who_gives(plain),
            lambda origin, key: services.stamp_service.redeem(origin, plain, key),
        )
    except CardNotFound:
        return unknown()
    except (PinRequired, PinRejected) as error:
        return desk.rejected(error, url_for("counter.cards.show", code=plain))
    except PinLocked as error:
        return desk.locked(error)
    if isinstance(answer, Refusal):
        return desk.refused(answer, replayed)
    if not render.is_fragment():
        return render.see_other(url_for("counter.entries.show", entry_id=answer.transaction.id))
    return desk.mark(receipt_page(answer, 201), replayed)


def just_filled(code: str) -> StaffView | None:
    """The person who gave this card's last stamp or points, on this till, within the last minute."""
    here = desk.till()
    card = services.card_service.by_code(here.vendor.id, here.vendor.time_zone, code)
    entry = next(iter(services.card_service.entries(here.vendor.id, card.id, limit=1)), None)
    if (
        entry is None
        or entry.kind not in {EntryKind.STAMP_EARNED, EntryKind.POINTS_EARNED}
        or entry.staff_pin_id is None
        or not services.entry_service.may_undo(desk.origin(), entry, services.clock.now())
    ):
        return None
    staff = services.pin_service.get(here.vendor.id, entry.staff_pin_id)
    return staff if staff.is_active else None


def who_gives(code: str) -> StaffView | None:
    """The person who gives a reward: always by PIN where PINs are asked for, unless they just filled the card."""
    program = desk.till().program
    if program is not None and not program.require_staff_pin:
        return None
    staff = None if request.form.get("pin") else just_filled(code)
    end_read()
    return staff or check_pin(desk.guard(), request.form.get("pin"))
