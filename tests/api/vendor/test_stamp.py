"""Stamps by a cash register: receipts, rules, keys, PINs, and what a stamp costs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask
from sqlalchemy import event

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db
from tests.api.programs import MANAGER, STAFF, WRONG, Register, fields, problem


def test_a_stamp_answers_a_receipt(register: Register) -> None:
    card = register.card(first_name="Mia")
    answer = register.post("/stamp", {"card_id": card["id"], "quantity": 2, "staff_pin": STAFF, "note": "two cups"})
    assert answer.status_code == 201
    receipt: Any = answer.json
    assert receipt["card"]["stamp_count"] == 2 and receipt["card"]["stamps_today"] == 2
    assert receipt["card"]["customer"]["first_name"] == "Mia"
    assert receipt["reward_ready"] is False
    assert receipt["message"] == "2 stamps given. 2 of 10."
    entry = receipt["transaction"]
    assert (entry["kind"], entry["stamps_delta"], entry["stamps_after"]) == ("stamp_earned", 2, 2)
    assert entry["staff"]["name"] == "Lea" and entry["source"] == "api" and entry["note"] == "two cups"
    assert entry["at"] == "2026-11-16T07:12:00Z"
    assert not {"amount_cents", "reward", "voids_id", "voided_by_id", "reference"} & set(entry)
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_message_is_in_the_language_asked_for_and_cookies_are_ignored(register: Register) -> None:
    register.client.set_cookie("language", "fr")
    headers = {"Accept-Language": "de"}
    answer = register.post("/stamp/redeem", {"card_id": 10**9, "staff_pin": STAFF}, headers=headers)
    assert problem(answer, 404, "not_found")["title"] == "Hier ist nichts."
    assert answer.headers["Content-Language"] == "de"


def test_a_code_is_read_in_any_spelling(register: Register) -> None:
    card = register.card()
    typed = f" lc-{card['code'][:4].lower()} {card['code'][4:].replace('0', 'o').replace('1', 'l')}"
    assert register.post("/stamp", {"code": typed, "staff_pin": STAFF}).status_code == 201


def test_unknown_wrong_and_foreign_cards_are_one_answer(register: Register, foreign: Register) -> None:
    theirs = foreign.card()
    code = register.card()["code"]
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    bodies = [{"code": theirs["code"]}, {"code": wrong}, {"card_id": theirs["id"]}, {"card_id": 2**62}, {"code": "?"}]
    answers = [register.post("/stamp", body | {"staff_pin": STAFF}) for body in bodies]
    for answer in answers:
        problem(answer, 404, "not_found")
    assert len({answer.data for answer in answers}) == 1


def test_a_card_cools_down(register: Register, clock: FrozenClock) -> None:
    register.patch("/program", {"max_stamps_per_visit": 1})
    card = register.card()
    body = {"card_id": card["id"], "staff_pin": STAFF}
    assert register.post("/stamp", body).status_code == 201
    clock.move(seconds=30.5)
    refused = register.post("/stamp", body)
    facts = problem(refused, 409, "cooling_down")
    assert facts["retry_at"] == "2026-11-16T07:27:00Z" and facts["title"] == "Just stamped. Next one from 08:27."
    assert refused.headers["Retry-After"] == "870"
    shown: Any = register.get(f"/cards/{card['id']}").json
    assert shown["next_stamp_at"] == "2026-11-16T07:27:00Z"
    clock.move(minutes=15)
    assert register.post("/stamp", body).status_code == 201


def test_limits_of_day_and_visit(register: Register, clock: FrozenClock) -> None:
    card = register.card()
    body = {"card_id": card["id"], "staff_pin": STAFF}
    assert problem(register.post("/stamp", body | {"quantity": 6}), 409, "visit_limit")["limit"] == 5
    assert register.post("/stamp", body | {"quantity": 5}).status_code == 201
    clock.move(hours=1)
    facts = problem(register.post("/stamp", body), 409, "daily_limit")
    assert facts["limit"] == 5 and facts["retry_at"] == "2026-11-16T23:00:00Z"


def test_a_full_card_is_redeemed(register: Register, clock: FrozenClock) -> None:
    card = register.card()
    body = {"card_id": card["id"], "staff_pin": STAFF}
    facts = problem(register.post("/stamp/redeem", body), 409, "not_enough_stamps")
    assert (facts["balance"], facts["needed"]) == (0, 10)
    register.post("/stamp", body | {"quantity": 5})
    clock.move(days=1)
    full: Any = register.post("/stamp", body | {"quantity": 5}).json
    assert full["reward_ready"] and full["card"]["rewards_ready"] == 1
    receipt: Any = register.post("/stamp/redeem", body).json
    assert receipt["transaction"]["kind"] == "stamp_redeemed" and receipt["transaction"]["reward"] == "Free coffee"
    assert (receipt["card"]["stamp_count"], receipt["card"]["stamps_redeemed"]) == (0, 10)
    assert receipt["message"] == "Free coffee given."


def test_switched_off_cards_and_programs_take_nothing(register: Register) -> None:
    card = register.card()
    body = {"card_id": card["id"], "staff_pin": STAFF}
    register.post(f"/cards/{card['id']}/deactivate")
    problem(register.post("/stamp", body), 409, "card_inactive")
    register.post(f"/cards/{card['id']}/activate")
    register.post("/program/deactivate")
    problem(register.post("/stamp", body), 409, "program_inactive")


def test_the_same_key_answers_the_first_answer_again(register: Register, clock: FrozenClock) -> None:
    card = register.card()
    body = {"card_id": card["id"], "staff_pin": STAFF}
    first = register.post("/stamp", body, key="till-7:0001")
    written = register.entries()
    clock.move(days=40)
    again = register.post("/stamp", body | {"quantity": 1}, key="till-7:0001")
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first.headers
    # The PIN isn't part of the request, and a known answer needs none.
    assert register.post("/stamp", {"card_id": card["id"]}, key="till-7:0001").data == first.data
    problem(register.post("/stamp", body | {"quantity": 2}, key="till-7:0001"), 409, "idempotency_conflict")
    problem(register.post("/stamp/redeem", body, key="till-7:0001"), 409, "idempotency_conflict")
    assert register.entries() == written


def test_a_refusal_by_a_rule_uses_the_key_up_others_do_not(register: Register, clock: FrozenClock) -> None:
    card = register.card()
    body = {"card_id": card["id"], "staff_pin": STAFF}
    problem(register.post("/stamp", body | {"staff_pin": WRONG}, key="a"), 403, "pin_rejected")
    assert "quantity" in fields(register.post("/stamp", body | {"quantity": 0}, key="a"))
    assert register.post("/stamp", body, key="a").status_code == 201
    first = register.post("/stamp", body | {"quantity": 6}, key="b")
    problem(first, 409, "visit_limit")
    register.patch("/program", {"max_stamps_per_visit": 10, "max_daily_stamps": 20})
    again = register.post("/stamp", body | {"quantity": 6}, key="b")
    problem(again, 409, "visit_limit")
    assert again.headers["Idempotent-Replayed"] == "true" and again.data == first.data


def test_a_malformed_key_is_invalid(register: Register) -> None:
    card = register.card()
    for key in ("", " ", "a b", "x" * 256, "clé", "a\tb"):
        answer = register.post("/stamp", {"card_id": card["id"], "staff_pin": STAFF}, key=key)
        assert fields(answer) == ["Idempotency-Key"], key
    assert register.entries() == 1


def test_two_registers_of_a_shop_do_not_share_keys(register: Register) -> None:
    card = register.card()
    body = {"card_id": card["id"], "staff_pin": STAFF}
    assert register.post("/stamp", body, key="1").status_code == 201
    other = register.with_key(register.shop.vendor.id)
    problem(other.post("/stamp", body, key="1"), 409, "idempotency_conflict")


def test_wrong_pins_are_charged_to_the_key(register: Register, clock: FrozenClock) -> None:
    card = register.card()
    body = {"card_id": card["id"], "staff_pin": WRONG}
    problem(register.post("/stamp", {"card_id": card["id"]}), 422, "pin_required")
    left = [problem(register.post("/stamp", body), 403, "pin_rejected")["tries_left"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    # Locked: not even a right PIN is looked at.
    locked = register.post("/stamp", body | {"staff_pin": STAFF})
    assert problem(locked, 423, "pin_locked")["retry_at"] == "2026-11-16T07:13:00Z"
    assert locked.headers["Retry-After"] == "60"
    other = register.with_key(register.shop.vendor.id)
    assert other.post("/stamp", body | {"staff_pin": STAFF}).status_code == 201
    assert register.post("/pins/unlock").status_code == 204
    assert problem(register.post("/stamp", body), 403, "pin_rejected")["tries_left"] == 4


def test_thirty_wrong_pins_at_once_are_five_tries(register: Register) -> None:
    card = register.card()

    def guess(number: int) -> tuple[int, str]:
        mine = Register(register.shop, register.key)
        answer = mine.post("/stamp", {"card_id": card["id"], "staff_pin": f"60{number:02}"})
        return answer.status_code, (answer.json or {})["code"]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(30)))
    assert answers.count((403, "pin_rejected")) <= 5
    assert {status for status, _ in answers} <= {403, 423, 429, 503}
    problem(register.post("/stamp", {"card_id": card["id"], "staff_pin": STAFF}), 423, "pin_locked")


def test_a_program_without_pins_asks_for_none_but_checks_one_that_comes(register: Register) -> None:
    register.patch("/program", {"require_staff_pin": False})
    card = register.card()
    entry: Any = register.post("/stamp", {"card_id": card["id"]}).json
    assert "staff" not in entry["transaction"]
    problem(register.post("/stamp", {"card_id": card["id"], "staff_pin": WRONG}), 403, "pin_rejected")
    named: Any = register.post("/stamp", {"card_id": card["id"], "staff_pin": MANAGER}).json
    assert named["transaction"]["staff"]["name"] == "Max"


def test_a_stamp_costs_two_reads_and_five_statements(app: Flask, register: Register) -> None:
    """Who asks; is the key known. Then locked read, key, entry, card, key: as at the till."""
    register.patch("/program", {"require_staff_pin": False})
    card = register.card()
    for body in ({"card_id": card["id"]}, {"code": card["code"]}):
        statements: list[str] = []
        with app.app_context():
            engine = db.engine

        def note(_c: Any, _k: Any, text: str, *_: Any, seen: list[str] = statements) -> None:
            if not text.startswith("BEGIN"):
                seen.append(text)

        event.listen(engine, "before_cursor_execute", note)
        try:
            assert register.post("/stamp", body, key=f"key-{len(str(body))}").status_code == 201
        finally:
            event.remove(engine, "before_cursor_execute", note)
        assert len(statements) == 7, "\n".join(statements)


def test_many_at_once_give_each_stamp_once(register: Register) -> None:
    register.patch(
        "/program",
        {"require_staff_pin": False, "cooldown_minutes": 0, "max_daily_stamps": 100, "max_stamps_per_visit": 20},
    )
    card = register.card()

    def stamp(number: int) -> int:
        mine = Register(register.shop, register.key)
        return mine.post("/stamp", {"card_id": card["id"]}, key=f"n{number % 4}").status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(stamp, range(16)))
    assert set(statuses) <= {201, 503}
    shown: Any = register.get(f"/cards/{card['id']}").json
    assert shown["stamp_count"] == 4
    report: Any = register.get("/ledger/verify").json
    assert report["ok"] and report["broken"] == []


def test_a_bad_quantity_is_invalid_and_nothing_is_written(register: Register) -> None:
    card = register.card()
    bad: list[Any] = [0, -1, 21, 1.5, 2.0, "2", "1e3", True, None, [], {}, 10**30]
    for quantity in bad:
        answer = register.post("/stamp", {"card_id": card["id"], "staff_pin": STAFF, "quantity": quantity})
        assert fields(answer) == ["quantity"], quantity
    for text in ("1e0", "1.0", "-0.5", "1" + "0" * 5000, "1E400"):
        data = f'{{"card_id": {card["id"]}, "staff_pin": "{STAFF}", "quantity": {text}}}'
        answer = register.post("/stamp", data=data, headers={"Content-Type": "application/json"})
        assert fields(answer) == ["quantity"], text
    assert register.entries() == 1


def test_a_bad_body_names_its_fields(register: Register) -> None:
    bad: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["card_id"]),
        ({"card_id": 1, "code": "K7Q2M9XW"}, ["card_id"]),
        *(({"card_id": value}, ["card_id"]) for value in ("1", True, 1.5, None, 0, -1, 2**63, 10**30, [1])),
        *(({"code": value}, ["code"]) for value in (7, "", "x" * 41, None)),
        *(({"card_id": 1, "staff_pin": pin}, ["staff_pin"]) for pin in (7351, "735", "73518", "٧٣٥١", "7351\n", None)),
        *(({"card_id": 1, "note": note}, ["note"]) for note in ("a\x00b", "a\x1b[0m", "x" * 201, 5, "")),
        ({"card_id": 1, "colour": "red", "vendor_id": 2}, ["colour", "vendor_id"]),
    ]
    for body, named in bad:
        assert sorted(fields(register.post("/stamp", body))) == named, body
    assert register.entries() == 0


def test_a_query_has_no_place_here(register: Register) -> None:
    assert fields(register.post("/stamp?dry_run=1", {"card_id": 1})) == ["dry_run"]


def test_a_note_is_kept_in_any_script(register: Register) -> None:
    card = register.card()
    note = "ニ杯 · deux cafés ☕ · قهوة"
    entry: Any = register.post("/stamp", {"card_id": card["id"], "staff_pin": STAFF, "note": note}).json
    assert entry["transaction"]["note"] == note


def test_the_day_is_the_vendors(register: Register, clock: FrozenClock) -> None:
    """Luxembourg's day ends at 23:00 UTC in winter."""
    card = register.card()
    body = {"card_id": card["id"], "staff_pin": STAFF, "quantity": 5}
    clock.move(hours=15)
    assert register.post("/stamp", body).status_code == 201
    problem(register.post("/stamp", body | {"quantity": 1}), 409, "daily_limit")
    clock.move(hours=1)
    assert register.post("/stamp", body).status_code == 201
