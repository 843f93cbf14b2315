"""A card, for whoever has its link."""

from __future__ import annotations

from typing import Any

from loyalty_portal.clock import FrozenClock
from tests.api.programs import STAFF, Register, Stranger, problem


def test_the_link_shows_the_card(stranger: Stranger, register: Register, clock: FrozenClock) -> None:
    card = register.card(first_name="Mia", last_name="Meyer", email="mia@example.com")
    for _ in range(12):
        clock.move(days=1)
        register.post("/stamp", {"card_id": card["id"], "staff_pin": STAFF, "note": "private"})
    answer = stranger.get(f"/cards/{card['link_token']}")
    shown: Any = answer.json
    assert (shown["stamp_count"], shown["rewards_ready"], shown["first_name"]) == (12, 1, "Mia")
    assert len(shown["entries"]) == 10 and shown["entries"][0]["kind"] == "stamp_earned"
    assert shown["program"]["vendor_slug"] == "kaffi-haus" and shown["wallets"] == {"apple": None, "google": None}
    for secret in ("Meyer", "mia@example.com", "private", "Lea"):
        assert secret not in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_wallets_are_not_there_without_their_certificates(stranger: Stranger, register: Register) -> None:
    card = register.card()
    for path in ("apple.pkpass", "google"):
        problem(stranger.get(f"/cards/{card['link_token']}/{path}"), 404, "not_found")


def test_unknown_links_are_not_there(stranger: Stranger, register: Register) -> None:
    card = register.card()
    for token in ("x", card["code"], card["link_token"][:-1], card["link_token"] + "A", "x" * 500, str(card["id"])):
        problem(stranger.get(f"/cards/{token}"), 404, "not_found")
