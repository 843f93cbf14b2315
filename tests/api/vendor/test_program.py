"""The vendor's program: made, changed, switched, ended."""

from __future__ import annotations

from typing import Any

from tests.api.programs import Register, fields, problem

POINTS = {
    "loyalty_type": "points",
    "card_name": "Beans",
    "points_per_euro": 10,
    "points_rewards": [{"name": "Bag", "points_required": 100, "value_cents": 900, "cost_cents": 300}],
}


def test_a_program_is_changed_key_by_key(register: Register) -> None:
    before: Any = register.get("/program").json
    assert before["loyalty_type"] == "stamps" and before["stamps_target"] == 10 and before["is_active"]
    after: Any = register.patch("/program", {"stamps_target": 8, "card_tagline": "since 1954"}).json
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"stamps_target", "card_tagline"}
    assert register.patch("/program", {"card_tagline": None}).json == before | {"stamps_target": 8}
    assert register.patch("/program", {}).json == before | {"stamps_target": 8}


def test_ranges_and_types_are_kept(register: Register) -> None:
    before = register.get("/program").json
    bad: list[tuple[str, Any]] = [
        *(("stamps_target", value) for value in (1, 51, "8", 8.0, None, True)),
        *(("cooldown_minutes", value) for value in (-1, 1441, None)),
        *(("max_daily_stamps", value) for value in (0, 101)),
        *(("max_stamps_per_visit", value) for value in (0, 21)),
        *(("card_color", value) for value in ("red", "#12345", "#GGGGGG", None)),
        *(("require_staff_pin", value) for value in ("true", 1, None)),
        *(("stamps_reward_value_cents", value) for value in (-1, 10**9, 1.5)),
        *(("privacy_url", value) for value in ("http://x.lu", "javascript:alert(1)", 5)),
        ("loyalty_type", "points"),
        ("card_name", ""),
        ("stamp_icon", "skull"),
        ("id", 7),
    ]
    for name, value in bad:
        assert fields(register.patch("/program", {name: value})) == [name], (name, value)
    assert register.get("/program").json == before


def test_switching_is_idempotent(register: Register) -> None:
    for verb, on in (("deactivate", False), ("deactivate", False), ("activate", True), ("activate", True)):
        answer = register.post(f"/program/{verb}")
        program: Any = answer.json
        assert (answer.status_code, program["is_active"]) == (200, on)


def test_a_vendor_has_one_live_program(register: Register) -> None:
    problem(register.post("/program", POINTS), 409, "program_exists")
    card = register.card()
    assert register.delete("/program").status_code == 204
    for method in ("get", "delete"):
        problem(getattr(register, method)("/program"), 404, "not_found")
    problem(register.patch("/program", {"card_name": "x"}), 404, "not_found")
    problem(register.post("/program/activate"), 404, "not_found")
    # The ledger stays readable.
    closed: Any = register.get(f"/cards/{card['id']}").json
    assert closed["is_active"] is False
    made = register.post("/program", POINTS)
    program: Any = made.json
    assert made.status_code == 201 and program["points_rewards"][0]["id"]
    assert (program["cooldown_minutes"], program["max_daily_stamps"], program["require_staff_pin"]) == (15, 5, True)
    assert register.get("/program").json == program
    reward = program["points_rewards"][0] | {"is_active": False}
    changed: Any = register.patch("/program", {"points_rewards": [reward]}).json
    assert changed["points_rewards"] == [reward]
    assert fields(register.patch("/program", {"points_per_euro": None})) == ["points_per_euro"]


def test_what_a_type_needs_is_asked_for(register: Register) -> None:
    register.delete("/program")
    for body, named in (
        ({}, ["loyalty_type", "card_name"]),
        ({"loyalty_type": "stamps", "card_name": "x"}, ["stamps_target"]),
        ({"loyalty_type": "stamps", "card_name": "x", "stamps_target": 10}, ["stamps_reward_description"]),
        ({"loyalty_type": "points", "card_name": "x"}, ["points_per_euro"]),
        ({"loyalty_type": "hybrid", "card_name": "x", "points_per_euro": 1}, ["stamps_target"]),
        ({"loyalty_type": "tea", "card_name": "x"}, ["loyalty_type"]),
        (POINTS | {"points_per_euro": 0}, ["points_per_euro"]),
        (POINTS | {"points_rewards": [{"name": "x"}]}, ["points_rewards.0.points_required"]),
        (POINTS | {"points_rewards": "x"}, ["points_rewards"]),
    ):
        assert fields(register.post("/program", body)) == named, body
