"""Points by a cash register: purchases, rewards, adjustments."""

from __future__ import annotations

from typing import Any

from loyalty_portal.clock import FrozenClock
from tests.api.programs import MANAGER, STAFF, Register, fields, problem


def test_a_purchase_gives_points_and_its_remainder_counts_at_the_next(hybrid: Register, clock: FrozenClock) -> None:
    card = hybrid.card(first_name="Mia")
    body = {"code": card["code"], "amount_cents": 1239, "staff_pin": STAFF, "reference": "INV-1"}
    answer = hybrid.post("/points", body, key="p1")
    receipt: Any = answer.json
    assert answer.status_code == 201
    entry = receipt["transaction"]
    assert (entry["kind"], entry["points_delta"], entry["amount_cents"]) == ("points_earned", 123, 1239)
    assert entry["reference"] == "INV-1" and entry["staff"]["name"] == "Lea"
    assert receipt["card"]["points_balance"] == receipt["card"]["total_points_earned"] == 123
    assert receipt["reward_ready"] is True
    assert receipt["message"] == "123 points given. The balance is 123 points."
    assert hybrid.post("/points", body, key="p1").data == answer.data
    clock.move(hours=1)
    used = problem(hybrid.post("/points", body), 409, "reference_used")
    assert used["transaction_id"] == entry["id"]
    # 12.39 and 0.01 make 12.40: the tenth of a point that was left is counted now.
    more: Any = hybrid.post("/points", {"card_id": card["id"], "amount_cents": 1, "staff_pin": STAFF}).json
    assert more["card"]["points_balance"] == 124


def test_purchases_cool_down_and_large_ones_need_a_manager(hybrid: Register, clock: FrozenClock) -> None:
    card = hybrid.card()
    large = {"card_id": card["id"], "amount_cents": 50_001, "staff_pin": STAFF}
    problem(hybrid.post("/points", large), 403, "manager_required")
    assert hybrid.post("/points", large | {"staff_pin": MANAGER}).status_code == 201
    small = {"card_id": card["id"], "points": 5, "staff_pin": STAFF}
    assert problem(hybrid.post("/points", small), 409, "cooling_down")["retry_at"] == "2026-11-16T07:27:00Z"
    clock.move(minutes=15)
    assert hybrid.post("/points", small).status_code == 201


def test_a_reward_is_redeemed(hybrid: Register) -> None:
    card = hybrid.card()
    body = {"card_id": card["id"], "reward_id": "bag", "staff_pin": STAFF}
    facts = problem(hybrid.post("/points/redeem", body), 409, "not_enough_points")
    assert (facts["balance"], facts["needed"]) == (0, 100)
    hybrid.post("/points", {"card_id": card["id"], "points": 150, "staff_pin": STAFF})
    for unknown in ("mug", "nothing"):
        problem(hybrid.post("/points/redeem", body | {"reward_id": unknown}), 404, "reward_unknown")
    receipt: Any = hybrid.post("/points/redeem", body).json
    assert receipt["transaction"]["reward"] == "Bag of beans" and receipt["transaction"]["points_delta"] == -100
    assert receipt["card"]["points_balance"] == 50 and receipt["card"]["points_redeemed"] == 100
    assert receipt["message"] == "Bag of beans given. The balance is 50 points."


def test_a_manager_adjusts_with_a_reason(hybrid: Register) -> None:
    card = hybrid.card()
    body = {"card_id": card["id"], "points": 40, "reason": "forgotten purchase", "staff_pin": MANAGER}
    problem(hybrid.post("/points/adjust", body | {"staff_pin": STAFF}), 403, "manager_required")
    problem(hybrid.post("/points/adjust", {k: v for k, v in body.items() if k != "staff_pin"}), 422, "pin_required")
    receipt: Any = hybrid.post("/points/adjust", body).json
    assert (receipt["transaction"]["kind"], receipt["transaction"]["points_delta"]) == ("points_adjusted", 40)
    assert receipt["transaction"]["note"] == "forgotten purchase" and receipt["card"]["points_balance"] == 40
    problem(hybrid.post("/points/adjust", body | {"points": -41}), 409, "not_enough_points")
    assert fields(hybrid.post("/points/adjust", body | {"points": 0})) == ["points"]
    assert fields(hybrid.post("/points/adjust", body | {"reason": None})) == ["reason"]


def test_a_stamp_card_takes_no_points(register: Register) -> None:
    card = register.card()
    body = {"card_id": card["id"], "points": 5, "staff_pin": STAFF}
    problem(register.post("/points", body), 409, "wrong_program_type")


def test_bad_amounts_are_invalid_and_nothing_is_written(hybrid: Register, foreign: Register) -> None:
    card = hybrid.card()
    theirs = foreign.card()
    written = hybrid.entries()
    whole = {"card_id": card["id"], "staff_pin": STAFF}
    bad: list[Any] = [0, -5, 1.5, "100", "1e3", True, None, 10**9, 10**40, [], {}]
    for amount in bad:
        assert fields(hybrid.post("/points", whole | {"amount_cents": amount})) == ["amount_cents"], amount
        assert fields(hybrid.post("/points", whole | {"points": amount})) == ["points"], amount
    for text in ("1e2", "1.0", "12.39", "9" * 5000):
        data = f'{{"card_id": {card["id"]}, "staff_pin": "{STAFF}", "amount_cents": {text}}}'
        answer = hybrid.post("/points", data=data, headers={"Content-Type": "application/json"})
        assert fields(answer) == ["amount_cents"], text
    assert fields(hybrid.post("/points", whole | {"points": 5, "amount_cents": 5})) == ["points"]
    assert fields(hybrid.post("/points", whole)) == ["amount_cents"]
    for reference in ("", "x" * 121, "a\x00b", 7):
        assert fields(hybrid.post("/points", whole | {"points": 5, "reference": reference})) == ["reference"]
    problem(hybrid.post("/points", {"card_id": theirs["id"], "points": 5, "staff_pin": STAFF}), 404, "not_found")
    assert hybrid.entries() == written
