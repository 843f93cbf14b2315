"""An entry's screen, and taking it back: at once without a PIN, later with a manager's and a reason."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask

from loyalty_portal.clock import FrozenClock
from tests.counter.till import ANNE, LUC, Till, same_text, till_of, words


def test_undo_takes_the_stamp_back(till: Till) -> None:
    card = till.card("Sophie")
    till.stamp(card)
    answer = till.send(f"/entries/{till.last(card)}/void")
    assert answer.status_code == 201
    assert "Undone Sophie has 0 of 10. Next customer" in words(answer)
    assert "Undo" not in words(answer).replace("Undone", "")
    assert till.count(card) == 0
    assert same_text(till.get(f"/entries/{till.last(card)}"), answer)


def test_a_plain_form_is_sent_on(till: Till) -> None:
    card = till.card("Sophie")
    till.stamp(card)
    answer = till.post(f"/entries/{till.last(card)}/void")
    assert (answer.status_code, answer.location) == (303, f"/counter/entries/{till.last(card)}")
    assert "0 of 10" in words(till.client.get(answer.location))


def test_undo_gives_the_visit_back(strict: Till) -> None:
    card = strict.card()
    strict.stamp(card)
    strict.send(f"/entries/{strict.last(card)}/void")
    assert strict.stamp(card).status_code == 201


def test_what_was_undone_says_so(till: Till) -> None:
    card = till.card()
    till.stamp(card)
    entry = till.last(card)
    till.send(f"/entries/{entry}/void")
    page = till.get(f"/entries/{entry}")
    assert "Undone" in words(page) and "stamp--new" not in page.text and f"/entries/{entry}/void" not in page.text
    again = till.send(f"/entries/{entry}/void")
    assert again.status_code == 409
    assert "Undone already This was undone already." in words(again)
    assert till.count(card) == 0


def test_the_same_key_undoes_once(till: Till) -> None:
    card, key = till.card(), str(uuid.uuid4())
    till.stamp(card)
    entry = till.last(card)
    assert till.send(f"/entries/{entry}/void", key).status_code == 201
    again = till.send(f"/entries/{entry}/void", key)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert till.count(card) == 0


def test_the_minute_is_over(till: Till, clock: FrozenClock) -> None:
    card = till.card("Sophie")
    till.stamp(card)
    entry = till.last(card)
    assert "Undo" in words(till.get(f"/entries/{entry}"))
    clock.move(seconds=61)
    page = till.get(f"/entries/{entry}")
    assert "Undo" not in words(page) and "One more" not in words(page)
    plain = till.post(f"/entries/{entry}/void")
    assert (plain.status_code, plain.location) == (303, f"/counter/entries/{entry}/void")
    fragment = till.send(f"/entries/{entry}/void")
    assert fragment.status_code == 409
    assert "The minute for undoing is over." in words(fragment) and "Manager's PIN" in words(fragment)
    assert same_text(till.get(f"/entries/{entry}/void"), fragment)
    assert till.count(card) == 1


def test_a_manager_undoes_later_with_a_reason(till: Till, clock: FrozenClock) -> None:
    card = till.card("Sophie")
    till.stamp(card)
    entry = till.last(card)
    clock.move(hours=2)
    answer = till.send(f"/entries/{entry}/void", pin=ANNE, reason="Wrong card")
    assert answer.status_code == 201
    assert till.count(card) == 0
    (row,) = till.shop.rows(
        "SELECT p.name, n.text FROM loyalty_transactions t JOIN staff_pins p ON p.id = t.staff_pin_id "
        "JOIN entry_notes n ON n.entry_id = t.id WHERE t.voids_id = :id",
        id=entry,
    )
    assert list(row) == ["Anne", "Wrong card"]


def test_staff_may_not(till: Till, clock: FrozenClock) -> None:
    card = till.card()
    till.stamp(card)
    entry = till.last(card)
    clock.move(hours=2)
    answer = till.send(f"/entries/{entry}/void", pin=LUC, reason="Wrong card")
    assert answer.status_code == 403
    assert words(answer) == "This needs a manager's PIN."
    assert answer.headers["HX-Retarget"] == "#pin-message"
    page = till.post(f"/entries/{entry}/void", pin=LUC, reason="Wrong card")
    assert page.status_code == 403 and f'href="/counter/entries/{entry}/void"' in page.text
    assert till.count(card) == 1


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "a\x00b"])
def test_a_reason_is_asked_for_before_the_pin_is_looked_at(till: Till, clock: FrozenClock, reason: str) -> None:
    card = till.card()
    till.stamp(card)
    clock.move(hours=2)
    answer = till.send(f"/entries/{till.last(card)}/void", pin="9999", reason=reason)
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    wrong = till.shop.rows("SELECT pin_wrong FROM counter_devices WHERE id = :id", id=till.desk.till_id)[0][0]
    assert (wrong, till.count(card)) == (0, 1)


def test_another_till_needs_the_manager_too(app: Flask, till: Till) -> None:
    second = till_of(app, till.shop, "Till 2", staffed=False)
    card = till.card()
    till.stamp(card)
    entry = till.last(card)
    assert "Undo" not in words(second.get(f"/entries/{entry}"))
    assert second.send(f"/entries/{entry}/void").status_code == 409
    assert second.send(f"/entries/{entry}/void", pin=ANNE, reason="Mixed up").status_code == 201


def test_a_stamp_whose_reward_was_given_stays(till: Till) -> None:
    till.change(stamps_target=3)
    card = till.card(stamps=3)
    entry = till.last(card)
    till.redeem(card)
    answer = till.send(f"/entries/{entry}/void")
    assert answer.status_code == 409
    assert "This can't be undone any more." in words(answer)


def test_entries_that_are_no_stamps_have_no_screen(till: Till) -> None:
    card = till.card()
    made = till.last(card)
    for path in (f"/entries/{made}", f"/entries/{made}/void"):
        assert till.get(path).status_code == 404


def test_another_vendors_entry_is_not_there(till: Till, other: Till) -> None:
    card = other.card()
    other.stamp(card)
    entry = other.last(card)
    for answer in (
        till.get(f"/entries/{entry}"),
        till.get(f"/entries/{entry}/void"),
        till.send(f"/entries/{entry}/void"),
        till.send(f"/entries/{entry}/void", pin=ANNE, reason="Mine"),
    ):
        assert answer.status_code == 404
        assert "There is nothing here." in words(answer)
    assert other.count(card) == 1


@pytest.mark.parametrize("key", [None, " ", "x" * 256])
def test_a_form_without_a_good_key_does_nothing(till: Till, key: str | None) -> None:
    card = till.card()
    till.stamp(card)
    assert till.send(f"/entries/{till.last(card)}/void", key).status_code == 422
    assert till.count(card) == 1
