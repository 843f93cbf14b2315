"""Fixtures for the doors' tests: a portal on each database, with a shop, a program and an admin in it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from flask_security.utils import hash_password
from sqlalchemy import text
from werkzeug.test import TestResponse

from loyalty_portal.app import create_app
from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db, end_read, transaction
from loyalty_portal.enums import Source
from loyalty_portal.gateways import Gateways
from loyalty_portal.schemas.counter import Origin, Receipt, StampCommand, VoidCommand
from loyalty_portal.schemas.programs import ProgramCreate
from loyalty_portal.schemas.vendors import VendorCreate, VendorView
from loyalty_portal.services import Services
from loyalty_portal.settings import load_settings
from loyalty_portal.web.current import EXTENSION

SERVER = os.environ.get("TEST_POSTGRES", "postgresql://127.0.0.1:5432/postgres")
PASSWORD = "three little words"
OWNER, ADMIN = "anne@example.com", "admin@example.com"
NOW = datetime(2026, 11, 16, 7, 12, tzinfo=UTC)
TILL = 1


class Postbox:
    """A mail gateway that keeps what it was given."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    def send(self, message: Any) -> None:
        self.mails.append(message)

    def link(self, number: int = -1) -> str:
        """The path of the only address in a mail."""
        found = re.findall(r"http://127\.0\.0\.1:8000(/\S+)", self.mails[number].get_content())
        assert len(found) == 1, self.mails[number].get_content()
        return str(found[0])


SHAPE = """
    SELECT md5(string_agg(part, ';' ORDER BY part)) FROM (
        SELECT conname::text || pg_get_constraintdef(oid) AS part FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT version_num FROM alembic_version
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT tgname::text || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT table_name::text || column_name::text || data_type::text || is_nullable::text
            FROM information_schema.columns
            WHERE table_schema = 'public'
    ) AS parts
"""
"""One word for a database's migration, tables, keys, indexes and triggers."""


GUARDED = ("loyalty_cards", "loyalty_transactions")
"""The tables whose triggers refuse to lose rows."""


class Databases:
    """Hands out migrated, empty databases of each kind.

    A file is copied. A PostgreSQL database costs megabytes of writing, so it is emptied and used again, unless a test
    changed its shape.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[str] = []
        self._migrated: dict[str, str] = {}
        self._free: list[str] = []
        self._given: list[str] = []
        self._shape = ""

    def copy(self, kind: str) -> str:
        if kind not in self._migrated:
            self._migrated[kind] = self._first(kind)
        if kind == "sqlite":
            name = f"stempel_test_{uuid.uuid4().hex}"
            shutil.copy(self.folder / "migrated.db", self.folder / name)
            return f"sqlite:///{self.folder}/{name}"
        name = self._free.pop() if self._free else self._create(self._migrated[kind])
        self._given.append(name)
        return self._url(name)

    def give_back(self, since: int) -> None:
        """Empties the PostgreSQL databases that were handed out after `since` of them were."""
        given, self._given = self._given[since:], self._given[:since]
        self._free += [name for name in given if self._emptied(name)]

    @property
    def given(self) -> int:
        """How many PostgreSQL databases are handed out."""
        return len(self._given)

    def drop(self) -> None:
        for name in self.made:
            self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _first(self, kind: str) -> str:
        if kind == "sqlite":
            name, url = "", f"sqlite:///{self.folder}/migrated.db"
        else:
            name = self._create("template1")
            url = self._url(name)
        with built(url, FrozenClock(NOW)).app_context():
            upgrade()
            db.engine.dispose()
        if name:
            with psycopg.connect(url) as connection:
                self._shape = self._shape_of(connection)
        return name

    def _emptied(self, name: str) -> bool:
        try:
            connection = psycopg.connect(self._url(name), autocommit=True)
        except psycopg.OperationalError:
            # A test closed it.
            return False
        with connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            try:
                if self._shape_of(connection) != self._shape:
                    return False
            except psycopg.errors.UndefinedTable:
                return False
            rows = connection.execute(
                "SELECT quote_ident(tablename) FROM pg_tables"
                " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            ).fetchall()
            with connection.transaction():
                for table in GUARDED:
                    connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
                tables = ", ".join(name for (name,) in rows)
                connection.execute(f"TRUNCATE {tables} RESTART IDENTITY".encode())
                for table in GUARDED:
                    connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())
        return True

    @staticmethod
    def _shape_of(connection: psycopg.Connection[Any]) -> str:
        found = connection.execute(SHAPE.encode()).fetchone()
        return str(found and found[0])

    def _create(self, template: str) -> str:
        name = f"stempel_test_{uuid.uuid4().hex}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        # Power isn't lost in a test: nobody need wait for the disk.
        self._run(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
        self.made.append(name)
        return name

    @staticmethod
    def _url(name: str) -> str:
        return f"{SERVER.rpartition('/')[0]}/{name}"

    @staticmethod
    def _run(statement: str) -> None:
        try:
            with psycopg.connect(SERVER, autocommit=True, connect_timeout=3) as connection:
                connection.execute(statement.encode())
        except psycopg.OperationalError:
            if os.environ.get("REQUIRE_POSTGRES"):
                raise
            pytest.skip("no PostgreSQL can be reached")


def built(url: str, clock: FrozenClock, mail: Any = None, **given: Any) -> Flask:
    settings = {"DATABASE_URL": url, "QUEUE_URL": "immediate:", "BCRYPT_COST": 4, "RATE_LIMITS": False}
    return create_app(load_settings(**(settings | given)), clock=clock, gateways=Gateways(mail=mail or Postbox()))


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    memory = Path("/dev/shm")
    folder = tempfile.mkdtemp(dir=memory) if memory.is_dir() else tmp_path_factory.mktemp("databases")
    found = Databases(Path(folder))
    yield found
    found.drop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def give_back(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test its databases are free again. Those of a module's own fixtures stay theirs."""
    if "databases" not in request.fixturenames:
        yield
        return
    databases: Databases = request.getfixturevalue("databases")
    since = databases.given
    yield
    databases.give_back(since)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def make_app(
    databases: Databases, engine: str, clock: FrozenClock, postbox: Postbox, tmp_path: Path
) -> Iterator[Callable[..., Flask]]:
    made: list[Flask] = []

    def make(**given: Any) -> Flask:
        app = built(databases.copy(engine), clock, postbox, INSTANCE_DIR=tmp_path, **given)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def shop(app: Flask) -> Shop:
    return open_shop(app)


