"""What a stranger may know of a program."""

from __future__ import annotations

from typing import Any

from tests.api.programs import Register, Stranger, fields, problem


def test_a_stranger_sees_the_offer_and_no_costs(stranger: Stranger, hybrid: Register) -> None:
    hybrid.patch("/program", {"stamps_reward_cost_cents": 77, "terms_text": "Be kind."})
    answer = stranger.get(f"/programs/{hybrid.shop.vendor.slug}")
    program: Any = answer.json
    assert program["vendor_name"] == "Roastery" and program["terms_text"] == "Be kind."
    assert [reward["name"] for reward in program["points_rewards"]] == ["Bag of beans"]
    assert not {name for name in program if "cost" in name or name in {"id", "cooldown_minutes", "require_staff_pin"}}
    assert "cost" not in answer.text


def test_nothing_is_there_when_it_is_off_or_unknown(stranger: Stranger, register: Register) -> None:
    assert fields(stranger.get("/programs/kaffi-haus?x=1")) == ["x"]
    register.post("/program/deactivate")
    for slug in ("kaffi-haus", "nobody", "x" * 300, "%F0%9F%8D%B5", "..%2f"):
        problem(stranger.get(f"/programs/{slug}"), 404, "not_found")
