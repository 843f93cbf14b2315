"""Making a browser a till, and what becomes of one that isn't any more."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from loyalty_portal.clock import FrozenClock
from tests.counter.till import HTMX, LUC, Till, pair, words
from tests.desk import desk_of
from tests.pages import PageClient
from tests.shops import Shop, field_in


def token_of(client: PageClient, path: str = "/counter/pair") -> str:
    return field_in(client.get(path), "csrf_token")


@pytest.fixture
def stranger(app: Flask, shop: Shop) -> PageClient:
    return PageClient(app, app.response_class)


def new_code(shop: Shop, till_id: int | None = None) -> str:
    desk = desk_of(shop)
    wanted = till_id or desk.till_id
    return desk.write(lambda services: services.device_service.new_pairing(shop.vendor.id, wanted)).code


def test_a_browser_that_is_no_till_is_told_how_to_become_one(stranger: PageClient) -> None:
    answer = stranger.get("/counter/")
    assert (answer.status_code, answer.location) == (303, "/counter/pair")
    page = stranger.get("/counter/pair")
    assert page.status_code == 401
    assert "This browser is not a till yet" in page.text


@pytest.mark.parametrize("path", ["/", "/search?q=so", "/cards/new", "/history", "/codes?code=K7Q2M9XW", "/cards/X"])
def test_htmx_is_sent_there_by_a_header(stranger: PageClient, path: str) -> None:
    answer = stranger.get(f"/counter{path}", headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"], answer.text) == (401, "/counter/pair", "")


def test_the_code_pairs(shop: Shop, stranger: PageClient) -> None:
    code = new_code(shop)
    spelled = f" {code[:4].lower()}-{code[4:]} "
    answer = stranger.post("/counter/pair", data={"csrf_token": token_of(stranger), "code": spelled})
    assert (answer.status_code, answer.location) == (303, "/counter/")
    cookie = answer.headers["Set-Cookie"]
    assert "till=" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/counter" in cookie
    assert stranger.get("/counter/").status_code == 200


def test_a_link_shows_what_it_pairs_and_only_the_button_does_it(shop: Shop, stranger: PageClient) -> None:
    code = new_code(shop)
    for _ in range(2):
        page = stranger.get(f"/counter/pair/{code}")
        assert page.status_code == 200
        assert "Counter at Kaffi Haus" in words(page)
    token = token_of(stranger, f"/counter/pair/{code}")
    assert stranger.post("/counter/pair", data={"csrf_token": token, "code": code}).status_code == 303


def test_a_code_pairs_once(app: Flask, shop: Shop, stranger: PageClient) -> None:
    code = new_code(shop)
    stranger.post("/counter/pair", data={"csrf_token": token_of(stranger), "code": code})
    second = PageClient(app, app.response_class)
    answer = second.post("/counter/pair", data={"csrf_token": token_of(second), "code": code})
    assert answer.status_code == 404
    assert "This code doesn't work." in words(answer)
    assert "Set-Cookie" not in answer.headers or "till=" not in answer.headers["Set-Cookie"]


def test_a_code_is_good_for_ten_minutes(shop: Shop, stranger: PageClient, clock: FrozenClock) -> None:
    code = new_code(shop)
    clock.move(minutes=10)
    page = stranger.get(f"/counter/pair/{code}")
    assert page.status_code == 404
    answer = stranger.post("/counter/pair", data={"csrf_token": token_of(stranger), "code": code})
    assert answer.status_code == 404


@pytest.mark.parametrize("code", ["", " ", "K7Q2M9XX", "x" * 41, "\u202e"])
def test_a_wrong_code_is_said_at_its_field(stranger: PageClient, code: str) -> None:
    answer = stranger.post("/counter/pair", data={"csrf_token": token_of(stranger), "code": code})
    assert answer.status_code in {404, 422}
    assert 'aria-invalid="true"' in answer.text


def test_pairing_again_ends_the_browser_before(app: Flask, till: Till) -> None:
    old = till.client
    pair(app, till.desk)
    assert old.get("/counter/").location == "/counter/pair"


def test_a_revoked_till_is_told_to_pair_again(till: Till) -> None:
    card = till.card()
    token = till.token
    till.desk.write(lambda services: services.device_service.revoke(till.desk.vendor_id, till.desk.till_id))
    assert till.get("/").location == "/counter/pair"
    data = {"csrf_token": token, "key": "k", "pin": LUC}
    answer = till.client.post(f"/counter/cards/{card.code}/stamps", data=data, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/counter/pair")
    plain = till.client.post(f"/counter/cards/{card.code}/stamps", data=data)
    assert (plain.status_code, plain.location) == (303, "/counter/pair")
    assert till.count(card) == 0


def test_pairing_needs_the_pages_token(shop: Shop, stranger: PageClient) -> None:
    code = new_code(shop)
    answer = stranger.post("/counter/pair", data={"code": code})
    assert answer.status_code == 400
    assert "open for too long" in answer.text
    assert re.search(r'<body class="till"', answer.text)
