"""All vendors' programs, by a key of the platform."""

from __future__ import annotations

from typing import Any

from tests.api.programs import Platform, Register, fields, problem


def test_programs_are_listed_with_their_counts(platform: Platform, register: Register, foreign: Register) -> None:
    card = register.card(first_name="Mia", email="mia@example.com")
    register.patch("/program", {"require_staff_pin": False})
    register.post("/stamp", {"card_id": card["id"], "quantity": 3})
    foreign.post("/program/deactivate")
    answer = platform.get("/programs")
    page: Any = answer.json
    assert page["total"] == 2 and [item["vendor"]["name"] for item in page["items"]] == ["Salon Bleu", "Kaffi Haus"]
    mine = page["items"][1]
    assert (mine["cards"], mine["stamps_28d"], mine["is_archived"]) == (1, 3, False)
    assert "Mia" not in answer.text and "mia@" not in answer.text
    on: Any = platform.get("/programs?is_active=true&limit=1").json
    assert on["total"] == 1 and on["items"][0]["id"] == register.shop.program_id
    assert fields(platform.get("/programs?is_active=maybe")) == ["is_active"]


def test_a_program_is_shown_switched_and_counted(platform: Platform, register: Register) -> None:
    where = f"/programs/{register.shop.program_id}"
    shown: Any = platform.get(where).json
    assert shown == register.get("/program").json
    for _ in range(2):
        off: Any = platform.post(f"{where}/deactivate").json
        assert off["is_active"] is False
    on: Any = platform.post(f"{where}/activate").json
    assert on["is_active"] is True
    assert platform.get(f"{where}/stats").json == register.get("/program/stats").json
    for path in ("/programs/999999", "/programs/999999/stats"):
        problem(platform.get(path), 404, "not_found")
    problem(platform.post("/programs/999999/activate"), 404, "not_found")


def test_an_archived_program_can_not_be_switched_on(platform: Platform, register: Register) -> None:
    register.delete("/program")
    problem(platform.post(f"/programs/{register.shop.program_id}/activate"), 404, "not_found")
    archived: Any = platform.get("/programs").json
    assert archived["items"][0]["is_archived"] is True
