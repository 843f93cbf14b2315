"""Vendors: listed with their counts and no names, made with an owner who is invited by mail."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loyalty_portal.clock import FrozenClock
from loyalty_portal.schemas.vendors import VendorCreate
from loyalty_portal.services import Services
from tests.people import browser
from tests.public.customers import card_of
from tests.shops import ADMIN, Postbox, Shop, press, sign_in

VENDORS = "/admin/vendors"
TYPED = {
    "name": "Salon Léa",
    "slug": "",
    "time_zone": "Europe/Paris",
    "locale": "fr",
    "currency": "EUR",
    "owner_name": "Léa Weber",
    "owner_email": "Lea@Example.com",
}


def create(admin: FlaskClient, **changes: Any) -> TestResponse:
    return press(admin, f"{VENDORS}/new", VENDORS, **(TYPED | changes))


def rows(page: TestResponse) -> list[list[str]]:
    """The table's cells as text."""
    body = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)
    ]


def test_an_empty_list_teaches(admin: FlaskClient) -> None:
    assert "No shop yet" in admin.get(VENDORS).text


def test_the_list_counts_and_names_nobody(
    app: Flask, shop: Shop, admin: FlaskClient, client: FlaskClient, clock: FrozenClock
) -> None:
    _, code = card_of(client, first_name="Sophie", contact="sophie@example.com")
    card_of(client)
    shop.stamp(code, 3)
    clock.move(days=29)
    shop.stamp(code, 4)
    shop.undo(shop.stamp(card_of(client)[1], 5))
    shop.do(lambda services: services.vendor_service.create(VendorCreate(name="Empty shop")))
    sign_in(admin, ADMIN)
    page = admin.get(VENDORS)
    assert "2 shops on this platform" in page.text
    assert rows(page) == [
        ["Empty shop", "none yet", "0", "0", "not yet"],
        ["Kaffi Haus", "Coffee club", "3", "4", "today"],
    ]
    assert "Sophie" not in page.text and "sophie@" not in page.text
    detail = admin.get(f"{VENDORS}/{shop.vendor.id}").text
    assert "Sophie" not in detail and "sophie@" not in detail
    assert "/join/kaffi-haus" in detail and "Coffee club" in detail and "anne@example.com" in detail


def test_a_long_list_comes_in_pages(shop: Shop, admin: FlaskClient) -> None:
    def many(services: Services) -> None:
        for number in range(26):
            services.vendor_service.create(VendorCreate(name=f"Shop {number:02}"))

    shop.do(many)
    assert len(rows(admin.get(VENDORS))) == 25
    assert [row[0] for row in rows(admin.get(f"{VENDORS}?skip=25"))] == ["Shop 00", "Kaffi Haus"]
    assert "There is no such page." in admin.get(f"{VENDORS}?skip=99").text
    assert admin.get(f"{VENDORS}?skip=-1").status_code == 422


def test_a_vendor_is_made_and_its_owner_begins_by_the_mailed_link(
    app: Flask, shop: Shop, admin: FlaskClient, postbox: Postbox
) -> None:
    page = create(admin)
    assert page.status_code == 201
    (row,) = shop.rows("SELECT name, slug, time_zone, locale, currency FROM vendors WHERE slug = 'salon-lea'")
    assert list(row) == ["Salon Léa", "salon-lea", "Europe/Paris", "fr", "EUR"]
    assert [mail["To"] for mail in postbox.mails] == ["lea@example.com"]
    link = postbox.link()
    assert f'value="http://127.0.0.1:8000{link}"' in page.text, "the link that is shown is the one that was mailed"
    lea = browser(app)
    new = {"password": "four other little words", "password_confirm": "four other little words"}
    assert press(lea, link, link, **new).status_code == 302
    assert sign_in(lea, "lea@example.com", new["password"]).status_code == 302
    dashboard = lea.get("/vendor/")
    assert dashboard.status_code == 200
    assert '<html lang="fr">' in dashboard.text and "Salon Léa" in dashboard.text
    assert link not in admin.get(VENDORS).text


def test_a_link_that_was_lost_is_made_anew(app: Flask, shop: Shop, admin: FlaskClient, postbox: Postbox) -> None:
    create(admin)
    (vendor,) = shop.rows("SELECT id FROM vendors WHERE slug = 'salon-lea'")
    (owner,) = shop.rows("SELECT id FROM users WHERE email = 'lea@example.com'")
    address = f"{VENDORS}/{vendor.id}"
    assert press(admin, address, f"{address}/owners/{owner.id}/invitation").status_code == 200
    link = postbox.link()
    assert press(browser(app), link, link, password="four other words", password_confirm="four other words")
    assert press(admin, address, f"{VENDORS}/{shop.vendor.id}/owners/{owner.id}/invitation").status_code == 404


def test_a_name_makes_its_address(app: Flask, shop: Shop, admin: FlaskClient) -> None:
    create(admin, name="Kaffi Haus", owner_email="other@example.com")
    slugs = [row.slug for row in shop.rows("SELECT slug FROM vendors ORDER BY id")]
    assert slugs[0] == "kaffi-haus"
    assert re.fullmatch(r"kaffi-haus-\d{4}", slugs[1])


def test_what_is_taken_is_said_at_its_field(shop: Shop, admin: FlaskClient, postbox: Postbox) -> None:
    before = shop.rows("SELECT * FROM vendors"), shop.rows("SELECT * FROM users")
    taken = create(admin, slug="kaffi-haus")
    assert taken.status_code == 409
    assert "This address is taken. Choose another." in taken.text.partition('id="slug-error"')[2][:400]
    known = create(admin, owner_email="anne@example.com")
    assert known.status_code == 409
    assert "There is an account with this e-mail address already." in known.text.partition('id="owner_email-error"')[2]
    assert 'value="Salon Léa"' in taken.text and 'value="Salon Léa"' in known.text
    assert (shop.rows("SELECT * FROM vendors"), shop.rows("SELECT * FROM users")) == before
    assert postbox.mails == []


def test_bad_input_is_said_at_its_field(shop: Shop, admin: FlaskClient, postbox: Postbox) -> None:
    before = shop.rows("SELECT * FROM vendors")
    for name, value in (
        ("name", ""),
        ("name", "x" * 121),
        ("slug", "Not A Slug"),
        ("slug", "x"),
        ("slug", "-x-"),
        ("time_zone", "Mars/Olympus"),
        ("locale", "tlh"),
        ("currency", "JPY"),
        ("owner_email", ""),
        ("owner_email", "nobody"),
        ("owner_name", "x" * 121),
    ):
        page = create(admin, **{name: value})
        assert page.status_code == 422, (name, value)
        assert f'id="{name}-error"' in page.text, (name, value)
        assert "Please look at this again" in page.text
    assert shop.rows("SELECT * FROM vendors") == before
    assert postbox.mails == []


def test_what_is_not_there_is_a_404(shop: Shop, admin: FlaskClient) -> None:
    assert admin.get(f"{VENDORS}/999").status_code == 404
    assert admin.get(f"{VENDORS}/{10**20}").status_code == 404
