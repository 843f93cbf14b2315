"""The catalogue of rewards: added, changed, ordered, switched off and on."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loyalty_portal.schemas.programs import MOST_REWARDS
from loyalty_portal.services import Services
from tests.people import manager_of, owner_of
from tests.shops import Shop, open_shop, press

PAGE = "/vendor/rewards"
REWARDS = [
    {"id": "coffee", "name": "Coffee", "points_required": 20},
    {"id": "cake", "name": "Cake", "points_required": 50, "value_cents": 420, "cost_cents": 130},
]
TYPED = {"name": "Loaf", "points_required": "80", "value_cents": "5,20", "cost_cents": "1.50", "description": "Fresh"}


@pytest.fixture
def shop(app: Flask) -> Shop:
    return open_shop(app, loyalty_type="points", points_per_euro=2, points_rewards=REWARDS)


@pytest.fixture
def owner(shop: Shop) -> FlaskClient:
    return owner_of(shop)


def rewards(shop: Shop) -> list[Any]:
    found: list[Any] = []
    shop.do(lambda services: found.extend(services.program_service.need(shop.vendor.id).points_rewards))
    return found


def names(shop: Shop) -> list[str]:
    return [reward.name for reward in rewards(shop)]


def add(owner: FlaskClient, **changes: Any) -> TestResponse:
    return press(owner, PAGE, PAGE, **(TYPED | changes))


def test_the_catalogue_shows_prices_worth_and_cost(owner: FlaskClient) -> None:
    page = owner.get(PAGE).text
    assert "Customers get 2 points for each €1.00." in page
    assert "€4.20 on your menu" in page and "costs you €1.30" in page


def test_a_reward_is_added_at_the_end(shop: Shop, owner: FlaskClient) -> None:
    assert add(owner).status_code == 303
    assert names(shop) == ["Coffee", "Cake", "Loaf"]
    made = rewards(shop)[2]
    assert (made.points_required, made.value_cents, made.cost_cents, made.description) == (80, 520, 150, "Fresh")
    assert made.is_active and made.id


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("points_required", ""),
        ("points_required", "0"),
        ("points_required", "-4"),
        ("points_required", "1e3"),
        ("points_required", "1.5"),
        ("points_required", "1000001"),
        ("value_cents", "12,345"),
        ("cost_cents", "free"),
        ("description", "a\x07b"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(shop: Shop, owner: FlaskClient, field: str, typed: str) -> None:
    answer = add(owner, **{field: typed})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert names(shop) == ["Coffee", "Cake"]


def test_a_full_catalogue_takes_no_more(shop: Shop, owner: FlaskClient) -> None:
    from loyalty_portal.schemas.programs import ProgramUpdate

    full = [{"name": f"Reward {number}", "points_required": 5} for number in range(MOST_REWARDS)]
    shop.do(lambda s: s.program_service.update(shop.vendor.id, ProgramUpdate.model_validate({"points_rewards": full})))
    answer = add(owner)
    assert answer.status_code == 422 and f"At most {MOST_REWARDS} rewards." in answer.text
    assert len(names(shop)) == MOST_REWARDS


def test_a_reward_is_changed_and_keeps_its_id_and_state(shop: Shop, owner: FlaskClient) -> None:
    press(owner, PAGE, f"{PAGE}/cake/switch", on="0")
    assert 'value="4.20"' in owner.get(f"{PAGE}/cake").text
    assert press(owner, f"{PAGE}/cake", f"{PAGE}/cake", **(TYPED | {"value_cents": ""})).status_code == 303
    changed = rewards(shop)[1]
    assert (changed.id, changed.name, changed.value_cents, changed.is_active) == ("cake", "Loaf", None, False)
    assert press(owner, f"{PAGE}/cake", f"{PAGE}/cake", **(TYPED | {"name": ""})).status_code == 422


def test_rewards_are_ordered(shop: Shop, owner: FlaskClient) -> None:
    assert press(owner, PAGE, f"{PAGE}/cake/up").status_code == 303
    assert names(shop) == ["Cake", "Coffee"]
    press(owner, PAGE, f"{PAGE}/cake/up")
    assert names(shop) == ["Cake", "Coffee"]
    press(owner, PAGE, f"{PAGE}/cake/down")
    assert names(shop) == ["Coffee", "Cake"]


def test_a_reward_is_switched_off_and_on(shop: Shop, owner: FlaskClient) -> None:
    press(owner, PAGE, f"{PAGE}/cake/switch", on="0")
    assert [reward.is_active for reward in rewards(shop)] == [True, False]
    assert "Cake" not in owner.get("/join/kaffi-haus").text
    press(owner, PAGE, f"{PAGE}/cake/switch", on="1")
    assert [reward.is_active for reward in rewards(shop)] == [True, True]
    assert press(owner, PAGE, f"{PAGE}/cake/switch", on="maybe").status_code == 422


def test_unknown_rewards_are_not_found(owner: FlaskClient) -> None:
    for reward_id in ("nothing", "a b", "x" * 41):
        assert owner.get(f"{PAGE}/{reward_id}").status_code == 404
        for action in ("", "/up", "/down"):
            assert press(owner, PAGE, f"{PAGE}/{reward_id}{action}", **TYPED).status_code == 404


def test_another_shop_has_its_own(app: Flask, shop: Shop, owner: FlaskClient) -> None:
    other = open_shop(
        app,
        "Salon Rosa",
        "rosa@example.com",
        loyalty_type="points",
        points_per_euro=1,
        points_rewards=[{"id": "cut", "name": "Haircut", "points_required": 9}],
    )
    stranger = owner_of(other, "rosa@example.com")
    assert stranger.get(f"{PAGE}/cake").status_code == 404
    assert press(stranger, PAGE, f"{PAGE}/cake", **TYPED).status_code == 404
    assert names(shop) == ["Coffee", "Cake"]


def test_a_stamp_program_has_no_catalogue(app: Flask) -> None:
    owner = owner_of(open_shop(app))
    assert owner.get(PAGE).status_code == 404
    assert press(owner, "/vendor/program", PAGE, **TYPED).status_code == 404


def test_a_manager_may_too(shop: Shop) -> None:
    assert add(manager_of(shop)).status_code == 303


def test_publishing_the_program_leaves_the_catalogue_alone(shop: Shop, owner: FlaskClient) -> None:
    typed = {
        "card_name": "Points club",
        "card_color": "#14453D",
        "card_secondary_color": "#FFE3B8",
        "stamp_icon": "coffee",
        "points_per_euro": "3",
        "max_purchase_cents": "150,00",
        "expiry_months": "12",
        "cooldown_minutes": "10",
        "pin_mode": "each",
        "pin_unlock_minutes": "10",
    }
    assert press(owner, "/vendor/program", "/vendor/program", **typed).status_code == 303
    assert names(shop) == ["Coffee", "Cake"]
    found: list[Any] = []

    def look(services: Services) -> None:
        found.append(services.program_service.need(shop.vendor.id))

    shop.do(look)
    program = found[0]
    assert (program.points_per_euro, program.max_purchase_cents, program.expiry_months) == (3, 15_000, 12)
    assert program.loyalty_type == "points"
