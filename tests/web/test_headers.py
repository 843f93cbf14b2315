"""The headers of every answer: pages, fragments, files, pictures, JSON, redirections and errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.pages import HEADERS, POLICY
from tests.shops import Shop
from tests.town import Town
from tests.web.test_settings import PRODUCTION

ADDRESSES = ["/", "/sign-in", "/healthz", "/static/css/tokens.css", "/nowhere", "/vendor/", "/join/kaffi-haus"]


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_is_guarded(shop: Shop, client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.headers["Content-Security-Policy"] == POLICY
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize("address", ["/counter/", "/counter/pair", "/counter/nowhere", "/counter/cards/%00"])
def test_only_the_till_may_use_the_camera_and_its_reader(shop: Shop, client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    assert "microphone=()" in answer.headers["Permissions-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval'; " in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].replace(" 'wasm-unsafe-eval'", "") == POLICY


@pytest.mark.parametrize("address", ["/counterfeit", "/join/counter", "/nowhere/counter/", "/vendor/tills"])
def test_no_other_page_may(shop: Shop, client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["Permissions-Policy"].startswith("camera=(), ")


def test_the_policy_allows_no_script_or_style_in_a_page() -> None:
    assert "unsafe" not in POLICY and "*" not in POLICY and "http" not in POLICY
    assert POLICY.startswith("default-src 'none'; ")


def test_production_asks_for_https(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    app = make_app(**(PRODUCTION | {"DATABASE_URL": f"sqlite:///{tmp_path}/none.db", "BCRYPT_COST": 10}))
    assert app.test_client().get("/").headers["Strict-Transport-Security"] == "max-age=63072000"


def test_pages_are_nobodys_to_keep_and_files_everybodys(town: Town) -> None:
    owner = town.client("owner", FlaskClient)
    for address in ("/vendor/", "/vendor/cards", "/vendor/poster/qr.png", f"/c/{town.shop.tokens[0]}", "/nowhere"):
        assert owner.get(address).headers["Cache-Control"] == "private, no-store"
    for address in ("/static/css/tokens.css", f"/pictures/{town.shop.picture_id}"):
        answer = owner.get(address)
        assert "no-store" not in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers
    assert owner.get("/static/nowhere.css").headers["Cache-Control"] == "private, no-store"


def test_a_missing_public_file_is_not_kept(town: Town) -> None:
    """What isn't there yet may be there soon."""
    owner = town.client("owner", FlaskClient)
    for address in ("/pictures/999", "/p/999/theme.0.css"):
        answer = owner.get(address)
        assert answer.status_code == 404
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_pages_differ_for_htmx_and_say_so(town: Town) -> None:
    for address in ("/vendor/cards", "/vendor/nowhere"):
        vary = town.client("owner", FlaskClient).get(address).vary
        assert {"HX-Request", "HX-Request-Type"} <= {name for name in ("HX-Request", "HX-Request-Type") if name in vary}


def test_only_what_is_for_everyone_may_be_found_by_search(town: Town) -> None:
    client = town.client("anonymous", FlaskClient)
    for address in ("/", "/join/kaffi-haus"):
        assert "X-Robots-Tag" not in client.get(address).headers
    for address in (f"/c/{town.shop.tokens[0]}", f"/confirm/{town.shop.link}", "/sign-in", "/counter/pair"):
        assert client.get(address).headers["X-Robots-Tag"] == "noindex, nofollow"


def test_each_request_has_its_number(client: FlaskClient) -> None:
    numbers = {client.get("/").headers["X-Request-Id"] for _ in range(5)}
    assert len(numbers) == 5
    sent = client.get("/", headers={"X-Request-Id": "mine"}).headers["X-Request-Id"]
    assert sent != "mine"


def test_pictures_run_nothing(town: Town) -> None:
    answer = town.client("anonymous", FlaskClient).get(f"/pictures/{town.shop.picture_id}")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = town.client("anonymous", FlaskClient).get(
        f"/pictures/{town.shop.picture_id}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_the_host_header_makes_no_address(shop: Shop, client: FlaskClient) -> None:
    for host in ("evil.example", "evil.example:80", "127.0.0.1:8000@evil.example"):
        page = client.get("/join/kaffi-haus", headers={"Host": host})
        assert "evil.example" not in page.text
        assert "evil.example" not in str(page.headers)
