"""The customer's card: what it shows in each of its states, to whom it shows nothing, and without a script."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db
from loyalty_portal.drawing.qr import qr_svg
from tests.public.customers import card_of
from tests.shops import Postbox, Shop, press

TAKEN_BACK = "taken back"


@pytest.fixture
def card(shop: Shop, client: FlaskClient) -> tuple[str, str]:
    """(address, code) of Sophie's card."""
    return card_of(client, first_name="Sophie")


def card_id(shop: Shop, code: str) -> int:
    return int(shop.rows("SELECT id FROM loyalty_cards WHERE code = :code", code=code)[0][0])


def switch(shop: Shop, code: str, *, on: bool) -> None:
    number = card_id(shop, code)
    shop.do(lambda services: services.card_service.switch(shop.origin, number, on=on))


def test_it_is_the_card_in_text_and_in_a_code(client: FlaskClient, card: tuple[str, str]) -> None:
    address, code = card
    page = client.get(address)
    assert "0 of 10" in page.text
    assert f"{code[:4]} {code[4:]}" in page.text
    assert str(qr_svg(f"LC{code}", "QR code of your card")) in page.text
    assert "Free coffee" in page.text
    assert "Nothing yet" in page.text
    assert "<script" not in page.text


def test_it_is_for_its_holder_alone(client: FlaskClient, card: tuple[str, str]) -> None:
    page = client.get(card[0])
    assert '<meta name="robots" content="noindex, nofollow">' in page.text
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"


def test_it_follows_the_counter(shop: Shop, client: FlaskClient, card: tuple[str, str], clock: FrozenClock) -> None:
    address, code = card
    shop.stamp(code, quantity=3)
    clock.move(days=1)
    undone = shop.stamp(code)
    clock.move(seconds=20)
    assert "4 of 10" in client.get(address).text
    shop.undo(undone)
    page = client.get(address).text
    assert "3 of 10" in page
    assert "7 more until: Free coffee." in page
    assert page.count(TAKEN_BACK) == 1
    assert "Mon, Nov 16, 08:12" in page
    assert "Tue, Nov 17, 08:12" in page


def test_a_full_card_asks_for_its_reward(
    shop: Shop, client: FlaskClient, card: tuple[str, str], clock: FrozenClock
) -> None:
    address, code = card
    for _ in range(2):
        shop.stamp(code, quantity=5)
        clock.move(days=1)
    page = client.get(address).text
    assert "10 of 10" in page
    assert "Free coffee is yours. Just ask at the counter." in page
    shop.redeem(code)
    page = client.get(address).text
    assert "0 of 10" in page
    assert "Free coffee enjoyed" in page
    assert "is yours" not in page


def test_a_welcome_is_said_once(shop: Shop, client: FlaskClient, card: tuple[str, str]) -> None:
    address, code = card
    assert "Welcome, Sophie!" in client.get(f"{address}?new=1").text
    assert "Welcome" not in client.get(address).text
    shop.stamp(code)
    assert "Welcome" not in client.get(f"{address}?new=1").text


def test_a_card_that_is_off_says_so_and_keeps_its_code(shop: Shop, client: FlaskClient, card: tuple[str, str]) -> None:
    address, code = card
    switch(shop, code, on=False)
    page = client.get(address).text
    assert "This card is switched off" in page
    assert f"{code[:4]} {code[4:]}" in page
    switch(shop, code, on=True)
    assert "switched off" not in client.get(address).text


def test_a_program_that_rests_says_so(shop: Shop, client: FlaskClient, card: tuple[str, str]) -> None:
    shop.do(lambda services: services.program_service.switch(shop.program_id, on=False))
    page = client.get(card[0])
    assert page.status_code == 200
    assert "Your stamps are safe" in page.text


def test_a_program_that_ended_leaves_its_cards_to_read(shop: Shop, client: FlaskClient, card: tuple[str, str]) -> None:
    address, code = card
    shop.stamp(code)
    shop.do(lambda services: services.program_service.archive(shop.vendor.id))
    page = client.get(address)
    assert page.status_code == 200
    assert "This program has ended" in page.text
    assert "1 of 10" in page.text
    assert "Show this at the counter" not in page.text


def test_a_card_that_moved_says_where_to(shop: Shop, app: Flask, postbox: Postbox) -> None:
    mail = "sophie@example.com"
    first, second = app.test_client(), app.test_client()
    card_of(first, contact=mail)
    press(first, postbox.link(), postbox.link())
    address, code = card_of(second, contact=mail)
    shop.stamp(code)
    press(second, postbox.link(), postbox.link())
    page = second.get(address).text
    assert "This card has moved" in page
    assert "Show this at the counter" not in page


@pytest.mark.parametrize("token", ["x", "A" * 22, "a" * 5000, "..", "%2e%2e", "%00", "é", "1' OR 1=1", "0"])
def test_an_unknown_link_leads_nowhere(shop: Shop, client: FlaskClient, card: tuple[str, str], token: str) -> None:
    page = client.get(f"/c/{token}")
    assert page.status_code == 404
    assert "Sophie" not in page.text


def test_neither_a_code_nor_a_number_opens_it(shop: Shop, client: FlaskClient, card: tuple[str, str]) -> None:
    code = card[1]
    for guess in (code, f"LC{code}", str(card_id(shop, code)), card[0].removeprefix("/c/")[:-1]):
        assert client.get(f"/c/{guess}").status_code == 404


def test_looking_changes_nothing(shop: Shop, client: FlaskClient, card: tuple[str, str]) -> None:
    address, code = card
    shop.stamp(code)
    before = shop.rows("SELECT * FROM loyalty_cards"), shop.rows("SELECT * FROM loyalty_transactions")
    client.get(address)
    client.get(f"{address}?new=1&mailed=1&confirmed=1")
    assert (shop.rows("SELECT * FROM loyalty_cards"), shop.rows("SELECT * FROM loyalty_transactions")) == before


def test_it_speaks_the_readers_language(client: FlaskClient, card: tuple[str, str]) -> None:
    page = client.get(card[0], headers={"Accept-Language": "de"})
    assert '<html lang="de">' in page.text


def test_a_long_history_costs_what_a_short_one_costs(
    shop: Shop, client: FlaskClient, card: tuple[str, str], clock: FrozenClock
) -> None:
    address, code = card
    shop.stamp(code)
    few = _statements(shop, client, address)
    for _ in range(14):
        clock.move(days=1)
        shop.stamp(code)
    assert _statements(shop, client, address) == few
    rows = re.findall(r"<time ", client.get(address).text)
    assert len(rows) == 10


def _statements(shop: Shop, client: FlaskClient, address: str) -> int:
    found: list[str] = []

    def note(*args: object) -> None:
        found.append(str(args[2]))

    with shop.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(found)
