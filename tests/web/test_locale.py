"""The language: chosen, else the account's, else the browser's, else the shop's, else English. `lu` means `lb`."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty_portal.enums import LANGUAGES, language
from loyalty_portal.web.locale import accepted
from tests.shops import field_in, open_shop
from tests.town import Town


def spoken(client: FlaskClient, path: str, **headers: str) -> str:
    page = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return page.text.partition('<html lang="')[2][:2]


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("lu", "lb"), ("LU", "lb"), ("lb", "lb"), ("lb-LU", "lb"), ("lu_LU", "lb"), ("fr-LU", "fr"), ("DE", "de"),
        ("en_GB", "en"), ("lux", None), ("ltz", None), ("xx", None), ("", None), (None, None), ("f", None), ("*", None),
    ],
)  # fmt: skip
def test_a_code_means_a_language(code: str | None, meant: str | None) -> None:
    assert language(code) == meant


@pytest.mark.parametrize(
    ("header", "best"),
    [
        ("fr", "fr"),
        ("fr;q=0.5, de;q=0.9", "de"),
        ("de, fr", "de"),
        ("ja, pt-BR;q=0.9, lu;q=0.1", "lb"),
        ("fr;q=0, de;q=0.1", "de"),
        ("fr;q=2, de", "de"),
        ("fr;q=x, de;q=0.1", "de"),
        ("fr;q=nan", None),
        ("fr;q=inf", None),
        ("fr;q=-1", None),
        ("*", None),
        ("", None),
        (",,;;,", None),
        ("x" * 100_000, None),
        ("ja," * 50 + "fr", None),
        ("\u00e9\u00e9, fr", "fr"),
    ],
)
def test_the_browsers_wish_is_read(header: str, best: str | None) -> None:
    assert accepted(header) == best


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None, database=None)
def test_no_wish_is_too_strange(header: str) -> None:
    assert accepted(header) in {None, *LANGUAGES}


def test_the_order_holds(town: Town) -> None:
    """Chosen before account before browser before shop before English."""
    town.reset()
    client = town.client("owner", FlaskClient)
    assert spoken(client, "/vendor/", Accept_Language="fr") == "en"
    client.post("/vendor/account", data={"csrf_token": town.tokens["owner"], "locale": "de"})
    fresh = town.client("owner", FlaskClient)
    assert spoken(fresh, "/vendor/", Accept_Language="fr") == "de"
    fresh.set_cookie("language", "lb")
    assert spoken(fresh, "/vendor/", Accept_Language="fr") == "lb"
    nobody = town.client("anonymous", FlaskClient)
    assert spoken(nobody, "/", Accept_Language="fr") == "fr"
    assert spoken(nobody, "/", Accept_Language="ja") == "en"


def test_the_shops_language_is_the_tills_and_the_customers_last_resort(app: Flask) -> None:
    open_shop(app, locale="lu")
    client = app.test_client()
    assert spoken(client, "/join/kaffi-haus") == "lb"
    assert spoken(client, "/join/kaffi-haus", Accept_Language="ja") == "lb"
    assert spoken(client, "/join/kaffi-haus", Accept_Language="de") == "de"


@pytest.mark.parametrize("typed", ["lu", "LU", "lb-LU"])
def test_lu_is_stored_as_lb(town: Town, typed: str) -> None:
    town.reset()
    token = {"csrf_token": town.tokens["owner"]}
    owner = town.client("owner", FlaskClient)
    assert owner.post("/vendor/account", data=token | {"locale": typed}).status_code == 303
    with town.app.app_context():
        user = town.services.vendor_service.user_by_email("anne@example.com")
        assert user is not None
    assert spoken(town.client("owner", FlaskClient), "/vendor/") == "lb"
    chosen = owner.post("/language", data=token | {"language": typed, "next": "/"})
    assert "language=lb;" in chosen.headers["Set-Cookie"]


@pytest.mark.parametrize("typed", ["xx", "", "en\0", "<script>", "e" * 5000, "\u0435n"])
def test_what_is_no_language_is_not_kept(town: Town, typed: str) -> None:
    town.reset()
    client = town.client("anonymous", FlaskClient)
    answer = client.post("/language", data={"csrf_token": town.tokens["anonymous"], "language": typed, "next": "/"})
    assert answer.status_code == 303
    assert not any(line.startswith("language=") for line in answer.headers.getlist("Set-Cookie"))
    owner = town.client("owner", FlaskClient)
    refused = owner.post("/vendor/account", data={"csrf_token": town.tokens["owner"], "locale": typed})
    assert refused.status_code == 422


@pytest.mark.parametrize("cookie", ["xx", "EN-gb", "lu", "x" * 3000, "%00"])
def test_a_strange_choice_is_read_or_ignored(town: Town, cookie: str) -> None:
    client = town.client("anonymous", FlaskClient)
    client.set_cookie("language", cookie)
    assert spoken(client, "/", Accept_Language="fr") == (language(cookie) or "fr")


def test_choosing_goes_back_to_the_page(town: Town) -> None:
    town.reset()
    client = town.client("anonymous", FlaskClient)
    page = client.get("/join/kaffi-haus?a=1")
    data = {"csrf_token": field_in(page, "csrf_token"), "language": "fr"}
    there: dict[str, Any] = {"Referer": "http://localhost/join/kaffi-haus?a=1"}
    assert client.post("/language", data=data, headers=there).location == "/join/kaffi-haus?a=1"
    away = {"Referer": "http://evil.example/join/kaffi-haus"}
    assert client.post("/language", data=data, headers=away).location == "/"
    assert client.post("/language", data=data).location == "/"
