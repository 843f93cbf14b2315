"""Choosing a language, and going back to where one was."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.shops import Shop, press


@pytest.mark.parametrize(("chosen", "lang"), [("fr", "fr"), ("de", "de"), ("lb", "lb"), ("lu", "lb"), ("en", "en")])
def test_a_choice_is_remembered(shop: Shop, client: FlaskClient, chosen: str, lang: str) -> None:
    press(client, "/join/kaffi-haus", "/language", language=chosen)
    assert f'<html lang="{lang}">' in client.get("/join/kaffi-haus", headers={"Accept-Language": "it"}).text
    cookie = client.get_cookie("language")
    assert cookie is not None
    assert cookie.value == lang


@pytest.mark.parametrize("chosen", ["", "xx", "x" * 5000, "\0", "en; Path=/"])
def test_what_is_no_language_changes_nothing(shop: Shop, client: FlaskClient, chosen: str) -> None:
    assert press(client, "/", "/language", language=chosen).status_code == 303
    assert client.get_cookie("language") is None


@pytest.mark.parametrize(
    "away",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "\\\\evil.example", ""],
)
def test_nobody_is_led_outside(client: FlaskClient, away: str) -> None:
    answer = press(client, "/", "/language", language="fr", next=away)
    assert answer.status_code == 303
    assert "evil" not in str(answer.location)
    assert str(answer.location).startswith("/")


def test_one_comes_back_to_the_very_page(shop: Shop, client: FlaskClient) -> None:
    assert (
        press(client, "/", "/language", language="fr", next="/join/kaffi-haus?a=b").location == "/join/kaffi-haus?a=b"
    )


def test_a_forged_choice_is_refused(client: FlaskClient) -> None:
    assert client.post("/language", data={"language": "fr"}).status_code == 400
    assert client.get_cookie("language") is None
