"""Fixtures for all rooms' tests: a portal on each database, with a shop, a program and an admin."""

from __future__ import annotations

from tests.shops import app, client, clock, databases, engine, give_back, make_app, postbox, shop
from tests.sockets import only_this_machine

__all__ = [
    "app",
    "client",
    "clock",
    "databases",
    "engine",
    "give_back",
    "make_app",
    "only_this_machine",
    "postbox",
    "shop",
]
