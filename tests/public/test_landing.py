"""The first page, and where a sign-in leads."""

from __future__ import annotations

from flask import Flask

from tests.people import admin_of, browser, give_password, owner_of, signed_in
from tests.shops import Shop


def test_it_says_what_this_is_draws_a_card_and_lets_one_in(app: Flask) -> None:
    page = browser(app).get("/")
    assert page.status_code == 200
    assert "The stamp card your regulars never lose" in page.text
    assert page.text.count("stamp--on") == 6 and page.text.count("stamp--new") == 1
    assert 'href="/sign-in"' in page.text
    assert "X-Robots-Tag" not in page.headers


def test_it_speaks_the_browsers_language(app: Flask) -> None:
    for asked, spoken in (("fr-LU,fr;q=0.9", "fr"), ("de", "de"), ("lb", "lb"), ("nl", "en")):
        page = browser(app).get("/", headers={"Accept-Language": asked})
        assert f'<html lang="{spoken}">' in page.text


def test_who_is_signed_in_goes_on_to_where_they_belong(app: Flask, shop: Shop) -> None:
    owner = owner_of(shop)
    assert 'href="/welcome"' in owner.get("/").text
    assert owner.get("/welcome").location == "/vendor/"
    assert admin_of(app).get("/welcome").location == "/admin/vendors"
    assert browser(app).get("/welcome").location == "/sign-in"
    shop.do(lambda services: services.vendor_service.add_user("nobody@example.com", "Nobody"))
    give_password(app, "nobody@example.com")
    assert signed_in(app, "nobody@example.com").get("/welcome").location == "/"
