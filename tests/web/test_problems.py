"""Errors become answers in the asker's form: a page for people, a fragment for htmx, with the way out."""

from __future__ import annotations

from flask.testing import FlaskClient

from loyalty_portal.database import db, transaction
from tests.town import Town
from tests.visits import FRAGMENT


def test_a_page_for_people_a_part_for_htmx(town: Town) -> None:
    client = town.client("owner")
    page, part = client.get("/vendor/nowhere"), client.get("/vendor/nowhere", headers=FRAGMENT)
    assert page.status_code == part.status_code == 404
    assert page.text.startswith("<!doctype html>") and not part.text.startswith("<!doctype")
    for answer in (page, part):
        assert "There is nothing here." in answer.text
        assert 'href="/vendor/"' in answer.text


def test_the_way_out_leads_to_ones_own_door(town: Town) -> None:
    for role, path, home in (("owner", "/vendor/x", "/vendor/"), ("admin", "/admin/x", "/admin/"),
                             ("till", "/counter/x", "/counter/"), ("anonymous", "/x", "/")):  # fmt: skip
        assert f'href="{home}"' in town.client(role).get(path).text


def test_an_error_takes_the_tills_stage(town: Town) -> None:
    answer = town.client("till").get("/counter/nowhere", headers=FRAGMENT)
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#stage", "innerHTML")
    assert "HX-Retarget" not in town.client("owner").get("/vendor/nowhere", headers=FRAGMENT).headers


def test_a_wrong_method_names_the_right_ones(town: Town) -> None:
    answer = town.client("anonymous").post("/healthz")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_page_open_for_too_long_can_be_opened_anew(town: Town) -> None:
    client = town.client("owner")
    headers = {"Referer": "http://localhost/vendor/tills"}
    answer = client.post("/vendor/tills", data={"name": "x", "csrf_token": "old"}, headers=headers)
    assert answer.status_code == 400
    assert 'href="/vendor/tills"' in answer.text
    elsewhere = client.post(
        "/vendor/tills", data={"name": "x"}, headers={"Referer": "http://evil.example/vendor/tills"}
    )
    assert "evil.example" not in elsewhere.text


def test_too_large_is_said_before_it_is_read(town: Town) -> None:
    data = {"csrf_token": town.tokens["owner"], "name": "x" * 5_000_000}
    assert town.client("owner").post("/vendor/tills", data=data).status_code == 413


def test_who_may_not_and_who_is_nobody(town: Town) -> None:
    assert town.client("manager").get("/vendor/program/archive").status_code == 403
    nobody = town.client("anonymous").get("/vendor/cards?skip=25")
    assert (nobody.status_code, nobody.location) == (303, "/sign-in?next=/vendor/cards?skip%3D25")
    part = town.client("anonymous").get("/vendor/cards", headers=FRAGMENT)
    assert part.status_code == 401 and part.headers["HX-Redirect"].startswith("/sign-in?next=")


def test_a_fault_says_its_number_and_nothing_else(town: Town) -> None:
    town.reset()
    with town.app.app_context(), transaction():
        db.session.connection().exec_driver_sql("ALTER TABLE staff_pins RENAME TO gone")
    for headers in ({}, FRAGMENT):
        answer = town.client("owner", FlaskClient).get("/vendor/staff", headers=headers)
        assert answer.status_code == 500
        assert answer.headers["X-Request-Id"] in answer.text
        assert "staff_pins" not in answer.text and "sqlite" not in answer.text.lower()
    town.reset()


def test_json_for_a_form_is_refused(town: Town) -> None:
    headers = {"X-CSRFToken": town.tokens["owner"]}
    client = town.client("owner")
    assert client.post("/vendor/tills", json={"name": "Bar"}, headers=headers).status_code == 415
    assert client.post("/sign-in", json={"email": "anne@example.com"}, headers=headers).status_code == 415
