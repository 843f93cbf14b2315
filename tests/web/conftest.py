"""A portal of its own for each test of the frame, on a copy of one migrated SQLite file."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from flask_security.utils import hash_password
from werkzeug.test import TestResponse

from loyalty_portal.app import create_app
from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db, transaction
from loyalty_portal.gateways import Gateways
from loyalty_portal.schemas.tills import TillCreate
from loyalty_portal.schemas.vendors import VendorCreate
from loyalty_portal.services import Services
from loyalty_portal.settings import load_settings
from loyalty_portal.web.current import EXTENSION

PASSWORD = "three little words"
NOW = datetime(2026, 11, 16, 7, 12, tzinfo=UTC)


class Postbox:
    """A mail gateway that keeps what it was given."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    def send(self, message: Any) -> None:
        self.mails.append(message)


def built(folder: Path, clock: FrozenClock, gateways: Gateways | None = None, **given: Any) -> Flask:
    defaults = {
        "INSTANCE_DIR": folder,
        "DATABASE_URL": f"sqlite:///{folder}/portal.db",
        "QUEUE_URL": "immediate:",
        "BCRYPT_COST": 4,
        "RATE_LIMITS": False,
    }
    return create_app(load_settings(**(defaults | given)), clock=clock, gateways=gateways)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrated")
    with built(folder, FrozenClock(NOW)).app_context():
        upgrade()
        db.engine.dispose()
    return folder


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def make_app(migrated: Path, tmp_path: Path, clock: FrozenClock, postbox: Postbox) -> Iterator[Callable[..., Flask]]:
    """Builds a portal with other settings than the usual ones."""
    made = []

    def make(**given: Any) -> Flask:
        folder = tmp_path / f"instance{len(made)}"
        shutil.copytree(migrated, folder)
        app = built(folder, clock, Gateways(mail=postbox), **given)
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
def services(app: Flask) -> Services:
    return app.extensions[EXTENSION].services


@dataclass(frozen=True)
class Shop:
    vendor_id: int
    owner_id: int
    email: str
    till_token: str


def open_shop(app: Flask, name: str = "Kaffi Haus", email: str = "anne@example.com", **given: Any) -> Shop:
    """A vendor with an owner who has a password, and one paired till."""
    services: Services = app.extensions[EXTENSION].services
    with app.app_context():
        hashed = hash_password(PASSWORD)
        with transaction():
            vendor, owner = services.vendor_service.create(
                VendorCreate(name=name, owner_email=email, owner_name="Anne", **given)
            )
            services.vendor_service.set_password_hash(owner.id, hashed)
            code = services.device_service.create(vendor.id, TillCreate(name="Till 1")).code
            token = services.device_service.pair(code)
    return Shop(vendor.id, owner.id, email, token)


@pytest.fixture
def shop(app: Flask) -> Shop:
    return open_shop(app)


def token_in(page: TestResponse) -> str:
    """The CSRF token of the page's first form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, address: str = "/sign-in") -> TestResponse:
    token = token_in(client.get(address))
    return client.post(address, data={"csrf_token": token, "email": email, "password": password})
