"""Correcting a card's points at the till."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.counter.test_points import balance, give, points_till
from tests.counter.till import ANNE, LUC, Till, same_text, words


@pytest.fixture
def points(app: Flask) -> Till:
    return points_till(app)


def test_a_manager_corrects_with_a_reason(points: Till) -> None:
    card = points.card()
    address = f"/cards/{card.code}/adjustments"
    assert same_text(points.get(address), points.fragment(address))
    up = points.send(address, points="40", reason="Forgotten on Monday", pin=ANNE)
    assert up.status_code == 201 and "Corrected 40 points added. Sophie has 40 points now." in words(up)
    down = points.send(address, points="-15", reason="Counted twice", pin=ANNE)
    assert "15 points taken away." in words(down)
    assert balance(points, card) == 25
    assert "Corrected by +40 points" in words(points.get("/history"))


def test_staff_may_not(points: Till) -> None:
    card = points.card()
    answer = points.send(f"/cards/{card.code}/adjustments", points="40", reason="Please", pin=LUC)
    assert answer.status_code == 403 and "manager" in words(answer)
    assert points.send(f"/cards/{card.code}/adjustments", points="40", reason="Please").status_code == 422
    assert balance(points, card) == 0


def test_never_below_nothing(points: Till) -> None:
    card = points.card()
    give(points, card, "10")
    answer = points.send(f"/cards/{card.code}/adjustments", points="-11", reason="Too much", pin=ANNE)
    assert answer.status_code == 409 and "Not enough points" in words(answer)
    assert balance(points, card) == 10


@pytest.mark.parametrize("typed", ["", "0", "1e3", "1,5", "many", "99999999"])
def test_what_is_no_correction_is_said_at_its_field(points: Till, typed: str) -> None:
    card = points.card()
    answer = points.send(f"/cards/{card.code}/adjustments", points=typed, reason="Why", pin=ANNE)
    assert answer.status_code == 422
    assert 'id="points-error"' in answer.text
    assert balance(points, card) == 0


def test_a_reason_is_needed(points: Till) -> None:
    card = points.card()
    answer = points.send(f"/cards/{card.code}/adjustments", points="5", reason=" ", pin=ANNE)
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text


def test_a_plain_form_is_sent_on(points: Till) -> None:
    card = points.card()
    answer = points.post(f"/cards/{card.code}/adjustments", points="5", reason="Why", pin=ANNE)
    assert (answer.status_code, answer.location) == (303, f"/counter/entries/{points.last(card)}")


def test_unknown_cards_are_not_ours(points: Till) -> None:
    assert points.get("/cards/AAAAAAAA/adjustments").status_code == 404
