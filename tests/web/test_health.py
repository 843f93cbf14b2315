"""`/healthz` says that the process answers, `/readyz` that it can do its work, and what is missing when it can't."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from loyalty_portal.database import db, transaction


def run(app: Flask, statement: str) -> None:
    with app.app_context(), transaction():
        db.session.execute(text(statement))


def test_all_is_well(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "alive"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "problems": []})


def test_a_missing_migration_is_told(app: Flask, client: FlaskClient) -> None:
    run(app, "UPDATE alembic_version SET version_num = '0000'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["status"] == "waiting" and answer.json["problems"]
    assert client.get("/healthz").status_code == 200


def test_a_missing_guard_of_the_ledger_is_told(app: Flask, client: FlaskClient, engine: str) -> None:
    name = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'loyalty_transactions'"
    if engine == "postgresql":
        name = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'loyalty_transactions'::regclass AND NOT tgisinternal"
    with app.app_context(), transaction():
        guard = db.session.execute(text(f"{name} LIMIT 1")).scalar_one()
        table = " ON loyalty_transactions" if engine == "postgresql" else ""
        db.session.execute(text(f"DROP TRIGGER {guard}{table}"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert guard in str(answer.json)


def test_nothing_is_told_of_the_machine(client: FlaskClient) -> None:
    for path in ("/healthz", "/readyz"):
        text_ = client.get(path).text
        assert "sqlite" not in text_ and "postgres" not in text_ and "/" not in text_
