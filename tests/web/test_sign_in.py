"""Signing in and out, sessions, passwords: on both databases, through the pages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import update
from werkzeug.test import TestResponse

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db
from loyalty_portal.models import User
from tests import shops
from tests.people import browser, give_password
from tests.shops import OWNER, PASSWORD, Postbox, Shop, field_in, press, sign_in

# The rooms of these tests have fixtures for one database; these are for both.
make_app, postbox = shops.make_app, shops.postbox


@pytest.fixture
def shop(app: Flask) -> Shop:
    found = shops.open_shop(app)
    give_password(app, OWNER)
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return browser(app)


def nameless(page: TestResponse, *typed: str) -> str:
    """The page without what differs by chance or was typed."""
    text = re.sub(r'name="csrf_token" value="[^"]+"', "…", page.text)
    for one in typed:
        text = text.replace(one, "…")
    return text


def words(page: TestResponse) -> str:
    """The page as it is read: a sentence may come escaped or not."""
    return html.unescape(page.text)


def is_in(client: FlaskClient) -> bool:
    return client.get("/vendor/").status_code == 200


def test_the_right_password_opens_the_shop(shop: Shop, client: FlaskClient) -> None:
    assert not is_in(client)
    answer = sign_in(client, OWNER)
    assert answer.status_code == 302
    assert answer.location == "/welcome"
    assert client.get("/welcome").location == "/vendor/"
    assert is_in(client)


def test_letters_of_an_address_may_be_large(shop: Shop, client: FlaskClient) -> None:
    assert sign_in(client, OWNER.upper()).status_code == 302


def test_a_wrong_password_and_an_unknown_address_are_one_answer(shop: Shop, client: FlaskClient) -> None:
    wrong = sign_in(client, OWNER, "not my password")
    unknown = sign_in(client, "nobody@example.com", "not my password")
    assert wrong.status_code == unknown.status_code == 422
    assert "E-mail or password isn't right." in words(wrong)
    assert nameless(wrong, OWNER) == nameless(unknown, "nobody@example.com")
    assert not is_in(client)


def test_an_account_that_is_switched_off_is_that_answer_too(shop: Shop, client: FlaskClient) -> None:
    wrong = sign_in(client, OWNER, "not my password")
    shop.do(lambda _services: db.session.execute(update(User.__table__).values(active=False)))
    off = sign_in(client, OWNER)
    assert off.status_code == 422
    assert nameless(off) == nameless(wrong)


@pytest.mark.parametrize(
    "typed", [{}, {"email": OWNER}, {"password": PASSWORD}, {"email": "no address", "password": "x"}]
)
def test_an_unfinished_form_is_answered_in_words(shop: Shop, client: FlaskClient, typed: dict[str, str]) -> None:
    token = field_in(client.get("/sign-in"), "csrf_token")
    page = client.post("/sign-in", data={"csrf_token": token} | typed)
    assert page.status_code == 422
    assert "Please look at this again" in page.text
    assert "Error:" in page.text.partition("</title>")[0]


def test_without_the_token_nobody_signs_in(shop: Shop, client: FlaskClient) -> None:
    assert client.post("/sign-in", data={"email": OWNER, "password": PASSWORD}).status_code == 400
    assert not is_in(client)


def test_one_goes_on_to_where_one_was_going(shop: Shop, client: FlaskClient) -> None:
    token = field_in(client.get("/sign-in?next=/vendor/tills"), "csrf_token")
    data = {"csrf_token": token, "email": OWNER, "password": PASSWORD}
    assert client.post("/sign-in?next=/vendor/tills", data=data).location == "/vendor/tills"


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_one_never_goes_elsewhere(shop: Shop, client: FlaskClient, address: str) -> None:
    token = field_in(client.get("/sign-in"), "csrf_token")
    data = {"csrf_token": token, "email": OWNER, "password": PASSWORD}
    answer = client.post("/sign-in", query_string={"next": address}, data=data)
    assert answer.status_code == 302
    assert re.match(r"/(?![/\\\\])", str(answer.location)), answer.location


def test_guessing_is_slowed_down(make_app: Callable[..., Flask]) -> None:
    app = make_app(RATE_LIMITS=True)
    shops.open_shop(app)
    give_password(app, OWNER)
    client = browser(app)
    answers = [sign_in(client, OWNER, f"guess number {number}").status_code for number in range(10)]
    assert answers == [422] * 10
    refused = sign_in(client, OWNER)
    assert refused.status_code == 429
    # The window moves while one asks, and parts of a second count as one.
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert not is_in(client)


def test_a_session_ends_after_twelve_idle_hours(shop: Shop, client: FlaskClient, clock: FrozenClock) -> None:
    sign_in(client, OWNER)
    for _ in range(3):
        clock.move(hours=11, minutes=59)
        assert is_in(client), "a session in use goes on"
    clock.move(hours=12, minutes=1)
    answer = client.get("/vendor/")
    assert answer.status_code == 303
    assert str(answer.location).startswith("/sign-in")


def test_what_was_planted_in_a_session_does_not_survive_the_sign_in(shop: Shop, client: FlaskClient) -> None:
    before = field_in(client.get("/sign-in"), "csrf_token")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
        old_token = session["csrf_token"]
    client.post("/sign-in", data={"csrf_token": before, "email": OWNER, "password": PASSWORD})
    assert is_in(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session["csrf_token"] != old_token
    answer = client.post("/vendor/account", data={"csrf_token": before, "locale": "fr"})
    assert answer.status_code == 400, "a token from before works"


def test_signing_out_ends_it(shop: Shop, client: FlaskClient) -> None:
    sign_in(client, OWNER)
    assert client.get("/sign-out").status_code == 405
    assert is_in(client)
    assert press(client, "/vendor/account", "/sign-out").status_code == 302
    assert not is_in(client)


def test_the_cookie_is_for_this_site_and_no_script(shop: Shop, client: FlaskClient) -> None:
    cookie = sign_in(client, OWNER).headers["Set-Cookie"]
    assert cookie.startswith("session=")
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


def test_passwords_are_stored_as_owasp_asks(shop: Shop) -> None:
    (row,) = shop.rows("SELECT password FROM users")
    assert re.match(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$", row.password)


def test_a_forgotten_password_is_mailed_a_link_that_works_once(
    app: Flask, shop: Shop, client: FlaskClient, postbox: Postbox
) -> None:
    elsewhere = browser(app)
    sign_in(elsewhere, OWNER)
    page = press(client, "/reset", "/reset", email=OWNER)
    assert "If we know this address, a mail with a link is on its way." in page.text
    assert [mail["To"] for mail in postbox.mails] == [OWNER]
    link = postbox.link()
    new = {"password": "four other little words", "password_confirm": "four other little words"}
    assert press(client, link, link, **new).status_code == 302
    assert not is_in(elsewhere), "a session from before goes on"
    assert sign_in(client, OWNER).status_code == 422
    assert sign_in(client, OWNER, new["password"]).status_code == 302
    assert len(postbox.mails) == 2, "the change is told"
    again = browser(app)
    answer = again.get(link, follow_redirects=True)
    assert "This link was used already or is too old." in answer.text


def test_an_unknown_address_is_answered_alike_and_mailed_nothing(
    shop: Shop, client: FlaskClient, postbox: Postbox
) -> None:
    known = press(client, "/reset", "/reset", email=OWNER)
    unknown = press(client, "/reset", "/reset", email="nobody@example.com")
    assert known.status_code == unknown.status_code
    assert nameless(known, OWNER) == nameless(unknown, "nobody@example.com")
    assert len(postbox.mails) == 1


def test_a_known_address_costs_no_slow_hash(shop: Shop, client: FlaskClient, postbox: Postbox) -> None:
    press(client, "/reset", "/reset", email=OWNER)
    _, held = URLSafeTimedSerializer("whoever reads it").loads_unsafe(postbox.link().rpartition("/")[2])
    assert re.fullmatch("[0-9a-f]{64}", held[1]), "a slow hash tells by its time who is known"


def test_a_made_up_link_opens_nothing(shop: Shop, client: FlaskClient) -> None:
    answer = client.get("/reset/nonsense", follow_redirects=True)
    assert "This link was used already or is too old." in answer.text


def test_the_password_is_changed_by_who_knows_it(shop: Shop, client: FlaskClient, postbox: Postbox) -> None:
    sign_in(client, OWNER)
    new = "four other little words"
    wrong = press(
        client, "/change-password", "/change-password", password="no", new_password=new, new_password_confirm=new
    )
    assert wrong.status_code == 422
    assert "This isn't your password." in words(wrong)
    for typed, said in (
        (("short", "short"), "At least 10 characters, please."),
        ((new, new + "!"), "The two passwords aren't the same."),
        ((PASSWORD, PASSWORD), "The new password should be another one."),
    ):
        refused = press(
            client, "/change-password", "/change-password",
            password=PASSWORD, new_password=typed[0], new_password_confirm=typed[1],
        )  # fmt: skip
        assert refused.status_code == 422
        assert said in words(refused)
    changed = press(
        client, "/change-password", "/change-password", password=PASSWORD, new_password=new, new_password_confirm=new
    )
    assert changed.status_code == 302
    assert is_in(client)
    assert len(postbox.mails) == 1
    assert sign_in(browser(shop.app), OWNER, new).status_code == 302
