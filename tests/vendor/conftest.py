"""The owner of the shop, signed in."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.people import owner_of
from tests.shops import Shop


@pytest.fixture
def owner(shop: Shop) -> FlaskClient:
    return owner_of(shop)
