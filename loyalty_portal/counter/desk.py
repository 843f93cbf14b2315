"""What the till's screens share: who stands there, whether a PIN is asked for, the key of a form, the answers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import Response, request
from pydantic import TypeAdapter, ValidationError

from loyalty_portal.database import end_read, transaction
from loyalty_portal.enums import Source
from loyalty_portal.errors import (
    Invalid,
    ManagerRequired,
    NotFound,
    PinLocked,
    PinRejected,
    PinRequired,
    Unauthenticated,
)
from loyalty_portal.schemas.counter import Answer, IdempotencyText, Keyed, Origin, Refusal
from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.schemas.staff import StaffMember
from loyalty_portal.schemas.tills import TillView
from loyalty_portal.services.pin_service import Guard
from loyalty_portal.web import render
from loyalty_portal.web.current import actor, services
from loyalty_portal.web.pins import check_pin

_KEY: TypeAdapter[str] = TypeAdapter(IdempotencyText)


def till() -> TillView:
    """The till that asks; the guard has seen to it that there is one."""
    found = actor.till
    if found is None:
        raise Unauthenticated
    return found


def origin(staff: StaffMember | None = None) -> Origin:
    """This till, and the person at it."""
    here = till()
    return Origin(
        vendor_id=here.vendor.id,
        time_zone=here.vendor.time_zone,
        source=Source.COUNTER,
        source_id=here.id,
        staff_pin_id=staff.id if staff else None,
        staff_name=staff.name if staff else None,
        staff_role=staff.role if staff else None,
    )


def guard() -> Guard:
    here = till()
    return Guard(here.vendor.id, Source.COUNTER, here.id)


def is_unlocked() -> bool:
    """Whether somebody's PIN opened this till and its idle minutes aren't over."""
    here = actor.till
    return bool(
        here
        and here.program
        and here.program.pin_unlock_minutes
        and here.unlocked_by
        and here.unlocked_until
        and here.unlocked_until > services.clock.now()
    )


def asks_pin(program: ProgramView | None) -> bool:
    """Whether a stamp needs a PIN here and now."""
    return bool(program is None or program.require_staff_pin) and not is_unlocked()


def who_stamps() -> StaffMember | None:
    """The person who gives stamps: by PIN, by the unlocked till, or nobody where no PIN is asked for."""
    here = till()
    if is_unlocked():
        return here.unlocked_by
    return check_pin(guard(), request.form.get("pin")) if asks_pin(here.program) else None


def program_of_points() -> ProgramView:
    """The till's program, which collects points. Raises `NotFound` where it doesn't."""
    program = till().program
    if program is None or not program.has_points:
        raise NotFound
    return program


def stay_unlocked() -> None:
    """Starts the idle minutes of an unlocked till anew, at most once a minute and never in the entry's transaction."""
    here = till()
    if not is_unlocked() or here.program is None or here.unlocked_until is None:
        return
    minutes = here.program.pin_unlock_minutes
    if here.unlocked_until - services.clock.now() < timedelta(minutes=minutes - 1):
        with transaction():
            services.device_service.keep_open(here, minutes)


def new_key() -> str:
    """A form's idempotency key, made when its screen is rendered."""
    return str(uuid.uuid4())


def keyed(route: str, asked: Mapping[str, Any]) -> Keyed:
    """The key that came with the form, with the hash of what was asked. Raises `Invalid` for a malformed one."""
    try:
        key = _KEY.validate_python(request.form.get("key", ""))
    except ValidationError as error:
        raise Invalid("key", errors=[{"field": "key", "type": "string_pattern_mismatch", "ctx": {}}]) from error
    return services.idempotency.keyed(key, route, {"till": till().id, **asked})


def perform(
    route: str,
    asked: Mapping[str, Any],
    who: Callable[[], StaffMember | None],
    act: Callable[[Origin, Keyed], Answer],
) -> tuple[Answer, bool]:
    """A write of the counter, in the one order that holds: the known answer, the PIN, then the transaction.

    Answers what was decided, and whether it was decided before.
    """
    key = keyed(route, asked)
    known = services.idempotency.replay(till().vendor.id, key)
    end_read()
    if known is not None:
        return known, True
    staff = who()
    with transaction():
        return act(origin(staff), key), False


def rejected(error: PinRequired | PinRejected | ManagerRequired, back: str) -> Response:
    """A PIN that wasn't it: said at the pad, which stays; without JavaScript on a page of its own with a way back.

    The last try shows at once that PIN entry is closed.
    """
    if isinstance(error, PinRejected) and error.facts.get("retry_at"):
        return locked(error)
    response = render.page("counter/lock/rejected.html", error.status, error=error, back=back)
    response.headers["HX-Retarget"] = "#pin-message"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def locked(error: PinLocked | PinRejected) -> Response:
    """PIN entry is closed on this till."""
    left = max(1, round((error.facts["retry_at"] - services.clock.now()).total_seconds()))
    response = render.page("counter/lock/locked.html", error.status, left=left, retry_at=error.facts["retry_at"])
    response.headers["Retry-After"] = str(left)
    return response


def refused(answer: Refusal, replayed: bool = False) -> Response:
    """A rule says no: calmly, with the card as it stands and the way on."""
    response = render.page("counter/stamps/refused.html", answer.status, refusal=answer, card=answer.card)
    return mark(response, replayed)


def mark(response: Response, replayed: bool) -> Response:
    """Says that this answer was given before."""
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response
