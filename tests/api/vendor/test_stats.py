"""The program's figures."""

from __future__ import annotations

from typing import Any

from loyalty_portal.clock import FrozenClock
from tests.api.programs import STAFF, Register, fields, problem

TWELVE = {
    "total_cards", "active_cards", "total_stamps_issued", "total_stamps_redeemed", "stamps_this_month",
    "redemptions_this_month", "total_points_issued", "total_points_redeemed", "cards_with_activity_30d",
    "average_stamps_per_card", "average_points_per_card", "estimated_liability_cents",
}  # fmt: skip


def test_an_empty_program_is_zeros(register: Register) -> None:
    stats: Any = register.get("/program/stats").json
    period = stats.pop("period")
    assert set(stats) >= TWELVE and set(stats.values()) == {0}
    assert (period.pop("from"), period.pop("to")) == ("2026-11-01", "2026-11-16")
    assert set(period.values()) == {0}


def test_figures_are_net_and_in_the_vendors_zone(hybrid: Register, clock: FrozenClock) -> None:
    hybrid.patch("/program", {"stamps_reward_value_cents": 400})
    mia, tom, off = (hybrid.card(first_name=name) for name in ("Mia", "Tom", "Off"))
    stamps = {"staff_pin": STAFF, "quantity": 5}
    for card in (mia, tom, off):
        assert hybrid.post("/stamp", stamps | {"card_id": card["id"]}).status_code == 201
    undone: Any = hybrid.post("/points", {"card_id": tom["id"], "points": 70, "staff_pin": STAFF}).json
    assert hybrid.post(f"/transactions/{undone['transaction']['id']}/void").status_code == 201
    clock.move(days=1)
    hybrid.post("/points", {"card_id": mia["id"], "amount_cents": 2100, "staff_pin": STAFF})
    hybrid.post("/points/redeem", {"card_id": mia["id"], "reward_id": "bag", "staff_pin": STAFF})
    hybrid.post(f"/cards/{off['id']}/deactivate")
    stats: Any = hybrid.get("/program/stats").json
    assert (stats["total_cards"], stats["active_cards"], stats["cards_with_activity_30d"]) == (3, 2, 3)
    assert (stats["total_stamps_issued"], stats["stamps_this_month"]) == (15, 15)
    assert (stats["total_points_issued"], stats["total_points_redeemed"]) == (210, 100)
    assert stats["redemptions_this_month"] == 1
    assert (stats["average_stamps_per_card"], stats["average_points_per_card"]) == (5.0, 70.0)
    # Two active cards with half a reward of 4.00 each; 110 points at 9.00 for a hundred.
    assert stats["estimated_liability_cents"] == 2 * 200 + 990
    assert stats["owed_now_cents"] == 900
    first: Any = hybrid.get("/program/stats?from=2026-11-16&to=2026-11-16").json
    assert (first["period"]["stamps_issued"], first["period"]["points_issued"]) == (15, 0)
    assert (first["period"]["new_cards"], first["period"]["active_cards"]) == (3, 3)
    clock.move(days=40)
    later: Any = hybrid.get("/program/stats").json
    assert (later["stamps_this_month"], later["cards_with_activity_30d"]) == (0, 0)
    assert later["total_stamps_issued"] == 15


def test_the_month_begins_at_the_vendors_midnight(register: Register, clock: FrozenClock) -> None:
    clock.move(days=14, hours=15, minutes=30)
    card = register.card()
    assert register.post("/stamp", {"card_id": card["id"], "staff_pin": STAFF}).status_code == 201
    # 22:42 UTC on 30 November is still November in Luxembourg; an hour later it is December.
    november: Any = register.get("/program/stats").json
    assert november["stamps_this_month"] == 1
    clock.move(hours=1)
    december: Any = register.get("/program/stats").json
    assert december["stamps_this_month"] == 0 and december["period"]["from"] == "2026-12-01"


def test_bad_periods_are_invalid(register: Register) -> None:
    assert fields(register.get("/program/stats?from=2026-11-02&to=2026-11-01")) == ["from"]
    assert fields(register.get("/program/stats?from=2026-13-01")) == ["from"]
    assert fields(register.get("/program/stats?month=11")) == ["month"]
    register.delete("/program")
    problem(register.get("/program/stats"), 404, "not_found")
