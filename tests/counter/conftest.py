"""A till that is paired, with people who work at it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.counter.till import Till, till_of
from tests.shops import Shop, open_shop


@pytest.fixture
def till(app: Flask, shop: Shop) -> Till:
    """Up to five stamps a visit, five a day, a quarter of an hour apart, a PIN each time."""
    return till_of(app, shop)


@pytest.fixture
def strict(make_app: Callable[..., Flask]) -> Till:
    """One stamp a visit."""
    app = make_app()
    return till_of(app, open_shop(app, max_stamps_per_visit=1))


@pytest.fixture
def other(app: Flask, till: Till) -> Till:
    """Another vendor's till in the same portal."""
    shop = open_shop(app, "Bäckerei Weis", "weis@example.com", stamps_target=10)
    return till_of(app, shop, "Theke")
