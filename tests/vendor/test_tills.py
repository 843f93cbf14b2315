"""Tills: opened on this device or paired by a code, renamed, opened again after wrong PINs, ended for good."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loyalty_portal.clock import FrozenClock
from loyalty_portal.drawing.qr import qr_svg
from loyalty_portal.enums import Source
from loyalty_portal.errors import PinRejected
from loyalty_portal.services.pin_service import Guard
from loyalty_portal.web.pins import check_pin
from tests.people import browser, owner_of
from tests.shops import Shop, open_shop, press

TILLS = "/vendor/tills"
PAIR = "/counter/pair"


def add(owner: FlaskClient, name: str = "Counter") -> TestResponse:
    return press(owner, TILLS, TILLS, name=name)


def code_on(page: TestResponse) -> str:
    found = re.search(r'class="big-code">([0-9A-Z]{4}) ([0-9A-Z]{4})<', page.text)
    assert found, page.text
    return found[1] + found[2]


def pair(tablet: FlaskClient, code: str) -> TestResponse:
    """Types the code as a person would."""
    return press(tablet, PAIR, PAIR, code=f" {code[:4].lower()}-{code[4:]} ")


def is_till(tablet: FlaskClient) -> bool:
    return tablet.get("/counter/").status_code == 200


def till_id(shop: Shop, name: str) -> int:
    return int(shop.rows("SELECT id FROM counter_devices WHERE name = :name", name=name)[0].id)


def test_an_empty_list_teaches(shop: Shop, owner: FlaskClient) -> None:
    page = owner.get(TILLS).text
    assert "No till yet" in page
    assert f'action="{TILLS}/here"' in page


def test_a_code_makes_a_browser_the_till_once(app: Flask, shop: Shop, owner: FlaskClient) -> None:
    page = add(owner)
    code = code_on(page)
    assert "The code is good until 08:22 and works once." in page.text
    tablet = browser(app)
    assert not is_till(tablet)
    assert pair(tablet, code).status_code == 303
    assert is_till(tablet)
    assert "Counter" in tablet.get("/counter/").text
    other = browser(app)
    refused = pair(other, code)
    assert refused.status_code == 404
    assert "This code doesn&#39;t work." in refused.text
    assert not is_till(other)
    assert "In use" in owner.get(TILLS).text


def test_the_link_and_its_picture_lead_to_the_same_code(app: Flask, shop: Shop, owner: FlaskClient) -> None:
    page = add(owner)
    link = f"http://127.0.0.1:8000{PAIR}/{code_on(page)}"
    assert f'href="{link}"' in page.text
    # There is no reader for codes here: the picture is the one that this link draws, module by module.
    drawn = re.search(r'<path fill="#000" d="([^"]+)"/>', page.text)
    assert drawn and f'd="{drawn[1]}"' in qr_svg(link, "")
    tablet = browser(app)
    path = link.removeprefix("http://127.0.0.1:8000")
    assert not is_till(tablet), "opening a link pairs nothing: scanners open links too"
    assert press(tablet, path, PAIR, code=code_on(page)).status_code == 303
    assert is_till(tablet)


def test_a_code_lasts_ten_minutes(app: Flask, shop: Shop, owner: FlaskClient, clock: FrozenClock) -> None:
    early, late = code_on(add(owner, "Early")), code_on(add(owner, "Late"))
    clock.move(minutes=9, seconds=59)
    assert pair(browser(app), early).status_code == 303
    clock.move(seconds=1)
    tablet = browser(app)
    assert pair(tablet, late).status_code == 404
    assert not is_till(tablet)


def test_a_fresh_code_ends_the_one_before(app: Flask, shop: Shop, owner: FlaskClient) -> None:
    first = code_on(add(owner))
    page = press(owner, TILLS, f"{TILLS}/{till_id(shop, 'Counter')}/pairing")
    assert pair(browser(app), first).status_code == 404
    assert pair(browser(app), code_on(page)).status_code == 303


def test_the_till_opens_here_with_one_tap(shop: Shop, owner: FlaskClient) -> None:
    answer = press(owner, "/vendor/", f"{TILLS}/here")
    assert answer.status_code == 303
    assert answer.location == "/counter/"
    assert is_till(owner)
    assert owner.get("/vendor/").status_code == 200, "the owner stays signed in"
    assert [row.name for row in shop.rows("SELECT name FROM counter_devices")] == ["Till 1"]
    # Once more: the same till, no second one.
    assert press(owner, "/vendor/", f"{TILLS}/here").location == "/counter/"
    assert len(shop.rows("SELECT id FROM counter_devices")) == 1


def test_another_browser_or_a_till_that_ended_becomes_a_new_one(app: Flask, shop: Shop, owner: FlaskClient) -> None:
    press(owner, "/vendor/", f"{TILLS}/here")
    second = owner_of(shop)
    press(second, "/vendor/", f"{TILLS}/here")
    press(second, TILLS, f"{TILLS}/{till_id(shop, 'Till 2')}/revoke")
    assert not is_till(second)
    press(second, "/vendor/", f"{TILLS}/here")
    assert is_till(second)
    assert [row.name for row in shop.rows("SELECT name FROM counter_devices ORDER BY id")] == [
        "Till 1", "Till 2", "Till 3",
    ]  # fmt: skip


def test_a_till_of_another_shop_is_not_taken_for_ones_own(app: Flask, shop: Shop, owner: FlaskClient) -> None:
    other = open_shop(app, name="Salon Léa", email="lea@example.com")
    lea = owner_of(other, "lea@example.com")
    press(owner, "/vendor/", f"{TILLS}/here")
    cookie = owner.get_cookie("till", path="/counter")
    assert cookie is not None
    for path in ("/counter", TILLS):
        lea.set_cookie("till", cookie.value, path=path)
    press(lea, "/vendor/", f"{TILLS}/here")
    assert "Salon Léa" in lea.get("/counter/").text


def test_this_browser_takes_a_till_that_waits(shop: Shop, owner: FlaskClient) -> None:
    add(owner)
    assert press(owner, TILLS, f"{TILLS}/{till_id(shop, 'Counter')}/here").location == "/counter/"
    assert is_till(owner)


def test_names_are_asked_for_and_change(app: Flask, shop: Shop, owner: FlaskClient) -> None:
    for name in ("", "x" * 61, "bell\x07"):
        page = add(owner, name)
        assert page.status_code == 422
        assert 'id="name-error"' in page.text
    assert shop.rows("SELECT id FROM counter_devices") == []
    add(owner)
    page = f"{TILLS}/{till_id(shop, 'Counter')}"
    assert press(owner, page, f"{page}/name", name="Terrace").status_code == 303
    assert "Terrace" in owner.get(TILLS).text
    assert press(owner, page, f"{page}/name", name="").status_code == 422
    assert till_id(shop, "Terrace")


def lock(shop: Shop, till: int) -> None:
    """Five wrong PINs."""
    with shop.app.test_request_context():
        for _ in range(5):
            try:
                check_pin(Guard(shop.vendor.id, Source.COUNTER, till), "9182")
            except PinRejected:
                continue
            raise AssertionError("a wrong PIN was right")


def test_the_owner_lifts_a_lock_and_is_told_of_it(app: Flask, shop: Shop, owner: FlaskClient) -> None:
    press(owner, "/vendor/", f"{TILLS}/here")
    till = till_id(shop, "Till 1")
    lock(shop, till)
    assert "Wrong PINs have locked Till 1 until 08:13." in owner.get("/vendor/").text
    assert "Locked until 08:13" in owner.get(TILLS).text
    assert press(owner, "/vendor/", f"{TILLS}/{till}/unlock").status_code == 303
    assert "Wrong PINs have locked" not in owner.get("/vendor/").text
    (row,) = shop.rows("SELECT pin_wrong, pin_lock_level, pin_locked_until FROM counter_devices")
    assert list(row) == [0, 0, None]
    assert [row.kind for row in shop.rows("SELECT kind FROM security_events ORDER BY id")] == [
        "pin_locked", "pin_lock_lifted",
    ]  # fmt: skip


def test_a_till_that_is_closed_is_closed_at_once(app: Flask, shop: Shop, owner: FlaskClient) -> None:
    code = code_on(add(owner))
    tablet = browser(app)
    pair(tablet, code)
    till = till_id(shop, "Counter")
    page = press(owner, TILLS, f"{TILLS}/{till}/pairing")
    assert press(owner, f"{TILLS}/{till}", f"{TILLS}/{till}/revoke").status_code == 303
    answer = tablet.get("/counter/")
    assert answer.status_code == 303 and answer.location == PAIR
    assert pair(browser(app), code_on(page)).status_code == 404, "a code from before opens it again"
    assert "Closed for good" in owner.get(TILLS).text
    assert owner.get(f"{TILLS}/{till}").status_code == 404
    for action in ("pairing", "name", "revoke", "here"):
        assert press(owner, TILLS, f"{TILLS}/{till}/{action}", name="Again").status_code == 404, action


def test_the_list_costs_the_same_with_many(shop: Shop, owner: FlaskClient) -> None:
    for number in range(12):
        add(owner, f"Till {number}")
    page = owner.get(TILLS)
    assert page.text.count("Waits for its browser") == 12
