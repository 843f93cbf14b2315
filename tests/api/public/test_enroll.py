"""Joining by anyone: nobody learns who is a customer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.api.programs import Register, Stranger, fields, problem
from tests.shops import Postbox


def test_anyone_joins(stranger: Stranger, postbox: Postbox) -> None:
    answer = stranger.post("/enroll/kaffi-haus", {"first_name": "Mia", "email": "mia@example.com"})
    made: Any = answer.json
    assert answer.status_code == 201 and made["card"]["first_name"] == "Mia"
    assert made["card_url"].endswith(f"/c/{made['card']['link_token']}")
    assert not {"apple_wallet_url", "google_wallet_url"} & set(made)
    assert [entry["kind"] for entry in made["card"]["entries"]] == ["card_created"]
    assert len(postbox.mails) == 1


def test_a_known_address_gets_the_same_answer(stranger: Stranger, register: Register, postbox: Postbox) -> None:
    """Even once it was proven: a fresh card, and the mail goes to the address alone."""
    register.card(email="mia@example.com", first_name="Mia", phone="621123456")
    page = stranger.client.get(postbox.link())
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[-1]
    assert stranger.client.post(postbox.link(), data={"csrf_token": token}).status_code == 303
    answers = [
        stranger.post("/enroll/kaffi-haus", {"email": email, "phone": phone})
        for email, phone in (("mia@example.com", "621123456"), ("new@example.com", "621123457"))
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    known, unknown = (_masked(answer.json) for answer in answers)
    assert known == unknown
    assert sorted(answers[0].headers.keys()) == sorted(answers[1].headers.keys())
    assert [mail["To"] for mail in postbox.mails] == ["mia@example.com", "mia@example.com", "new@example.com"]


def _masked(body: Any) -> Any:
    text = str(body)
    for secret in (body["card"]["link_token"], body["card"]["code"]):
        text = text.replace(secret, "…")
    return text


def test_bad_input_and_closed_programs(stranger: Stranger, register: Register) -> None:
    for body, named in (({"email": "x"}, "email"), ({"points": 5}, "points"), ({"phone": 5}, "phone")):
        assert fields(stranger.post("/enroll/kaffi-haus", body)) == [named]
    problem(stranger.post("/enroll/nobody", {}), 404, "not_found")
    register.post("/program/deactivate")
    problem(stranger.post("/enroll/kaffi-haus", {}), 404, "not_found")
    assert register.entries() == 0


def test_one_address_can_not_fill_the_shop_with_cards(with_settings: Callable[..., Register]) -> None:
    register = with_settings(RATE_LIMITS=True)
    stranger = Stranger(register.shop)
    statuses = [stranger.post("/enroll/kaffi-haus", {}).status_code for _ in range(22)]
    assert statuses == [201] * 20 + [429] * 2
    refused = stranger.post("/enroll/kaffi-haus", {})
    assert problem(refused, 429, "rate_limited")["retry_after"] == int(refused.headers["Retry-After"]) > 0
