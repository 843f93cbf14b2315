"""The shop's cards: found by name, phone, code and address, in pages, each with its history, switched off and on."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loyalty_portal.clock import FrozenClock
from loyalty_portal.schemas.cards import Enrolment
from loyalty_portal.services import Services
from tests.people import manager_of
from tests.public.customers import card_of
from tests.shops import OWNER, Shop, press, sign_in

CARDS = "/vendor/cards"


def names(page: TestResponse) -> list[str]:
    return re.findall(r'class="lines__name" href="/vendor/cards/\d+">([^<]+)</a>', page.text)


def found(owner: FlaskClient, **query: str) -> list[str]:
    """The names of a search, asked as a page and as htmx asks: both answer the same."""
    page = owner.get(CARDS, query_string=query)
    part = owner.get(CARDS, query_string=query, headers={"HX-Request": "true", "HX-Target": "hits"})
    assert page.status_code == part.status_code == 200
    assert names(page) == names(part)
    return names(page)


def card_id(shop: Shop, code: str) -> int:
    return int(shop.rows("SELECT id FROM loyalty_cards WHERE code = :code", code=code)[0].id)


def join(shop: Shop, client: FlaskClient) -> dict[str, str]:
    """Four people; their codes by their first names."""
    return {
        "Sophie": card_of(client, first_name="Sophie", contact="sophie@example.com")[1],
        "Émile": card_of(client, first_name="Émile", contact="+352621770123")[1],
        "Sören": card_of(client, first_name="Sören")[1],
        "": card_of(client)[1],
    }


def test_an_empty_list_teaches(shop: Shop, owner: FlaskClient) -> None:
    page = owner.get(CARDS).text
    assert "Nobody has a card yet" in page
    assert 'href="/vendor/poster"' in page


def test_who_was_here_last_is_first(shop: Shop, owner: FlaskClient, client: FlaskClient, clock: FrozenClock) -> None:
    codes = join(shop, client)
    clock.move(minutes=1)
    shop.stamp(codes["Sören"])
    assert found(owner)[0] == "Sören"
    assert sorted(found(owner)) == sorted(["Sören", "Sophie", "Émile", "Guest"])


def test_people_are_found_by_what_they_say(shop: Shop, owner: FlaskClient, client: FlaskClient) -> None:
    codes = join(shop, client)
    assert found(owner, search="so") == ["Sören", "Sophie"]
    assert found(owner, search="SOP") == ["Sophie"]
    assert found(owner, search="emi") == ["Émile"]
    assert found(owner, search="0123") == ["Émile"]
    assert found(owner, search="621 770 123") == ["Émile"]
    assert found(owner, search="sophie@ex") == ["Sophie"]
    code = codes["Sören"]
    assert found(owner, search=code) == ["Sören"]
    assert found(owner, search=f" lc{code[:4].lower()} {code[4:]}") == ["Sören"]
    assert found(owner, search="zz") == []
    assert "Nobody found" in owner.get(CARDS, query_string={"search": "zz"}).text
    assert "Two letters, please" in owner.get(CARDS, query_string={"search": "s"}).text


def test_what_was_searched_stays_in_the_field(shop: Shop, owner: FlaskClient, client: FlaskClient) -> None:
    join(shop, client)
    page = owner.get(CARDS, query_string={"search": '"><b>so', "is_active": "1"})
    assert 'value="&#34;&gt;&lt;b&gt;so"' in page.text
    assert '<option value="1" selected>' in page.text


def test_cards_that_are_off_are_a_list_of_their_own(shop: Shop, owner: FlaskClient, client: FlaskClient) -> None:
    codes = join(shop, client)
    card = f"{CARDS}/{card_id(shop, codes['Sophie'])}"
    assert press(owner, card, f"{card}/switch", on="0").status_code == 303
    page = owner.get(card).text
    assert "The card is off. Its stamps are kept." in page and "Card switched off" in page
    assert found(owner, is_active="0") == ["Sophie"]
    assert "Sophie" not in found(owner, is_active="1")
    assert found(owner, is_active="1", search="sophie") == []
    press(owner, card, f"{card}/switch", on="1")
    assert "Card switched on" in owner.get(card).text
    assert found(owner, is_active="0") == []
    kinds = [
        row.kind for row in shop.rows("SELECT kind FROM loyalty_transactions ORDER BY id") if "activated" in row.kind
    ]
    assert kinds == ["card_deactivated", "card_activated"]


def test_a_switch_says_off_or_on(shop: Shop, owner: FlaskClient, client: FlaskClient) -> None:
    card = f"{CARDS}/{card_id(shop, card_of(client)[1])}"
    for on in ("", "perhaps", "2"):
        assert press(owner, card, f"{card}/switch", on=on).status_code == 422
    assert shop.rows("SELECT is_active FROM loyalty_cards")[0].is_active


def crowd(shop: Shop, count: int) -> None:
    def enrol(services: Services) -> None:
        for number in range(count):
            services.enrolment_service.enrol(shop.origin, Enrolment(first_name=f"Guest{number:02}"))

    shop.do(enrol)


def test_a_long_list_comes_in_pages(shop: Shop, owner: FlaskClient, client: FlaskClient) -> None:
    crowd(shop, 27)
    first = owner.get(CARDS)
    assert "27 cards" in first.text and "1 to 25 of 27" in first.text
    assert len(names(first)) == 25
    second = owner.get(CARDS, query_string={"skip": 25})
    assert len(names(second)) == 2
    assert not set(names(first)) & set(names(second))
    assert "26 to 27 of 27" in second.text
    # The next page keeps what was asked.
    assert "search=gu" in owner.get(CARDS, query_string={"search": "gu"}).text
    assert "There is no such page." in owner.get(CARDS, query_string={"skip": 500}).text
    for skip in ("-1", "99999999999999999999"):
        assert owner.get(CARDS, query_string={"skip": skip}).status_code == 422


def test_a_card_shows_everything_that_happened(
    shop: Shop, owner: FlaskClient, client: FlaskClient, clock: FrozenClock
) -> None:
    _, code = card_of(client, first_name="Sophie", contact="sophie@example.com", marketing_consent="y")
    shop.stamp(code, 2)
    clock.move(days=1)
    last = shop.stamp(code, 3)
    shop.undo(last)
    sign_in(owner, OWNER)
    page = owner.get(f"{CARDS}/{card_id(shop, code)}").text
    for words in ("Sophie", "2 of 10", "sophie@example.com", "not confirmed", "2 stamps", "3 stamps", "taken back",
                  "Taken back", "Card made", "yes, since", f"{code[:4]} {code[4:]}"):  # fmt: skip
        assert words in page, words
    assert page.index("Taken back") < page.index("2 stamps"), "newest first"


def test_a_long_history_comes_in_pages(shop: Shop, owner: FlaskClient, client: FlaskClient, clock: FrozenClock) -> None:
    _, code = card_of(client)
    for _ in range(27):
        clock.move(days=1)
        shop.stamp(code)
    sign_in(owner, OWNER)
    address = f"{CARDS}/{card_id(shop, code)}"
    first, second = owner.get(address).text, owner.get(f"{address}?skip=25").text
    assert "Older" in first and "Newer" not in first
    assert "Newer" in second and "Older" not in second
    assert "Card made" in second and "Card made" not in first
    assert owner.get(f"{address}?skip=-5").status_code == 200


def test_a_closed_card_can_be_read_only(shop: Shop, owner: FlaskClient, client: FlaskClient) -> None:
    _, code = card_of(client)
    shop.stamp(code)
    card = f"{CARDS}/{card_id(shop, code)}"
    press(owner, "/vendor/program/archive", "/vendor/program/archive")
    page = owner.get(card).text
    assert "This card is closed." in page
    assert f"{card}/switch" not in page
    assert press(owner, CARDS, f"{card}/switch", on="0").status_code == 404


def test_a_manager_may_do_all_this(shop: Shop, client: FlaskClient) -> None:
    _, code = card_of(client)
    manager = manager_of(shop)
    card = f"{CARDS}/{card_id(shop, code)}"
    assert manager.get(CARDS).status_code == 200
    assert press(manager, card, f"{card}/switch", on="0").status_code == 303