@dataclass(frozen=True)
class Shop:
    """A vendor with its program, and what its till would do."""

    app: Flask
    vendor: VendorView
    program_id: int

    @property
    def services(self) -> Services:
        return self.app.extensions[EXTENSION].services  # type: ignore[no-any-return]

    @property
    def origin(self) -> Origin:
        return Origin(vendor_id=self.vendor.id, time_zone=self.vendor.time_zone, source=Source.COUNTER, source_id=TILL)

    def stamp(self, code: str, quantity: int = 1) -> int:
        """Gives stamps; answers the entry's id."""
        with self.app.app_context():
            with transaction():
                answer = self.services.stamp_service.earn(self.origin, code, StampCommand(quantity=quantity))
            assert isinstance(answer, Receipt), answer
            return answer.transaction.id

    def redeem(self, code: str) -> None:
        with self.app.app_context(), transaction():
            assert isinstance(self.services.stamp_service.redeem(self.origin, code), Receipt)

    def undo(self, entry_id: int) -> None:
        with self.app.app_context(), transaction():
            assert isinstance(self.services.entry_service.void(self.origin, entry_id, VoidCommand()), Receipt)

    def do(self, action: Callable[[Services], object]) -> None:
        """Writes what no page of these tests writes."""
        with self.app.app_context(), transaction():
            action(self.services)

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.app.app_context():
            found = list(db.session.execute(text(query), values))
            end_read()
            return found


def open_shop(app: Flask, name: str = "Kaffi Haus", email: str = OWNER, locale: str = "en", **changes: Any) -> Shop:
    services: Services = app.extensions[EXTENSION].services
    program = {"card_name": "Coffee club", "stamps_target": 10, "stamps_reward_description": "Free coffee"}
    with app.app_context(), transaction():
        vendor, _ = services.vendor_service.create(
            VendorCreate(name=name, owner_email=email, owner_name="Anne", locale=locale)
        )
        made = services.program_service.create(
            vendor.id, ProgramCreate(**(program | {"max_stamps_per_visit": 5} | changes))
        )
    return Shop(app, vendor, made.id)


def add_admin(app: Flask, email: str = ADMIN) -> None:
    services: Services = app.extensions[EXTENSION].services
    with app.app_context():
        hashed = hash_password(PASSWORD)
        with transaction():
            services.vendor_service.set_password_hash(
                services.vendor_service.add_user(email, "Ada", is_admin=True).id, hashed
            )


def field_in(page: TestResponse, name: str) -> str:
    """The value of a hidden field of the page, of the last form that has it."""
    found = re.findall(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, page.text
    return str(found[-1])


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD) -> TestResponse:
    token = field_in(client.get("/sign-in"), "csrf_token")
    return client.post("/sign-in", data={"csrf_token": token, "email": email, "password": password})


def press(client: FlaskClient, page: str, action: str, **data: Any) -> TestResponse:
    """Sends a form of the page `page` to `action`, with the page's CSRF token."""
    token = field_in(client.get(page), "csrf_token")
    return client.post(action, data={"csrf_token": token, **data})
