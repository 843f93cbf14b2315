"""Cards by a vendor's program: enrolled, listed, looked up, switched."""

from __future__ import annotations

from typing import Any

import pytest

from loyalty_portal.clock import FrozenClock
from tests.api.programs import STAFF, Register, fields, problem
from tests.shops import Postbox


def test_a_customer_is_enrolled_once(register: Register, postbox: Postbox) -> None:
    given = {"first_name": "Zoë", "last_name": "Müller", "email": "Zoe@Example.com", "phone": "621 123 456",
             "birth_date": "1990-02-28", "locale": "fr", "marketing_consent": True}  # fmt: skip
    made = register.post("/cards", given)
    card: Any = made.json
    assert made.status_code == 201
    assert card["customer"] | {"id": 0} == {
        "id": 0, "first_name": "Zoë", "last_name": "Müller", "email": "zoe@example.com", "phone": "+352621123456"
    }  # fmt: skip
    assert card["card_url"].endswith(f"/c/{card['link_token']}") and len(card["code"]) == 8
    assert (card["stamp_count"], card["stamps_target"], card["is_active"]) == (0, 10, True)
    assert [mail["To"] for mail in postbox.mails] == ["zoe@example.com"]
    for same in ({"email": "ZOE@example.com"}, {"phone": "+352 621 123 456", "first_name": "Z"}):
        again = register.post("/cards", same)
        found: Any = again.json
        assert (again.status_code, found["id"]) == (200, card["id"])
    assert len(postbox.mails) == 1
    nobody: Any = register.post("/cards", {}).json
    assert nobody["id"] != card["id"] and nobody["customer"]["first_name"] is None


def test_a_key_makes_one_card(register: Register) -> None:
    first = register.post("/cards", {"first_name": "Mia"}, key="k")
    again = register.post("/cards", {"first_name": "Mia"}, key="k")
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    problem(register.post("/cards", {"first_name": "Max"}, key="k"), 409, "idempotency_conflict")


def test_other_shops_customers_are_not_known(register: Register, foreign: Register) -> None:
    theirs = foreign.card(email="mia@example.com")
    mine = register.post("/cards", {"email": "mia@example.com"})
    assert mine.status_code == 201
    for path in (
        f"/cards/{theirs['id']}",
        f"/cards/{theirs['id']}/transactions",
        f"/cards/lookup?code={theirs['code']}",
    ):
        problem(register.get(path), 404, "not_found")
    for verb in ("activate", "deactivate"):
        problem(register.post(f"/cards/{theirs['id']}/{verb}"), 404, "not_found")


def test_bad_people_are_invalid(register: Register) -> None:
    bad: list[tuple[dict[str, Any], str]] = [
        ({"first_name": 5}, "first_name"),
        ({"first_name": ""}, "first_name"),
        ({"first_name": "a\x00b"}, "first_name"),
        ({"last_name": "x" * 81}, "last_name"),
        ({"email": "nobody"}, "email"),
        ({"email": ["a@example.com"]}, "email"),
        ({"phone": "12"}, "phone"),
        ({"phone": 621123456}, "phone"),
        ({"birth_date": "2026-11-17"}, "birth_date"),
        ({"birth_date": "1899-12-31"}, "birth_date"),
        ({"birth_date": "28.02.1990"}, "birth_date"),
        ({"birth_date": 0}, "birth_date"),
        ({"birth_date": "99999-01-01"}, "birth_date"),
        ({"locale": "xx"}, "locale"),
        ({"marketing_consent": "yes"}, "marketing_consent"),
        ({"marketing_consent": 1}, "marketing_consent"),
        ({"stamp_count": 9}, "stamp_count"),
    ]
    for body, field in bad:
        assert fields(register.post("/cards", body)) == [field], body
    assert register.entries() == 0


@pytest.mark.parametrize("name", ["Zoë", "محمد", "さくら", "Ñandú", "👩‍🍳", "O'Brien; DROP TABLE cards"])
def test_names_in_any_script(register: Register, name: str) -> None:
    assert register.card(first_name=name)["customer"]["first_name"] == name


def test_cards_are_listed_by_activity_searched_and_paged(
    register: Register, foreign: Register, clock: FrozenClock
) -> None:
    foreign.card(first_name="Mia")
    mia = register.card(first_name="Mia", phone="621123456")
    clock.move(minutes=1)
    max_ = register.card(first_name="Max")
    clock.move(minutes=1)
    register.post("/stamp", {"card_id": mia["id"], "staff_pin": STAFF})
    register.post(f"/cards/{max_['id']}/deactivate")
    clock.move(minutes=1)
    register.post("/stamp", {"card_id": mia["id"], "staff_pin": STAFF})
    for query, found in (
        ("", [mia["id"], max_["id"]]),
        ("?search=ma", [max_["id"]]),
        ("?search=456", [mia["id"]]),
        ("?search=m", []),
        (f"?search={mia['code']}", [mia["id"]]),
        ("?is_active=true", [mia["id"]]),
        ("?is_active=false", [max_["id"]]),
        ("?limit=1&skip=1", [max_["id"]]),
    ):
        page: Any = register.get("/cards" + query).json
        assert [card["id"] for card in page["items"]] == found, query
    for query, named in (("is_active=1", "is_active"), ("search=", "search"), ("search=a%00", "search"), ("q=x", "q")):
        assert fields(register.get(f"/cards?{query}")) == [named], query


def test_a_code_is_looked_up_in_any_spelling(register: Register) -> None:
    card = register.card()
    for typed in (card["code"], f"LC{card['code']}", f"{card['code'][:4].lower()} - {card['code'][4:]}"):
        found: Any = register.get("/cards/lookup", query_string={"code": typed}).json
        assert found["id"] == card["id"]
    problem(register.get("/cards/lookup?code=AAAA"), 404, "not_found")
    assert fields(register.get("/cards/lookup")) == ["code"]


def test_a_card_is_switched_off_and_on(register: Register) -> None:
    card = register.card()
    for _ in range(2):
        off: Any = register.post(f"/cards/{card['id']}/deactivate").json
        assert off["is_active"] is False
    on: Any = register.post(f"/cards/{card['id']}/activate").json
    assert on["is_active"] is True
    kinds: Any = register.get(f"/cards/{card['id']}/transactions").json
    assert [entry["kind"] for entry in kinds["items"]] == ["card_activated", "card_deactivated", "card_created"]


def test_nobody_joins_a_program_that_is_off_or_missing(register: Register) -> None:
    register.post("/program/deactivate")
    problem(register.post("/cards", {}), 409, "program_inactive")
    register.delete("/program")
    problem(register.post("/cards", {}), 404, "not_found")
