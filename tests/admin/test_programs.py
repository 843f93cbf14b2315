"""Programs: listed with their counts, switched off and on by the platform's admin."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from tests.admin.test_vendors import rows
from tests.public.customers import JOIN, card_of
from tests.shops import Shop, open_shop, press

PROGRAMS = "/admin/programs"


def test_an_empty_list_teaches(admin: FlaskClient) -> None:
    assert "No program yet" in admin.get(PROGRAMS).text


def test_the_list_counts(app: Flask, shop: Shop, admin: FlaskClient, client: FlaskClient) -> None:
    shop.stamp(card_of(client, first_name="Sophie")[1], 4)
    open_shop(app, name="Salon", email="lea@example.com", card_name="Cut card")
    page = admin.get(PROGRAMS)
    assert rows(page) == [
        ["Cut card", "Salon", "On", "0", "0", "not yet"],
        ["Coffee club", "Kaffi Haus", "On", "1", "4", "today"],
    ]
    assert "Sophie" not in page.text


def test_a_program_is_switched_off_and_on(shop: Shop, admin: FlaskClient, client: FlaskClient) -> None:
    page = f"{PROGRAMS}/{shop.program_id}"
    assert "Free coffee for 10 stamps" in admin.get(page).text
    for on, state in (("0", False), ("0", False), ("1", True)):
        assert press(admin, page, f"{page}/switch", on=on).status_code == 303
        assert shop.rows("SELECT is_active FROM loyalty_programs")[0].is_active == state
        assert (client.get(JOIN).status_code == 200) == state
    for on in ("", "perhaps"):
        assert press(admin, page, f"{page}/switch", on=on).status_code == 422
    assert shop.rows("SELECT is_active FROM loyalty_programs")[0].is_active


def test_the_list_can_be_narrowed(app: Flask, shop: Shop, admin: FlaskClient) -> None:
    other = open_shop(app, name="Salon", email="lea@example.com", card_name="Cut card")
    page = f"{PROGRAMS}/{other.program_id}"
    press(admin, page, f"{page}/switch", on="0")

    def listed(state: str) -> list[str]:
        return [row[0] for row in rows(admin.get(f"{PROGRAMS}?state={state}"))]

    assert listed("on") == ["Coffee club"]
    assert listed("off") == ["Cut card"]
    assert listed("") == listed("nonsense") == ["Cut card", "Coffee club"]
    assert re.search(r'aria-current="page">Off<', admin.get(f"{PROGRAMS}?state=off").text)


def test_one_that_ended_is_over(shop: Shop, admin: FlaskClient) -> None:
    shop.do(lambda services: services.program_service.archive(shop.vendor.id))
    page = f"{PROGRAMS}/{shop.program_id}"
    text = admin.get(page).text
    assert "Ended on" in text and f"{page}/switch" not in text
    assert press(admin, PROGRAMS, f"{page}/switch", on="1").status_code == 404
    assert not shop.rows("SELECT is_active FROM loyalty_programs")[0].is_active
    assert rows(admin.get(PROGRAMS))[0][2] == "Ended"


def test_what_is_not_there_is_a_404(admin: FlaskClient) -> None:
    assert admin.get(f"{PROGRAMS}/999").status_code == 404
    assert press(admin, "/admin/vendors", f"{PROGRAMS}/999/switch", on="0").status_code == 404
