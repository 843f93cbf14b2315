"""Cookies: HttpOnly and SameSite always, Secure in production, the till's for the till's door alone."""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import transaction
from loyalty_portal.schemas.tills import TillCreate
from tests.people import give_password
from tests.shops import OWNER, PASSWORD, Shop, field_in, open_shop
from tests.web.test_settings import PRODUCTION


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture(params=["development", "production"])
def env(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shop(make_app: Callable[..., Flask], env: str, tmp_path: Path) -> Shop:
    given = {name: value for name, value in PRODUCTION.items() if name != "DATABASE_URL"}
    app = make_app(**(given | {"BCRYPT_COST": 10} if env == "production" else {}))
    shop = open_shop(app)
    give_password(app, OWNER)
    return shop


@pytest.fixture
def base_url(env: str) -> str:
    return "https://localhost" if env == "production" else "http://localhost"


def cookies(*answers: TestResponse) -> dict[tuple[str, str], Morsel[str]]:
    """All that the answers set, by name and path."""
    found = {}
    for line in [line for answer in answers for line in answer.headers.getlist("Set-Cookie")]:
        ((name, morsel),) = SimpleCookie(line).items()
        found[name, morsel["path"]] = morsel
    return found


def guarded(morsel: Morsel[str], env: str) -> bool:
    secure = bool(morsel["secure"]) is (env == "production")
    return bool(morsel["httponly"]) and morsel["samesite"] == "Lax" and secure and not morsel["domain"]


def post(client: FlaskClient, base_url: str, page: str, action: str, **data: str) -> TestResponse:
    token = field_in(client.get(page, base_url=base_url), "csrf_token")
    headers = {"Referer": f"{base_url}{page}"}
    return client.post(action, base_url=base_url, headers=headers, data={"csrf_token": token, **data})


def test_every_cookie_is_guarded(shop: Shop, env: str, base_url: str) -> None:
    client = shop.app.test_client()
    first = client.get("/sign-in", base_url=base_url)
    signed_in = post(client, base_url, "/sign-in", "/sign-in", email=OWNER, password=PASSWORD)
    assert signed_in.status_code == 302
    chosen = post(client, base_url, "/vendor/account", "/language", language="de", next="/")
    with shop.app.app_context(), transaction():
        code = shop.services.device_service.create(shop.vendor.id, TillCreate(name="Till")).code
    paired = post(client, base_url, "/counter/pair", "/counter/pair", code=code)
    assert paired.status_code == 303
    seen = cookies(first, signed_in, chosen, paired)
    assert {("session", "/"), ("language", "/"), ("till", "/counter")} <= set(seen)
    # Nothing but the till's door, and the page that opens it, is sent the till's cookie.
    assert {path for name, path in seen if name == "till"} <= {"/counter", "/vendor/tills"}
    for name, morsel in seen.items():
        assert guarded(morsel, env), f"{name}: {morsel.OutputString()}"
    assert int(seen["till", "/counter"]["max-age"]) > 365 * 24 * 3600
    assert len(seen["till", "/counter"].value) >= 22


def test_the_session_holds_no_person_in_plain(shop: Shop, base_url: str) -> None:
    client = shop.app.test_client()
    answer = post(client, base_url, "/sign-in", "/sign-in", email=OWNER, password=PASSWORD)
    assert OWNER not in str(answer.headers)
    assert PASSWORD not in str(answer.headers)


def test_a_sign_in_changes_the_session(shop: Shop, base_url: str) -> None:
    """What somebody planted before is worth nothing after."""
    client = shop.app.test_client()
    client.get("/sign-in", base_url=base_url)
    before = client.get_cookie("session")
    token = field_in(client.get("/sign-in", base_url=base_url), "csrf_token")
    post(client, base_url, "/sign-in", "/sign-in", email=OWNER, password=PASSWORD)
    after = client.get_cookie("session")
    assert before is not None and after is not None and before.value != after.value
    headers = {"Referer": f"{base_url}/vendor/tills"}
    answer = client.post("/vendor/tills", base_url=base_url, headers=headers, data={"csrf_token": token, "name": "x"})
    assert answer.status_code == 400


@pytest.mark.parametrize("value", ["", "x", "x" * 3000, "…", "a.b.c", ".eJw", '"', "%00", "null"])
def test_a_strange_cookie_is_nobody(shop: Shop, base_url: str, value: str) -> None:
    for name in ("session", "till", "language", "remember_token", "csrf_token"):
        client = shop.app.test_client(use_cookies=False)
        headers = {"Cookie": f"{name}={value}".encode().decode("latin-1")}
        for path, status in (("/", 200), ("/vendor/", 303), ("/counter/", 303), ("/join/kaffi-haus", 200)):
            assert client.get(path, base_url=base_url, headers=headers).status_code == status, (name, path)


def test_an_idle_session_ends(shop: Shop, clock: FrozenClock, base_url: str) -> None:
    client = shop.app.test_client()
    post(client, base_url, "/sign-in", "/sign-in", email=OWNER, password=PASSWORD)
    clock.move(hours=11)
    assert client.get("/vendor/", base_url=base_url).status_code == 200
    clock.move(hours=11)
    assert client.get("/vendor/", base_url=base_url).status_code == 200
    clock.move(hours=12, seconds=1)
    assert client.get("/vendor/", base_url=base_url).status_code == 303
