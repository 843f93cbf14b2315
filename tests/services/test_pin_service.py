"""PINs: who typed one, how wrong ones are counted, and how the lock grows and falls."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import end_read, transaction
from loyalty_portal.enums import Source, StaffRole
from loyalty_portal.errors import ManagerRequired, NotFound, PinLocked, PinRefused, PinRejected, PinRequired
from loyalty_portal.schemas.staff import StaffCreate, StaffUpdate
from loyalty_portal.services.pin_service import Guard, PinService
from loyalty_portal.web.pins import check_pin
from tests.desk import Desk, desk_of
from tests.shops import Shop, open_shop

PIN, MANAGER_PIN, WRONG = "2580", "3690", "7391"


@pytest.fixture
def desk(shop: Shop) -> Desk:
    found = desk_of(shop)
    found.add_staff("Luca", PIN)
    found.add_staff("Mia", MANAGER_PIN, StaffRole.MANAGER)
    return found


def guard(desk: Desk) -> Guard:
    return Guard(desk.vendor_id, Source.COUNTER, desk.till_id)


def check(desk: Desk, pin: str | None, manager: bool = False) -> str:
    with desk.shop.app.app_context():
        return check_pin(guard(desk), pin, manager=manager).name


def fail(desk: Desk) -> PinRejected:
    with pytest.raises(PinRejected) as error:
        check(desk, WRONG)
    return error.value


def lock(desk: Desk) -> float:
    """Five wrong ones; answers the minutes of the lock."""
    for left in (4, 3, 2, 1):
        assert fail(desk).facts["tries_left"] == left
    facts = fail(desk).facts
    assert facts["tries_left"] == 0
    return float((facts["retry_at"] - desk.services.clock.now()) / timedelta(minutes=1))


def test_a_pin_names_its_person(desk: Desk) -> None:
    assert check(desk, PIN) == "Luca"
    assert check(desk, MANAGER_PIN, manager=True) == "Mia"
    with pytest.raises(ManagerRequired):
        check(desk, PIN, manager=True)
    for nothing in (None, ""):
        with pytest.raises(PinRequired):
            check(desk, nothing)


def test_each_lock_is_longer_and_five_fresh_tries_follow(desk: Desk, clock: FrozenClock) -> None:
    for minutes in (1, 5, 15, 60, 240, 1440, 1440):
        assert lock(desk) == minutes
        # Not even the right one is looked at while it is locked.
        clock.move(minutes=minutes, seconds=-1)
        with pytest.raises(PinLocked):
            check(desk, PIN)
        clock.move(seconds=1)
        assert check(desk, PIN) == "Luca"


def test_an_hour_without_a_wrong_pin_lowers_the_level_by_one(desk: Desk, clock: FrozenClock) -> None:
    for minutes in (1, 5, 15):
        assert lock(desk) == minutes
        clock.move(minutes=minutes)
    clock.move(minutes=59)
    assert lock(desk) == 60
    clock.move(minutes=60, hours=2)
    assert lock(desk) == 15
    clock.move(minutes=15, hours=50)
    assert lock(desk) == 1


def test_a_right_pin_gives_back_its_own_charge_alone(desk: Desk) -> None:
    for left in (4, 3, 2, 1):
        assert fail(desk).facts["tries_left"] == left
        assert check(desk, PIN) == "Luca"
    assert fail(desk).facts["retry_at"] is not None


def test_wrong_ones_are_forgotten_after_a_day(desk: Desk, clock: FrozenClock) -> None:
    for _ in range(4):
        fail(desk)
    clock.move(days=1)
    assert fail(desk).facts["tries_left"] == 4


def test_tills_and_vendors_are_counted_apart(desk: Desk, app: Flask) -> None:
    other_till = desk_of(desk.shop, "Bar")
    other = desk_of(open_shop(app, "Other", "bob@example.com"))
    other.add_staff("Bob", PIN)
    lock(desk)
    assert check(other_till, PIN) == "Luca"
    assert check(other, PIN) == "Bob"
    with pytest.raises(PinRejected):
        check(other, MANAGER_PIN)
    with pytest.raises(NotFound), app.app_context():
        check_pin(Guard(other.vendor_id, Source.COUNTER, desk.till_id), PIN)


def test_the_owners_lift_sets_all_to_nothing_and_leaves_a_trace(desk: Desk) -> None:
    lock(desk)
    desk.write(lambda s: s.device_service.unlock_tries(desk.vendor_id, desk.till_id))
    assert check(desk, PIN) == "Luca"
    assert lock(desk) == 1
    events = desk.shop.rows("SELECT kind, facts FROM security_events ORDER BY id")
    assert [row.kind for row in events] == ["pin_locked", "pin_lock_lifted", "pin_locked"]
    assert json.loads(events[0].facts)["source_id"] == desk.till_id


def test_a_try_whose_process_died_comes_back(desk: Desk, clock: FrozenClock) -> None:
    for _ in range(5):
        desk.write(lambda s: s.pin_service.charge(guard(desk)))
    clock.move(seconds=61)
    assert check(desk, PIN) == "Luca"


def test_common_and_used_pins_are_refused_alike(desk: Desk) -> None:
    hash_new: Callable[[str], object] = lambda pin: desk.read(  # noqa: E731
        lambda s: s.pin_service.hash_new(desk.vendor_id, 4, pin)
    )
    for pin in ("1234", "0000", "9876", "1999", "1212", "2468", PIN, "258013"):
        with pytest.raises(PinRefused):
            hash_new(pin)
    assert hash_new("8305")


def test_a_pin_taken_meanwhile_is_refused(desk: Desk) -> None:
    hashed = desk.read(lambda s: s.pin_service.hash_new(desk.vendor_id, 4, "8305"))
    desk.write(lambda s: s.pin_service.add(desk.vendor_id, StaffCreate(name="Zoé"), hashed))
    with pytest.raises(PinRefused):
        desk.write(lambda s: s.pin_service.add(desk.vendor_id, StaffCreate(name="Léa"), hashed))


def test_a_made_pin_is_neither_common_nor_used(desk: Desk) -> None:
    made = desk.read(lambda s: s.pin_service.hash_new(desk.vendor_id, 4, None))
    assert len(made.plain) == 4 and made.plain not in {PIN, MANAGER_PIN}
    assert made.plain not in made.hash + made.digest


def test_a_new_pin_ends_the_old_one_and_so_does_leaving(desk: Desk) -> None:
    luca = next(person for person in desk.read(lambda s: s.pin_service.staff(desk.vendor_id)) if person.name == "Luca")
    hashed = desk.read(lambda s: s.pin_service.hash_new(desk.vendor_id, 4, "8305"))
    desk.write(lambda s: s.pin_service.update(desk.vendor_id, luca.id, StaffUpdate(), hashed))
    with pytest.raises(PinRejected):
        check(desk, PIN)
    assert check(desk, "8305") == "Luca"
    desk.write(lambda s: s.pin_service.update(desk.vendor_id, luca.id, StaffUpdate(is_active=False)))
    with pytest.raises(PinRejected):
        check(desk, "8305")


def test_another_vendors_staff_are_not_there(desk: Desk, app: Flask) -> None:
    other = open_shop(app, "Other", "bob@example.com")
    luca = desk.read(lambda s: s.pin_service.staff(desk.vendor_id))[0]
    with pytest.raises(NotFound):
        desk.read(lambda s: s.pin_service.get(other.vendor.id, luca.id))
    with pytest.raises(NotFound):
        desk.write(lambda s: s.pin_service.update(other.vendor.id, luca.id, StaffUpdate(name="X")))


def test_a_new_pepper_leaves_old_pins_working_and_a_lost_one_ends_them(desk: Desk, clock: FrozenClock) -> None:
    from loyalty_portal.database import db
    from loyalty_portal.web.current import EXTENSION

    old = desk.shop.app.extensions[EXTENSION].secrets.peppers

    def typed(peppers: list[str], pin: str) -> str | None:
        service = PinService(db.session, clock, peppers, 4)
        with desk.shop.app.app_context():
            candidate = service.find(guard(desk), pin)
            end_read()
            staff = service.proven(guard(desk), candidate, pin)
            return staff.name if staff else None

    assert typed(["new pepper", *old], PIN) == "Luca"
    assert typed(["new pepper"], PIN) is None
    rotated = PinService(db.session, clock, ["new pepper", *old], 4)
    with desk.shop.app.app_context():
        # A PIN under the old pepper is still used, and a new one takes the new pepper.
        with pytest.raises(PinRefused):
            rotated.hash_new(desk.vendor_id, 4, PIN)
        hashed = rotated.hash_new(desk.vendor_id, 4, "8305")
        end_read()
        with transaction():
            rotated.add(desk.vendor_id, StaffCreate(name="Zoé"), hashed)
    assert typed(["new pepper"], "8305") == "Zoé"
