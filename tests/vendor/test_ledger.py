"""The ledger's page: how much there is, what the last check found, and the button that checks now."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from tests.clients import client_of
from tests.desk import desk_of
from tests.people import owner_of
from tests.shops import Shop, open_shop, press

LEDGER = "/vendor/ledger"


def check(owner: FlaskClient) -> str:
    answer = press(owner, LEDGER, f"{LEDGER}/verify")
    assert (answer.status_code, answer.location) == (303, LEDGER)
    return owner.get(LEDGER).text


def test_a_ledger_that_was_never_checked_says_so(owner: FlaskClient, shop: Shop) -> None:
    desk_of(shop).enrol()
    page = owner.get(LEDGER).text
    assert "<dd>1</dd>" in page and "<dd>never</dd>" in page


def test_the_button_checks_and_the_page_remembers(owner: FlaskClient, shop: Shop) -> None:
    desk = desk_of(shop)
    desk.stamp(desk.enrol().code)
    assert "Everything is as it was written." in check(owner)
    page = owner.get(LEDGER).text
    assert "<dd>2 entries, 1 card</dd>" in page
    assert page.count("Everything is as it was written.") == 1


def test_what_is_wrong_is_named_with_its_card(owner: FlaskClient, shop: Shop, app: Flask) -> None:
    desk = desk_of(shop)
    card = desk.enrol()
    desk.stamp(card.code)
    with client_of(app) as raw, raw.unguarded():
        raw.run("UPDATE loyalty_transactions SET reference = 'forged' WHERE seq = 2")
    page = check(owner)
    assert "Something is wrong in the ledger." in page
    assert "1 thing is wrong" in page
    assert f'<a href="/vendor/cards/{card.id}">{card.code[:4]} {card.code[4:]}</a></td><td class="num">2</td>' in page
    assert "This entry was changed after it was written." in page


def test_another_shops_ledger_is_its_own(owner: FlaskClient, shop: Shop, app: Flask) -> None:
    other = open_shop(app, "Other", "bob@example.com")
    desk = desk_of(other)
    desk.stamp(desk.enrol().code)
    with client_of(app) as raw, raw.unguarded():
        raw.run("UPDATE loyalty_transactions SET reference = 'forged' WHERE seq = 2")
    page = check(owner)
    assert "<dd>0 entries, 0 cards</dd>" in page and "as it was written" in page
    assert "1 thing is wrong" in check(owner_of(other, "bob@example.com"))
