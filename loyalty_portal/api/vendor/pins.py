"""The people at the counter and their PINs."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.api import caller, shapes
from loyalty_portal.database import end_read, transaction
from loyalty_portal.schemas.api.base import Paging
from loyalty_portal.schemas.api.staff import MadePin, PinBody, PinChange, StaffPin, StaffPinPage
from loyalty_portal.schemas.staff import StaffUpdate
from loyalty_portal.services.pin_service import HashedPin
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.openapi import VENDOR, documented
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("pins", __name__, url_prefix="/pins")


@blueprint.get("")
@requires(Permission.STAFF_EDIT)
@documented(VENDOR, {200: StaffPinPage}, query=Paging)
def index(asked: Paging) -> StaffPinPage:
    """Everyone who has or had a PIN, those who work here first, by name."""
    people = services.pin_service.staff(caller.vendor().id)
    items = [shapes.staff_pin(person) for person in people[asked.skip : asked.skip + asked.limit]]
    return StaffPinPage(items=items, total=len(people), skip=asked.skip, limit=asked.limit)


@blueprint.post("")
@requires(Permission.STAFF_EDIT)
@documented(VENDOR, {201: MadePin}, body=PinBody, problems=["pin_refused"])
def create(body: PinBody) -> tuple[MadePin, int]:
    """Adds a person. Without `pin` one is made and shown this once."""
    hashed = _hashed(body.pin)
    with transaction():
        person = services.pin_service.add(caller.vendor().id, body, hashed)
    made = hashed.plain if body.pin is None else None
    return MadePin(**shapes.staff_pin(person).model_dump(), pin=made), 201


@blueprint.patch("/<int:pin_id>")
@requires(Permission.STAFF_EDIT)
@documented(VENDOR, {200: StaffPin}, body=PinChange, problems=["pin_refused", "not_found"])
def update(pin_id: int, body: PinChange) -> StaffPin:
    """Changes a person: only the keys that are sent. A new PIN ends the old one at once."""
    person = services.pin_service.get(caller.vendor().id, pin_id)
    end_read()
    hashed = _hashed(body.pin) if body.pin is not None else None
    with transaction():
        person = services.pin_service.update(person.vendor_id, person.id, body, hashed)
    return shapes.staff_pin(person)


@blueprint.delete("/<int:pin_id>")
@requires(Permission.STAFF_EDIT)
@documented(VENDOR, {204: None}, problems=["not_found"])
def remove(pin_id: int) -> tuple[str, int]:
    """Switches a person off: the PIN opens nothing any more, the history keeps the name."""
    with transaction():
        services.pin_service.update(caller.vendor().id, pin_id, StaffUpdate(is_active=False))
    return "", 204


@blueprint.post("/unlock")
@requires(Permission.STAFF_EDIT)
@documented(VENDOR, {204: None})
def unlock() -> tuple[str, int]:
    """Lifts every PIN lock of the vendor's tills and keys, and sets the counts of wrong PINs to zero."""
    with transaction():
        services.pin_service.unlock(caller.vendor().id)
    return "", 204


def _hashed(pin: str | None) -> HashedPin:
    """A PIN to store, with no transaction open while bcrypt works. Raises `PinRefused`."""
    vendor = caller.vendor()
    hashed = services.pin_service.hash_new(vendor.id, vendor.pin_length, pin)
    end_read()
    return hashed
