"""One's own account: the language of one's pages and mails."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from tests.people import signed_in
from tests.shops import OWNER, Shop, press

ACCOUNT = "/vendor/account"


def test_it_says_who_one_is(shop: Shop, owner: FlaskClient) -> None:
    page = owner.get(ACCOUNT).text
    assert OWNER in page and "Kaffi Haus" in page
    assert 'href="/change-password"' in page


def test_the_language_follows_the_person_to_other_browsers(app: Flask, shop: Shop, owner: FlaskClient) -> None:
    assert press(owner, ACCOUNT, ACCOUNT, locale="fr").status_code == 303
    assert '<html lang="fr">' in owner.get(ACCOUNT).text
    assert shop.rows("SELECT locale FROM users")[0].locale == "fr"
    assert '<html lang="fr">' in signed_in(app, OWNER).get(ACCOUNT).text


def test_lu_is_understood_as_lb(shop: Shop, owner: FlaskClient) -> None:
    press(owner, ACCOUNT, ACCOUNT, locale="lu")
    assert shop.rows("SELECT locale FROM users")[0].locale == "lb"


def test_another_language_is_refused_at_its_field(shop: Shop, owner: FlaskClient) -> None:
    before = shop.rows("SELECT locale FROM users")
    for locale in ("", "tlh", "x" * 500):
        page = press(owner, ACCOUNT, ACCOUNT, locale=locale)
        assert page.status_code == 422
        assert 'id="locale-error"' in page.text
    assert shop.rows("SELECT locale FROM users") == before
