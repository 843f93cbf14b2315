"""What the API's routes share: whose key asks, its place in the ledger, the PINs it sends, the order of a write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from flask import request
from pydantic import TypeAdapter, ValidationError

from loyalty_portal.api import shapes
from loyalty_portal.database import end_read, transaction
from loyalty_portal.enums import Source
from loyalty_portal.errors import Invalid
from loyalty_portal.schemas.api.transactions import Named
from loyalty_portal.schemas.base import Command
from loyalty_portal.schemas.counter import Answer, IdempotencyText, Keyed, Origin, Receipt
from loyalty_portal.schemas.keys import KeyView
from loyalty_portal.schemas.staff import StaffMember
from loyalty_portal.schemas.vendors import VendorView
from loyalty_portal.services.codes import read_code
from loyalty_portal.services.ledger import CardRef
from loyalty_portal.services.pin_service import Guard
from loyalty_portal.web import problems
from loyalty_portal.web.current import actor, services
from loyalty_portal.web.pins import check_pin

KEY_HEADER = "Idempotency-Key"
_KEY: TypeAdapter[str] = TypeAdapter(IdempotencyText)


def key() -> KeyView:
    """The key that asks; the guard let nobody else in."""
    return cast(KeyView, actor.key)


def vendor() -> VendorView:
    """The vendor whose key asks."""
    return cast(VendorView, key().vendor)


def origin(staff: StaffMember | None = None) -> Origin:
    """This key, and the person whose PIN it sent."""
    return Origin(
        vendor_id=vendor().id,
        time_zone=vendor().time_zone,
        source=Source.API,
        source_id=key().id,
        staff_pin_id=staff.id if staff else None,
        staff_name=staff.name if staff else None,
        staff_role=staff.role if staff else None,
    )


def guard() -> Guard:
    """What PINs are typed on here: the key."""
    return Guard(vendor().id, Source.API, key().id)


def staff(pin: str | None, *, manager: bool = False) -> StaffMember | None:
    """The person whose PIN was sent; nobody where the program asks for none and none came.

    Raises what `check_pin` raises; the try is charged to the key.
    """
    program = key().program
    if pin is None and not manager and program is not None and not program.require_staff_pin:
        return None
    return check_pin(guard(), pin, manager=manager)


def which(body: Named) -> CardRef:
    """The card that a body names. A code that can't be one is looked for like any other, and isn't found."""
    if "card_id" in body.model_fields_set:
        return body.card_id
    return read_code(body.code) or ""


def perform(
    body: Command,
    who: Callable[[], StaffMember | None],
    act: Callable[[Origin, Keyed | None], Answer],
    **path: int,
) -> Any:
    """A write of the counter, in the one order that holds: the known answer, the PIN, then the transaction.

    Answers 201 with the receipt, or the problem that a rule made of it.
    """
    known_by = keyed(body, **path)
    known = services.idempotency.replay(vendor().id, known_by)
    end_read()
    if known is not None:
        return answered(known, {"Idempotent-Replayed": "true"})
    person = who()
    with transaction():
        made = act(origin(person), known_by)
    return answered(made, {})


def answered(answer: Answer, headers: dict[str, str]) -> Any:
    """A receipt or a refusal as the API says it."""
    if isinstance(answer, Receipt):
        return shapes.receipt(answer), 201, headers
    response = problems.answer(answer.code, answer.status, answer.facts.model_dump(exclude_none=True))
    response.headers.update(headers)
    return response


def keyed(body: Command, **path: int) -> Keyed | None:
    """The request's idempotency key with the hash of what was asked, PIN left out. Raises `Invalid`."""
    sent = request.headers.get(KEY_HEADER)
    if sent is None:
        return None
    try:
        name = _KEY.validate_python(sent)
    except ValidationError as error:
        raise Invalid(errors=[{"field": KEY_HEADER, "type": "string_pattern_mismatch", "ctx": {}}]) from error
    asked = body.model_dump(mode="json", exclude={"staff_pin"})
    if asked.get("code"):
        # However it was written, it is one card.
        asked["code"] = read_code(asked["code"])
    return services.idempotency.keyed(name, str(request.endpoint), {"api_key": key().id, **path, **asked})
