"""The program's form by type: a new program is stamps, points or both, and stays it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.schemas.vendors import VendorCreate
from loyalty_portal.services import Services
from loyalty_portal.web.current import EXTENSION
from tests.people import owner_of
from tests.public.customers import card_of
from tests.shops import OWNER, Shop, open_shop, press
from tests.vendor.test_program import TYPED

PAGE = "/vendor/program"
POINTS = {"points_per_euro": "2", "max_purchase_cents": "", "expiry_months": ""}


@pytest.fixture
def empty(app: Flask) -> Shop:
    """A shop without a program."""
    services: Services = app.extensions[EXTENSION].services
    made: list[Any] = []
    shop = Shop(app, None, 0)  # type: ignore[arg-type]
    command = VendorCreate(name="Kaffi Haus", owner_email=OWNER, owner_name="Anne")
    shop.do(lambda _: made.append(services.vendor_service.create(command)[0]))
    return Shop(app, made[0], 0)


def program(shop: Shop) -> ProgramView:
    found: list[ProgramView] = []
    shop.do(lambda services: found.append(services.program_service.need(shop.vendor.id)))
    return found[0]


def publish(owner: FlaskClient, **changes: Any) -> TestResponse:
    return press(owner, PAGE, PAGE, **(TYPED | POINTS | changes))


@pytest.mark.parametrize(("kind", "target", "rate"), [("stamps", 10, None), ("points", None, 2), ("hybrid", 10, 2)])
def test_a_new_program_asks_what_it_collects(empty: Shop, kind: str, target: int | None, rate: int | None) -> None:
    owner = owner_of(empty)
    assert 'name="loyalty_type" value="stamps" checked' in owner.get(PAGE).text
    assert publish(owner, loyalty_type=kind).status_code == 303
    made = program(empty)
    assert (made.loyalty_type, made.stamps_target, made.points_per_euro) == (kind, target, rate)
    page = owner.get(PAGE).text
    assert "This stays as long as the program runs" in page
    assert ('id="stamps_target"' in page) == (kind != "points")
    assert ('href="/vendor/rewards"' in page) == (kind != "stamps")


def test_a_type_that_is_none_is_said(empty: Shop) -> None:
    answer = publish(owner_of(empty), loyalty_type="coins")
    assert answer.status_code == 422
    assert 'id="loyalty_type-error"' in answer.text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("points_per_euro", ""),
        ("points_per_euro", "0"),
        ("points_per_euro", "10001"),
        ("points_per_euro", "1,5"),
        ("max_purchase_cents", "0"),
        ("max_purchase_cents", "lots"),
        ("expiry_months", "0"),
        ("expiry_months", "121"),
        ("expiry_months", "soon"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(empty: Shop, field: str, typed: str) -> None:
    owner = owner_of(empty)
    answer = publish(owner, **({"loyalty_type": "points"} | {field: typed}))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert empty.rows("SELECT COUNT(*) FROM loyalty_programs")[0][0] == 0


def test_a_live_program_keeps_its_type(app: Flask) -> None:
    shop = open_shop(app)
    assert publish(owner_of(shop), loyalty_type="points").status_code == 303
    assert program(shop).loyalty_type == "stamps"


def test_the_preview_draws_points(empty: Shop) -> None:
    owner = owner_of(empty)
    page = owner.get(f"{PAGE}/preview?loyalty_type=points&points_per_euro=3&card_name=Club").text
    assert "points-line" in page and "gives 30 points" in page
    assert owner.get(f"{PAGE}/preview?loyalty_type=points&points_per_euro=").status_code == 200


def test_other_pages_speak_of_points(app: Flask) -> None:
    shop = open_shop(
        app,
        loyalty_type="points",
        points_per_euro=2,
        expiry_months=6,
        points_rewards=[{"name": "Cake", "points_required": 50}],
    )
    owner = owner_of(shop)
    address, _code = card_of(app.test_client(), first_name="Sophie")
    assert "Points given" in owner.get("/vendor/").text and "Stamps given" not in owner.get("/vendor/").text
    assert "50 points, then: Cake" in owner.get("/vendor/poster").text
    joining = owner.get("/join/kaffi-haus").text
    assert "2 points for each €1.00 you spend" in joining and "stamp card" not in joining
    assert "kept for 6 months after your last visit" in joining
    card = app.test_client().get(address).text
    assert "What points buy" in card and "50 points" in card and "Your first points come" in card
