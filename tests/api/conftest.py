"""A shop with a key, the platform with one, a second shop, and people with PINs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.api.programs import Platform, Register, Stranger, register_of
from tests.shops import Shop, open_shop


@pytest.fixture
def register(shop: Shop) -> Register:
    """The shop's cash register: a vendor's key without scopes, and two people with PINs."""
    return register_of(shop)


@pytest.fixture
def foreign(app: Flask, shop: Shop) -> Register:
    """The cash register of another shop."""
    return register_of(open_shop(app, name="Salon Bleu", email="bea@example.com"))


@pytest.fixture
def hybrid(app: Flask) -> Register:
    """The cash register of a shop whose program has stamps and points."""
    rewards = [
        {"id": "bag", "name": "Bag of beans", "points_required": 100, "value_cents": 900, "cost_cents": 400},
        {"id": "mug", "name": "Mug", "points_required": 500, "value_cents": 1500, "is_active": False},
    ]
    changes = {"loyalty_type": "hybrid", "points_per_euro": 10, "points_rewards": rewards, "max_purchase_cents": 50_000}
    return register_of(open_shop(app, name="Roastery", email="carl@example.com", **changes))


@pytest.fixture
def platform(shop: Shop) -> Platform:
    """A program with a key of the platform."""
    made: Platform = Platform(shop).with_key(None)
    return made


@pytest.fixture
def stranger(shop: Shop) -> Stranger:
    """A program without a key."""
    return Stranger(shop)


@pytest.fixture
def with_settings(make_app: Callable[..., Flask]) -> Callable[..., Register]:
    """A shop's register at a portal with other settings."""
    return lambda **given: register_of(open_shop(make_app(**given)))
