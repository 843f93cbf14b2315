"""A till that one PIN opens for a while."""

from __future__ import annotations

import pytest

from loyalty_portal.clock import FrozenClock
from loyalty_portal.schemas.staff import StaffUpdate
from tests.counter.till import LUC, MIA, Till, pair, same_text, words


@pytest.fixture
def shift(till: Till) -> Till:
    """A PIN opens the till for ten idle minutes."""
    till.change(pin_unlock_minutes=10)
    return till


def stamped(till: Till) -> int:
    """What a stamp without a PIN answers."""
    return till.stamp(till.card(), None).status_code


def test_the_page_holds_the_fragment(shift: Till) -> None:
    page, fragment = shift.get("/lock"), shift.fragment("/lock")
    assert same_text(page, fragment)
    assert "Unlock the till" in words(page) and "for 10 minutes" in words(page)


def test_one_pin_then_one_tap(shift: Till) -> None:
    assert stamped(shift) == 422
    answer = shift.send("/lock/open", pin=LUC)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/counter/")
    card = shift.card()
    page = shift.get(f"/cards/{card.code}")
    assert "pad__key" not in page.text and "Give the stamps" in words(page)
    assert "Stamped by Luc" in words(shift.stamp(card, None))
    assert 'aria-label="Lock the till, Luc"' in shift.get("/").text


def test_every_screen_shows_who_has_the_till(shift: Till) -> None:
    shift.send("/lock/open", pin=LUC)
    for path in ("/", "/history", "/cards/new", f"/cards/{shift.card().code}", "/nothing"):
        assert 'aria-label="Lock the till, Luc"' in shift.get(path).text


def test_plain_forms_are_sent_on(shift: Till) -> None:
    for path, data in (("/lock/open", {"pin": LUC}), ("/lock", {})):
        answer = shift.post(path, **data)
        assert (answer.status_code, answer.location) == (303, "/counter/")


def test_the_lock_button_locks(shift: Till) -> None:
    shift.send("/lock/open", pin=LUC)
    assert shift.send("/lock").headers["HX-Redirect"] == "/counter/"
    assert stamped(shift) == 422


def test_idle_minutes_lock_and_a_stamp_starts_them_anew(shift: Till, clock: FrozenClock) -> None:
    shift.send("/lock/open", pin=LUC)
    for _ in range(3):
        clock.move(minutes=9)
        assert stamped(shift) == 201
    clock.move(minutes=10)
    assert stamped(shift) == 422


def test_the_next_persons_pin_takes_over(shift: Till) -> None:
    shift.send("/lock/open", pin=LUC)
    shift.send("/lock/open", pin=MIA)
    assert "Stamped by Mia" in words(shift.stamp(shift.card(), None))


def test_who_leaves_leaves_no_till_open(shift: Till) -> None:
    shift.send("/lock/open", pin=LUC)
    luc = next(one for one in shift.desk.read(lambda s: s.pin_service.staff(shift.desk.vendor_id)) if one.name == "Luc")
    shift.desk.write(lambda s: s.pin_service.update(shift.desk.vendor_id, luc.id, StaffUpdate(is_active=False)))
    assert stamped(shift) == 422
    assert "Luc" not in shift.get("/").text


def test_a_program_that_asks_each_time_again_locks(shift: Till) -> None:
    shift.send("/lock/open", pin=LUC)
    shift.change(pin_unlock_minutes=0)
    assert stamped(shift) == 422
    assert shift.get("/lock").status_code == shift.send("/lock/open", pin=LUC).status_code == 404


def test_a_wrong_pin_opens_nothing_and_counts(shift: Till) -> None:
    for left in (4, 3, 2, 1):
        answer = shift.send("/lock/open", pin="9999")
        assert answer.status_code == 403
        assert f"{left} tr" in words(answer)
    assert shift.send("/lock/open", pin="9999").status_code == 403
    assert shift.send("/lock/open", pin=LUC).status_code == 423
    assert stamped(shift) == 422


def test_an_open_till_keeps_giving_stamps_while_pin_entry_is_locked(shift: Till) -> None:
    shift.send("/lock/open", pin=LUC)
    for _ in range(5):
        shift.send("/lock/open", pin="9999")
    assert stamped(shift) == 201


def test_pairing_anew_locks(shift: Till) -> None:
    shift.send("/lock/open", pin=LUC)
    browser = pair(shift.shop.app, shift.desk)
    assert "Lock the till" not in browser.get("/counter/").text


def test_where_no_pin_is_asked_there_is_nothing_to_unlock(till: Till) -> None:
    assert till.get("/lock").status_code == 404
    assert "Unlock" not in till.get("/").text
