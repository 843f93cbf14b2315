"""Points for a purchase at the till: the amount, what it will give, the PIN, done."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from flask import Flask

from loyalty_portal.clock import FrozenClock
from loyalty_portal.schemas.cards import CardView
from tests.counter.till import ANNE, LUC, Till, same_text, till_of, words
from tests.shops import open_shop

REWARDS = [
    {"id": "cake", "name": "Cake", "points_required": 50, "value_cents": 420},
    {"id": "coffee", "name": "Coffee", "points_required": 20},
    {"id": "tea", "name": "Tea", "points_required": 5, "is_active": False},
]


def points_till(app: Flask, **changes: Any) -> Till:
    program = {"loyalty_type": "points", "points_per_euro": 1, "points_rewards": REWARDS, "cooldown_minutes": 0}
    return till_of(app, open_shop(app, **(program | changes)))


@pytest.fixture
def points(app: Flask) -> Till:
    return points_till(app)


def give(till: Till, card: CardView, amount: str, pin: str | None = LUC, key: str = "", **data: Any) -> Any:
    sent = {"pin": pin} if pin else {}
    return till.send(f"/cards/{card.code}/points", key, amount_cents=amount, **sent, **data)


def balance(till: Till, card: CardView) -> int:
    return till.desk.card(card.id).points_balance


@pytest.mark.parametrize(("typed", "cents"), [("12,50", 1250), ("12.50", 1250), ("12", 1200), ("1'250,5", 125_050)])
def test_an_amount_is_read_as_people_write_it(points: Till, typed: str, cents: int) -> None:
    card = points.card()
    answer = give(points, card, typed)
    assert answer.status_code == 201, answer.text
    assert f"{cents // 100} points!" in words(answer)
    assert balance(points, card) == cents // 100


@pytest.mark.parametrize("typed", ["0", "-5", "9999999999", "1e3", "12,345", "", "ten", "1.5.0", "٣"])
def test_what_is_no_amount_is_said_at_its_field(points: Till, typed: str) -> None:
    card = points.card()
    for answer in (
        give(points, card, typed),
        points.fragment(f"/cards/{card.code}/points/confirm?amount_cents={typed}"),
    ):
        assert answer.status_code == 422
        assert 'id="amount_cents-error"' in answer.text
        assert 'aria-invalid="true"' in answer.text
    assert balance(points, card) == 0


def test_the_card_of_a_points_program_asks_for_the_amount(points: Till) -> None:
    card = points.card()
    give(points, card, "30,75")
    page = points.get(f"/cards/{card.code}")
    assert "How much was it?" in words(page)
    assert "30 points" in words(page)
    # All that the browser needs to say what an amount gives, exactly.
    assert 'data-rate="1" data-rest="75"' in page.text
    assert same_text(page, points.fragment(f"/cards/{card.code}"))
    assert same_text(points.get(f"/cards/{card.code}/points"), points.fragment(f"/cards/{card.code}/points"))


def test_rewards_within_reach_are_links_and_others_say_what_is_missing(points: Till) -> None:
    card = points.card()
    give(points, card, "30")
    page = points.get(f"/cards/{card.code}")
    assert f'href="/counter/cards/{card.code}/catalogue/coffee"' in page.text
    assert f'href="/counter/cards/{card.code}/catalogue/cake"' not in page.text
    assert "Cake 20 more" in words(page)
    assert "Tea" not in words(page)


def test_the_amount_the_points_and_then_the_pin(points: Till) -> None:
    card = points.card()
    give(points, card, "0,50")
    address = f"/cards/{card.code}/points/confirm?amount_cents=12,50"
    page = points.get(address)
    assert "€12.50" in words(page) and "to give Sophie 13 points" in words(page)
    assert same_text(page, points.fragment(address))
    key = re.findall(r'name="key" value="([^"]+)"', page.text)[-1]
    answer = points.post(f"/cards/{card.code}/points", key, amount_cents="12,50", pin=LUC)
    assert (answer.status_code, answer.location) == (303, f"/counter/entries/{points.last(card)}")
    shown = words(points.get(f"/entries/{points.last(card)}"))
    assert "13 points!" in shown and "Luc" in shown and "Undo" in shown
    assert "13 points · 0 rewards today" in words_of_bar(points)


def words_of_bar(till: Till) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", till.get("/").text).split())


def test_the_same_form_counts_once(points: Till) -> None:
    card, key = points.card(), str(uuid.uuid4())
    first, again = give(points, card, "10", key=key), give(points, card, "10", key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert give(points, card, "11", key=key).status_code == 409
    assert balance(points, card) == 10


def test_a_wrong_pin_gives_nothing(points: Till) -> None:
    card = points.card()
    answer = give(points, card, "10", "9999")
    assert answer.status_code == 403 and "4 tries left" in words(answer)
    assert answer.headers["HX-Retarget"] == "#pin-message"
    assert give(points, card, "10", None).status_code == 422
    assert balance(points, card) == 0


def test_undo_within_the_minute(points: Till, clock: FrozenClock) -> None:
    card = points.card()
    give(points, card, "10,50")
    entry = points.last(card)
    assert "Undone" in words(points.send(f"/entries/{entry}/void"))
    assert balance(points, card) == 0
    give(points, card, "10,50")
    entry = points.last(card)
    clock.move(seconds=61)
    assert "manager" in words(points.send(f"/entries/{entry}/void"))
    assert points.send(f"/entries/{entry}/void", pin=ANNE, reason="Typed wrong").status_code == 201
    assert balance(points, card) == 0


def test_one_purchase_a_visit(app: Flask, clock: FrozenClock) -> None:
    till = points_till(app, cooldown_minutes=15)
    card = till.card()
    give(till, card, "30")
    assert "Points just given The next purchase counts from 08:27." in words(till.get(f"/cards/{card.code}"))
    assert "coffee" in till.get(f"/cards/{card.code}").text
    answer = give(till, card, "10")
    assert answer.status_code == 409 and "Points just given" in words(answer)
    clock.move(minutes=15)
    assert give(till, card, "10").status_code == 201


def test_a_large_purchase_asks_for_a_manager(app: Flask) -> None:
    till = points_till(app, max_purchase_cents=10_000)
    card = till.card()
    address = f"/cards/{card.code}/points/confirm?amount_cents=100,01"
    assert "A manager's PIN, please More than €100.00 is for a manager to book." in words(till.get(address))
    refused = give(till, card, "100,01", LUC)
    assert refused.status_code == 403 and "This needs a manager's PIN." in words(refused)
    assert balance(till, card) == 0
    assert give(till, card, "100,00", LUC).status_code == 201
    assert give(till, card, "100,01", ANNE).status_code == 201
    assert balance(till, card) == 200


def test_a_large_purchase_asks_for_a_manager_where_no_pin_is_asked_for(app: Flask) -> None:
    till = points_till(app, max_purchase_cents=10_000, require_staff_pin=False)
    card = till.card()
    assert give(till, card, "20", None).status_code == 201
    asked = give(till, card, "500", None)
    assert asked.status_code == 200 and "A manager's PIN, please" in words(asked)
    plain = till.post(f"/cards/{card.code}/points", amount_cents="500")
    assert plain.status_code == 303 and plain.location.endswith("/points/confirm?amount_cents=500")
    assert give(till, card, "500", ANNE).status_code == 201
    assert balance(till, card) == 520


def test_a_receipt_number_counts_once_and_leads_to_its_entry(points: Till) -> None:
    card, other = points.card(), points.card("Tom")
    give(points, card, "10", reference="R-17")
    entry = points.last(card)
    answer = give(points, other, "10", reference="R-17")
    assert answer.status_code == 409 and "Booked already" in words(answer)
    assert f"/counter/entries/{entry}" in answer.text
    points.send(f"/entries/{entry}/void")
    assert give(points, other, "10", reference="R-17").status_code == 201


def test_more_than_a_card_can_hold(app: Flask) -> None:
    till = points_till(app, points_per_euro=10_000)
    card = till.card()
    answer = give(till, card, "999999", ANNE)
    assert answer.status_code == 422
    assert "This number is too large." in words(answer)


def test_a_stamp_card_knows_no_points(app: Flask) -> None:
    till = till_of(app, open_shop(app))
    card = till.card()
    for address in (f"/cards/{card.code}/points", f"/cards/{card.code}/points/confirm?amount_cents=1"):
        assert till.get(address).status_code == 404
    assert give(till, card, "10").status_code == 404
    assert till.send(f"/cards/{card.code}/adjustments", points="5", reason="x", pin=ANNE).status_code == 404


def test_unknown_cards_are_not_ours(points: Till) -> None:
    for address in ("/cards/AAAAAAAA/points", "/cards/AAAAAAAA/points/confirm?amount_cents=1"):
        assert points.get(address).status_code == 404
    assert points.send("/cards/AAAAAAAA/points", amount_cents="1", pin=LUC).status_code == 404


def test_a_hybrid_card_has_both(app: Flask) -> None:
    till = points_till(app, loyalty_type="hybrid", cooldown_minutes=15, max_stamps_per_visit=1)
    card = till.card()
    page = till.get(f"/cards/{card.code}")
    assert "0 of 10" in words(page) and "0 points" in words(page)
    assert f'href="/counter/cards/{card.code}/points"' in page.text
    stamped = till.stamp(card)
    assert "A purchase too" in words(stamped)
    given = give(till, card, "25")
    assert given.status_code == 201 and "25 points!" in words(given)
    assert "A stamp too" not in words(given)
    assert till.stamp(card).status_code == 409
    assert give(till, card, "25").status_code == 409
    found = till.desk.card(card.id)
    assert (found.stamp_count, found.points_balance) == (1, 25)


def test_a_card_that_expires_soon_says_so(app: Flask, clock: FrozenClock) -> None:
    till = points_till(app, expiry_months=2)
    card = till.card()
    give(till, card, "25")
    assert "kept until" not in words(till.get(f"/cards/{card.code}"))
    clock.move(days=45)
    assert "What is on this card is kept until Jan 16, 2027." in words(till.get(f"/cards/{card.code}"))


def test_a_card_that_is_off_takes_no_amount(points: Till) -> None:
    card = points.card()
    points.close_card(card)
    page = points.get(f"/cards/{card.code}")
    assert "This card is switched off." in words(page) and "How much was it?" not in words(page)
    assert give(points, card, "10").status_code == 409
