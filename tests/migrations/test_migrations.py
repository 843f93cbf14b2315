"""Each migration goes up, down and up again with data, on both engines; the head equals the models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, Table, inspect, select, text

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db
from loyalty_portal.enums import StaffRole
from loyalty_portal.models.triggers import missing_triggers
from loyalty_portal.paths import MIGRATIONS
from tests.clients import client_of
from tests.desk import desk_of
from tests.shops import Databases, open_shop

_SCRIPTS = ScriptDirectory(str(MIGRATIONS))
REVISIONS = [script.revision for script in reversed(list(_SCRIPTS.walk_revisions()))]


@pytest.fixture
def lived_in(app: Flask, clock: FrozenClock) -> Iterator[Flask]:
    """A portal at the head with a shop whose card was made, stamped, voided, filled and redeemed."""
    desk = desk_of(open_shop(app, stamps_target=2))
    card = desk.enrol(first_name="Zoé", email="zoe@example.com")
    desk.void(desk.stamp(card.code).transaction.id)
    desk.stamp(card.code, 2)
    desk.redeem(card.code)
    clock.move(hours=1)
    late = desk.stamp(card.code).transaction.id
    clock.move(hours=1)
    desk.void(late, "Wrong card", staff_role=StaffRole.MANAGER, source_id=None)
    desk.add_staff("Luca", "2580")
    with app.app_context():
        db.session.remove()
        yield app


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, whatever the schema is now."""
    found = {}
    with db.engine.connect() as connection:
        metadata = MetaData()
        for name in inspect(connection).get_table_names():
            if name == "alembic_version":
                continue
            table = Table(name, metadata, autoload_with=connection)
            columns = [table.c[column] for column in sorted(table.c.keys())]
            found[name] = sorted((tuple(map(str, row)) for row in connection.execute(select(*columns))), key=str)
    return found


def version() -> str | None:
    with db.engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def guards_missing() -> frozenset[str]:
    with db.engine.connect() as connection:
        return missing_triggers(connection)


def test_there_is_one_line_of_revisions_and_the_head_is_written_down() -> None:
    assert len(_SCRIPTS.get_heads()) == 1
    assert (MIGRATIONS / "CURRENT_HEAD").read_text().strip() == _SCRIPTS.get_current_head()
    assert sorted(REVISIONS) == REVISIONS


def test_the_head_equals_the_models(app: Flask, engine: str) -> None:
    # Alembic takes SQLite's empty text as a default for none, so PostgreSQL alone speaks for the defaults.
    options = {"compare_type": True, "compare_server_default": engine == "postgresql"}
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, db.metadata) == []


def test_the_checks_of_the_head_equal_the_models(app: Flask) -> None:
    """Alembic compares no CHECKs, so their names are compared here."""
    with app.app_context(), db.engine.connect() as connection:
        found = inspect(connection)
        for table in db.metadata.tables.values():
            wanted = {str(one.name) for one in table.constraints if type(one).__name__ == "CheckConstraint"}
            assert {one["name"] for one in found.get_check_constraints(table.name)} == wanted, table.name


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_revision_goes_up_down_and_up_again_with_data(lived_in: Flask, revision: str) -> None:
    before = rows()
    below = _SCRIPTS.get_revision(revision).down_revision
    for _ in range(2):
        downgrade(revision=below or "base")
        assert version() == below
        if below is None:
            assert rows() == {}
            break
        assert guards_missing() == frozenset()
        upgrade(revision=revision)
        assert version() == revision
        assert guards_missing() == frozenset()
    upgrade()
    after = rows()
    assert after.keys() == before.keys()
    if below is not None:
        # What the older schema has no place for may be lost; what was in the ledger is not.
        for name in ("vendors", "customers", "staff_pins", "loyalty_transactions", "entry_notes", "idempotency_keys"):
            assert after[name] == before[name], name


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_revision_leaves_the_database_as_a_fresh_one(
    databases: Databases, engine: str, app: Flask, revision: str
) -> None:
    """Down and up again ends with the same schema as up alone."""
    below = _SCRIPTS.get_revision(revision).down_revision
    with app.app_context():
        fresh = schema(app)
        downgrade(revision=below or "base")
        upgrade()
        assert schema(app) == fresh


def schema(app: Flask) -> list[str]:
    """The schema in words that can be compared."""
    with client_of(app) as raw:
        if raw.is_sqlite:
            found = raw.run("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name <> 'alembic_version'")
            return sorted(f"{row['type']} {row['tbl_name']}.{row['name']}: {_words(row['sql'])}" for row in found)
        columns = raw.run(
            "SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name"
            " FROM information_schema.columns WHERE table_schema = 'public'"
        )
        constraints = raw.run(
            "SELECT conrelid::regclass::text AS of, conname, pg_get_constraintdef(oid) AS is FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace"
        )
        indexes = raw.run("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'")
        triggers = raw.run("SELECT pg_get_triggerdef(oid) AS is FROM pg_trigger WHERE NOT tgisinternal")
        return sorted(str(row) for row in [*columns, *constraints, *indexes, *triggers])


def _words(sql: str | None) -> str:
    """The statement with its columns and constraints in alphabetical order: a rebuilt table may order them anew."""
    return " ".join(sorted((sql or "").replace("(", " ( ").replace(")", " ) ").replace(",", " ").split()))


def test_the_ledger_is_guarded_between_any_two_revisions(lived_in: Flask) -> None:
    for revision in reversed(REVISIONS):
        with client_of(lived_in) as raw:
            raw.refuses("UPDATE loyalty_transactions SET stamps_after = stamps_after", because="append-only")
            raw.refuses("DELETE FROM loyalty_transactions", because="append-only")
        downgrade(revision=_SCRIPTS.get_revision(revision).down_revision or "base")
