"""What those who watch over the portal ask."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from loyalty_portal.database import db, transaction


def test_alive_is_alive_without_a_database(app: Flask, client: FlaskClient) -> None:
    page = client.get("/healthz")
    assert (page.status_code, page.json) == (200, {"status": "alive"})


def test_ready_is_ready(client: FlaskClient) -> None:
    page = client.get("/readyz")
    assert (page.status_code, page.json) == (200, {"status": "ready", "problems": []})
    assert page.headers["Cache-Control"] == "private, no-store"


def test_not_ready_says_so(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    page = client.get("/readyz")
    assert page.status_code == 503
    assert page.json is not None
    assert page.json["problems"]
