"""Logs hold no PIN, no token, no address, no number of a person; a fault is found by the request's number."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask

from loyalty_portal.database import db, transaction
from loyalty_portal.web.logs import scrub
from tests.people import give_password
from tests.shops import OWNER, PASSWORD, field_in, open_shop, sign_in
from tests.web.test_settings import PRODUCTION


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.mark.parametrize(
    "name", ["pin", "new_password", "csrf_token", "secret", "owner_email", "phone", "Authorization"]
)
def test_a_field_is_hidden_by_its_name(name: str) -> None:
    assert scrub(None, "info", {"event": "done", name: "hidden-value"}) == {"event": "done", name: "…"}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("GET /c/Cs3PZO7LN5-PrbZz5TKDow", "GET /c/…"),
        ("/confirm/12.abcdef?x=1", "/confirm/…"),
        ("/reset/WyIyZ.awa.mHg was opened", "/reset/… was opened"),
        ("/counter/pair/K7Q2M9XW", "/counter/pair/…"),
        ("to sophie.muller+a@example.com now", "to …@… now"),
    ],
)
def test_a_secret_is_hidden_by_its_look(said: str, kept: str) -> None:
    assert scrub(None, "info", {"event": said, "path": said}) == {"event": kept, "path": kept}


def test_a_fault_is_logged_without_what_was_typed(
    make_app: Callable[..., Flask], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A real fault, in production's form: the table that a page reads is gone."""
    given = {name: value for name, value in PRODUCTION.items() if name != "DATABASE_URL"}
    app = make_app(**(given | {"BCRYPT_COST": 10}))
    open_shop(app)
    client = app.test_client()
    page = client.get("/join/kaffi-haus", base_url="https://localhost")
    with app.app_context(), transaction():
        db.session.connection().exec_driver_sql("ALTER TABLE customers RENAME TO gone")
    capsys.readouterr()
    answer = client.post(
        "/join/kaffi-haus",
        base_url="https://localhost",
        headers={"Referer": "https://localhost/join/kaffi-haus"},
        data={"csrf_token": field_in(page, "csrf_token"), "first_name": "Zebulon", "contact": "zebulon@example.com"},
    )
    assert answer.status_code == 500
    number = answer.headers["X-Request-Id"]
    assert number in answer.text
    logged = capsys.readouterr().err
    assert not any(word in answer.text for word in ("Zebulon", "zebulon", "Traceback", "customers"))
    assert "Zebulon" not in logged and "zebulon" not in logged
    (line,) = [json.loads(line) for line in logged.splitlines() if line.startswith("{")]
    assert line["event"] == "unexpected_error" and line["request_id"] == number
    assert "Traceback" in line["exception"]


def test_nothing_is_said_of_a_sign_in(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    open_shop(app)
    give_password(app, OWNER)
    capsys.readouterr()
    with structlog.testing.capture_logs() as logged:
        client = app.test_client()
        sign_in(client, OWNER, "a wrong password")
        sign_in(client, OWNER)
        client.get("/vendor/")
    out = capsys.readouterr()
    everything: Any = f"{logged}{out.out}{out.err}"
    for secret in (OWNER, PASSWORD, "a wrong password"):
        assert secret not in everything
