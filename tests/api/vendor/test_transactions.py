"""The list of entries, and taking entries back."""

from __future__ import annotations

from typing import Any

from loyalty_portal.clock import FrozenClock
from tests.api.programs import MANAGER, STAFF, Register, fields, problem


def stamp(register: Register, card: dict[str, Any], quantity: int = 1) -> int:
    answer = register.post("/stamp", {"card_id": card["id"], "staff_pin": STAFF, "quantity": quantity})
    assert answer.status_code == 201, answer.text
    entry: Any = answer.json
    return int(entry["transaction"]["id"])


def test_entries_are_listed_and_filtered(register: Register, foreign: Register, clock: FrozenClock) -> None:
    stamp(foreign, foreign.card())
    card = register.card()
    first = stamp(register, card)
    clock.move(days=3)
    second = stamp(register, card)
    everything: Any = register.get("/transactions").json
    assert (everything["total"], everything["skip"], everything["limit"]) == (3, 0, 50)
    assert [entry["id"] for entry in everything["items"]][:2] == [second, first]
    staff = everything["items"][0]["staff"]["id"]
    for query, found in (
        ("kind=stamp_earned", [second, first]),
        ("kind=stamp_earned&limit=1&skip=1", [first]),
        ("from=2026-11-17", [second]),
        ("to=2026-11-16&kind=stamp_earned", [first]),
        ("from=2026-11-19&to=2026-11-19", [second]),
        (f"staff_id={staff}", [second, first]),
        (f"staff_id={staff + 50}", []),
    ):
        page: Any = register.get(f"/transactions?{query}").json
        assert [entry["id"] for entry in page["items"]] == found, query
    of_card: Any = register.get(f"/cards/{card['id']}/transactions?limit=2").json
    assert of_card["total"] == 3 and [entry["id"] for entry in of_card["items"]] == [second, first]


def test_bad_queries_are_invalid(register: Register) -> None:
    for query, named in (
        ("from=2026-11-02&to=2026-11-01", ["from"]),
        ("from=yesterday", ["from"]),
        ("from=2026-02-30", ["from"]),
        ("from=0001-01-01", ["from"]),
        ("to=9999-12-31", ["to"]),
        ("from=2026-11-01T00:00:00Z", ["from"]),
        ("kind=coffee", ["kind"]),
        ("kind=", ["kind"]),
        ("staff_id=0", ["staff_id"]),
        ("staff_id=1.5", ["staff_id"]),
        ("limit=0", ["limit"]),
        ("limit=101", ["limit"]),
        ("limit=1_0", ["limit"]),
        ("limit=%205", ["limit"]),
        ("limit=", ["limit"]),
        ("limit=1&limit=2", ["limit"]),
        ("skip=-1", ["skip"]),
        ("skip=99999999999999999999", ["skip"]),
        ("colour=red%00", ["colour"]),
    ):
        assert fields(register.get(f"/transactions?{query}")) == named, query


def test_an_entry_is_taken_back_within_a_minute_by_its_key(register: Register, clock: FrozenClock) -> None:
    card = register.card()
    entry_id = stamp(register, card, 5)
    other = register.with_key(register.shop.vendor.id)
    problem(other.post(f"/transactions/{entry_id}/void"), 409, "void_too_late")
    answer = register.post(f"/transactions/{entry_id}/void", key="v1")
    receipt: Any = answer.json
    assert answer.status_code == 201
    assert (receipt["transaction"]["kind"], receipt["transaction"]["stamps_delta"]) == ("stamp_voided", -5)
    assert receipt["transaction"]["voids_id"] == entry_id and receipt["message"] == "Taken back."
    # Cooldown and the day's count are given back too.
    assert receipt["card"]["stamps_today"] == 0 and stamp(register, card, 5)
    assert register.post(f"/transactions/{entry_id}/void", key="v1").data == answer.data
    problem(register.post(f"/transactions/{entry_id}/void"), 409, "already_voided")
    problem(register.post(f"/transactions/{receipt['transaction']['id']}/void"), 409, "not_voidable")
    page: Any = register.get("/transactions?kind=stamp_earned").json
    assert page["items"][-1]["voided_by_id"] == receipt["transaction"]["id"]


def test_later_a_manager_takes_back_with_a_reason(register: Register, clock: FrozenClock) -> None:
    entry_id = stamp(register, register.card())
    clock.move(seconds=61)
    path = f"/transactions/{entry_id}/void"
    problem(register.post(path), 409, "void_too_late")
    problem(register.post(path, {"reason": "wrong card", "staff_pin": STAFF}), 403, "manager_required")
    problem(register.post(path, {"staff_pin": MANAGER}), 409, "void_too_late")
    receipt: Any = register.post(path, {"reason": "wrong card", "staff_pin": MANAGER}).json
    assert receipt["transaction"]["staff"]["name"] == "Max" and receipt["transaction"]["note"] == "wrong card"


def test_others_entries_are_not_there(register: Register, foreign: Register) -> None:
    theirs = stamp(foreign, foreign.card())
    written = register.entries()
    for entry_id in (theirs, 10**9, 2**63 - 1, 2**63, 0, -1):
        problem(register.post(f"/transactions/{entry_id}/void"), 404, "not_found")
    assert fields(register.post(f"/transactions/{theirs}/void", {"why": "x"})) == ["why"]
    assert register.entries() == written
