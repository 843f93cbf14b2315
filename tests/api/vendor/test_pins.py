"""Staff and PINs by a vendor's program. No answer holds a PIN but the one that made it."""

from __future__ import annotations

from typing import Any

from tests.api.programs import MANAGER, STAFF, WRONG, Register, fields, problem


def test_a_pin_is_made_shown_once_and_works(register: Register) -> None:
    made = register.post("/pins", {"name": "Tom", "role": "manager"})
    person: Any = made.json
    assert made.status_code == 201 and len(person["pin"]) == 4 and person["role"] == "manager"
    card = register.card()
    assert register.post("/stamp", {"card_id": card["id"], "staff_pin": person["pin"]}).status_code == 201
    given: Any = register.post("/pins", {"name": "Ida", "pin": "9173"}).json
    assert "pin" not in given and given["role"] == "staff"
    page: Any = register.get("/pins?limit=2&skip=1").json
    assert page["total"] == 4 and [item["name"] for item in page["items"]] == ["Lea", "Max"]
    everyone = register.get("/pins").text
    assert person["pin"] not in everyone and "9173" not in everyone and "hash" not in everyone


def test_a_new_pin_ends_the_old_one_and_deleting_switches_off(register: Register) -> None:
    people: Any = register.get("/pins").json
    lea = people["items"][0]
    changed: Any = register.patch(f"/pins/{lea['id']}", {"name": "Lea K.", "pin": "6041"}).json
    assert changed["name"] == "Lea K." and changed["role"] == lea["role"] and "pin" not in changed
    body = {"card_id": register.card()["id"]}
    problem(register.post("/stamp", body | {"staff_pin": STAFF}), 403, "pin_rejected")
    assert register.post("/stamp", body | {"staff_pin": "6041"}).status_code == 201
    for _ in range(2):
        assert register.delete(f"/pins/{lea['id']}").status_code == 204
    problem(register.post("/stamp", body | {"staff_pin": "6041"}), 403, "pin_rejected")
    on: Any = register.patch(f"/pins/{lea['id']}", {"is_active": True}).json
    assert on["is_active"] is True


def test_common_used_and_wrongly_long_pins_are_refused(register: Register) -> None:
    for pin in ("1234", MANAGER, "135790"):
        problem(register.post("/pins", {"name": "Tom", "pin": pin}), 422, "pin_refused")
    bad: list[tuple[dict[str, Any], str]] = [
        ({"name": "Tom", "pin": "12345"}, "pin"),
        ({"name": "Tom", "pin": 7351}, "pin"),
        ({"name": "Tom", "pin": None}, "pin"),
        ({"name": ""}, "name"),
        ({"name": "Tom", "role": "owner"}, "role"),
        ({"role": "staff"}, "name"),
        ({"name": "Tom", "vendor_id": 1}, "vendor_id"),
    ]
    for body, field in bad:
        assert fields(register.post("/pins", body)) == [field], body
    people: Any = register.get("/pins").json
    assert people["total"] == 2
    for body in ({"name": None}, {"role": None}, {"is_active": None}, {"is_active": 1}, {"pin": ""}):
        assert fields(register.patch(f"/pins/{people['items'][0]['id']}", body)) == list(body), body


def test_other_shops_people_are_not_there(register: Register, foreign: Register) -> None:
    theirs: Any = foreign.get("/pins").json
    where = f"/pins/{theirs['items'][0]['id']}"
    problem(register.patch(where, {"name": "x"}), 404, "not_found")
    problem(register.patch(where, {"pin": "9173"}), 404, "not_found")
    problem(register.delete(where), 404, "not_found")
    assert foreign.get("/pins").json == theirs


def test_unlocking_lifts_every_lock_of_the_vendor_only(register: Register, foreign: Register) -> None:
    for mine in (register, foreign):
        for _ in range(5):
            mine.post("/stamp", {"card_id": 1, "staff_pin": WRONG})
        problem(mine.post("/stamp", {"card_id": 1, "staff_pin": STAFF}), 423, "pin_locked")
    assert register.post("/pins/unlock").status_code == 204
    problem(register.post("/stamp", {"card_id": 10**9, "staff_pin": STAFF}), 404, "not_found")
    problem(foreign.post("/stamp", {"card_id": 1, "staff_pin": STAFF}), 423, "pin_locked")
