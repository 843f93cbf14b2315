"""Checking a PIN at a door: charge the try, look, let bcrypt decide with no transaction open, settle."""

from __future__ import annotations

from loyalty_portal.database import end_read, transaction
from loyalty_portal.enums import StaffRole
from loyalty_portal.errors import ManagerRequired, PinRejected, PinRequired
from loyalty_portal.schemas.staff import StaffView
from loyalty_portal.services.pin_service import Guard
from loyalty_portal.web.current import services


def check_pin(guard: Guard, pin: str | None, *, manager: bool = False) -> StaffView:
    """The person whose PIN was typed on this till or key.

    A wrong one is counted whatever becomes of the request. Raises `PinRequired`, `PinRejected`, `PinLocked`,
    `RateLimited`, and `ManagerRequired` when a manager is asked for and somebody else typed.
    """
    if not pin:
        raise PinRequired("pin")
    pin_service = services.pin_service
    with transaction():
        pin_service.charge(guard)
    candidate = pin_service.find(guard, pin)
    end_read()
    staff = pin_service.proven(guard, candidate, pin)
    with transaction():
        settled = pin_service.settle(guard, staff)
        if staff is not None:
            pin_service.used(staff.id)
    if settled.staff is None:
        raise PinRejected("pin", tries_left=settled.tries_left, retry_at=settled.locked_until)
    if manager and settled.staff.role is not StaffRole.MANAGER:
        raise ManagerRequired("pin")
    return settled.staff
