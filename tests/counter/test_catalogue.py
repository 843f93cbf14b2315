"""A reward for points at the till."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask

from loyalty_portal.clock import FrozenClock
from loyalty_portal.schemas.cards import CardView
from tests.counter.test_points import balance, give, points_till
from tests.counter.till import LUC, MIA, Till, same_text, words


@pytest.fixture
def points(app: Flask) -> Till:
    return points_till(app)


@pytest.fixture
def rich(points: Till, clock: FrozenClock) -> CardView:
    """A card with 70 points, given a while ago."""
    card = points.card()
    give(points, card, "70")
    clock.move(minutes=5)
    return card


def test_a_reward_shows_what_it_takes_and_asks_for_a_pin(points: Till, rich: CardView) -> None:
    address = f"/cards/{rich.code}/catalogue/cake"
    page = points.get(address)
    assert "for 50 points" in words(page) and "20 points left" in words(page) and "Your PIN gives it." in words(page)
    assert same_text(page, points.fragment(address))
    assert points.send(address).status_code == 422
    answer = points.send(address, pin=MIA)
    assert answer.status_code == 201
    assert "Enjoy! Cake given for 50 points. Sophie has 20 points now." in words(answer)
    assert balance(points, rich) == 20
    assert "Undone" in words(points.send(f"/entries/{points.last(rich)}/void"))
    assert balance(points, rich) == 70


def test_a_plain_form_is_sent_on(points: Till, rich: CardView) -> None:
    answer = points.post(f"/cards/{rich.code}/catalogue/cake", pin=LUC)
    assert (answer.status_code, answer.location) == (303, f"/counter/entries/{points.last(rich)}")


def test_who_just_gave_the_points_gives_the_reward_without_a_second_pin(points: Till, clock: FrozenClock) -> None:
    card = points.card()
    assert "Give: Cake" in words(give(points, card, "70"))
    assert points.send(f"/cards/{card.code}/catalogue/cake").status_code == 201
    # Giving a reward fills nothing: the next one asks again.
    assert points.send(f"/cards/{card.code}/catalogue/coffee").status_code == 422


def test_too_few_points_and_rewards_that_are_off(points: Till, rich: CardView) -> None:
    points.send(f"/cards/{rich.code}/catalogue/cake", pin=LUC)
    few = points.send(f"/cards/{rich.code}/catalogue/cake", pin=LUC)
    assert few.status_code == 409 and "Not enough points Not enough points yet: 20 of 50." in words(few)
    off = points.send(f"/cards/{rich.code}/catalogue/tea", pin=LUC)
    assert off.status_code == 404 and "This reward isn't offered any more." in words(off).replace("&#39;", "'")
    assert points.send(f"/cards/{rich.code}/catalogue/nothing", pin=LUC).status_code == 404
    assert points.get(f"/cards/{rich.code}/catalogue/nothing").status_code == 404
    assert balance(points, rich) == 20


def test_a_refusal_is_kept_with_its_key(points: Till) -> None:
    card, key = points.card(), str(uuid.uuid4())
    address = f"/cards/{card.code}/catalogue/coffee"
    assert points.send(address, key, pin=LUC).status_code == 409
    give(points, card, "70")
    again = points.send(address, key, pin=LUC)
    assert again.status_code == 409 and again.headers["Idempotent-Replayed"] == "true"
    assert balance(points, card) == 70


def test_a_wrong_pin_gives_no_reward(points: Till, rich: CardView) -> None:
    assert points.send(f"/cards/{rich.code}/catalogue/cake", pin="9999").status_code == 403
    assert balance(points, rich) == 70


def test_a_hybrid_card_gives_rewards_of_both_kinds(app: Flask, clock: FrozenClock) -> None:
    till = points_till(app, loyalty_type="hybrid", stamps_target=2, max_stamps_per_visit=5)
    card = till.card(stamps=2)
    give(till, card, "20")
    clock.move(minutes=5)
    page = words(till.get(f"/cards/{card.code}"))
    assert "Card full!" in page and "Coffee 20 points" in page
    assert till.send(f"/cards/{card.code}/catalogue/coffee", pin=LUC).status_code == 201
    assert till.redeem(card).status_code == 201
    found = till.desk.card(card.id)
    assert (found.stamp_count, found.points_balance) == (0, 0)
