"""Giving the reward of a full card."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask

from loyalty_portal.clock import FrozenClock
from tests.counter.till import LUC, Till, same_text, till_of, words


@pytest.fixture
def easy(till: Till) -> Till:
    """Three stamps make a reward."""
    till.change(stamps_target=3)
    return till


def test_the_reward_is_given_and_the_card_begins_anew(easy: Till, clock: FrozenClock) -> None:
    card = easy.card("Sophie", stamps=3)
    clock.move(minutes=2)
    answer = easy.redeem(card)
    assert answer.status_code == 201
    assert "Enjoy! Free coffee given. Sophie starts again with 0 of 3." in words(answer)
    assert "Undo" in words(answer)
    assert easy.count(card) == 0
    assert same_text(easy.get(f"/entries/{easy.last(card)}"), answer)
    assert "0 stamps" not in easy.get("/").text and "1 rewards today" in easy.get("/").text


def test_a_plain_form_is_sent_on(easy: Till) -> None:
    card = easy.card(stamps=3)
    answer = easy.post(f"/cards/{card.code}/rewards", pin=LUC)
    assert (answer.status_code, answer.location) == (303, f"/counter/entries/{easy.last(card)}")


def test_more_stamps_than_the_target_stay_on_the_card(easy: Till) -> None:
    card = easy.card(stamps=5)
    assert "starts again with 2 of 3." in words(easy.redeem(card))
    assert easy.count(card) == 2


def test_a_card_that_is_not_full(easy: Till) -> None:
    card = easy.card(stamps=2)
    answer = easy.redeem(card)
    assert answer.status_code == 409
    assert "Not full yet Not enough stamps yet: 2 of 3." in words(answer)
    assert easy.count(card) == 2


def test_it_needs_a_pin(easy: Till, clock: FrozenClock) -> None:
    card = easy.card(stamps=3)
    clock.move(minutes=2)
    assert easy.redeem(card, None).status_code == 422
    assert easy.redeem(card, "9999").status_code == 403
    assert easy.count(card) == 3


def test_who_just_filled_it_gives_it_without_a_second_pin(easy: Till, clock: FrozenClock) -> None:
    card = easy.card(stamps=2)
    easy.stamp(card)
    clock.move(seconds=60)
    assert easy.redeem(card, None).status_code == 201
    (row,) = easy.shop.rows(
        "SELECT p.name FROM loyalty_transactions t JOIN staff_pins p ON p.id = t.staff_pin_id WHERE t.kind = :kind",
        kind="stamp_redeemed",
    )
    assert row[0] == "Luc"


def test_a_minute_later_and_on_another_till_the_pin_is_asked_for(app: Flask, easy: Till, clock: FrozenClock) -> None:
    second = till_of(app, easy.shop, "Till 2", staffed=False)
    card = easy.card(stamps=2)
    easy.stamp(card)
    assert second.redeem(card, None).status_code == 422
    clock.move(seconds=61)
    assert easy.redeem(card, None).status_code == 422
    assert easy.count(card) == 3


def test_an_undone_stamp_opens_nothing(easy: Till) -> None:
    card = easy.card(stamps=3)
    easy.stamp(card)
    easy.send(f"/entries/{easy.last(card)}/void")
    assert easy.redeem(card, None).status_code == 422


def test_without_pins_none_is_asked_for(easy: Till, clock: FrozenClock) -> None:
    easy.change(require_staff_pin=False)
    card = easy.card(stamps=3)
    clock.move(hours=1)
    page = easy.get(f"/cards/{card.code}")
    assert "Give: Free coffee" in words(page) and "pad__key" not in page.text
    assert easy.redeem(card, None).status_code == 201


def test_an_unlocked_till_asks_all_the_same(easy: Till, clock: FrozenClock) -> None:
    easy.change(pin_unlock_minutes=10)
    easy.send("/lock/open", pin=LUC)
    card = easy.card(stamps=3)
    clock.move(minutes=2)
    assert "pad__key" in easy.get(f"/cards/{card.code}").text
    assert easy.redeem(card, None).status_code == 422


def test_the_same_key_gives_one_reward(easy: Till) -> None:
    card, key = easy.card(stamps=5), str(uuid.uuid4())
    assert easy.redeem(card, key=key).status_code == 201
    again = easy.redeem(card, None, key=key)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert easy.count(card) == 2


def test_undoing_a_reward_fills_the_card_again(easy: Till) -> None:
    card = easy.card("Sophie", stamps=3)
    easy.redeem(card)
    answer = easy.send(f"/entries/{easy.last(card)}/void")
    assert answer.status_code == 201
    assert "Undone Sophie has 3 of 3. 1 reward ready" in words(answer)
    assert easy.count(card) == 3


def test_another_vendors_card_stays_as_it_is(till: Till, other: Till) -> None:
    other.change(stamps_target=3)
    card = other.card(stamps=3)
    assert till.redeem(card).status_code == 404
    assert other.count(card) == 3
