"""The platform's figures."""

from __future__ import annotations

from typing import Any

from tests.api.programs import STAFF, Platform, Register


def test_the_platform_is_counted_net_of_voids(platform: Platform, register: Register, foreign: Register) -> None:
    for shop in (register, foreign):
        card = shop.card()
        shop.post("/stamp", {"card_id": card["id"], "staff_pin": STAFF, "quantity": 2})
    entry: Any = foreign.get("/transactions?kind=stamp_earned").json
    foreign.post(f"/transactions/{entry['items'][0]['id']}/void")
    foreign.post("/program/deactivate")
    stats: Any = platform.get("/stats").json
    assert (stats["total_vendors"], stats["total_programs"], stats["active_programs"]) == (2, 2, 1)
    assert (stats["total_cards"], stats["total_stamps_issued"], stats["cards_with_activity_30d"]) == (2, 2, 1)
