"""The platform's admin, signed in."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.people import admin_of


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    return admin_of(app)
