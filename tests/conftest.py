"""Fixtures for all rooms' tests: a portal on each database, with a shop, a program and an admin."""

from __future__ import annotations

from tests.shops import app, client, clock, databases, engine, make_app, postbox, shop

__all__ = ["app", "client", "clock", "databases", "engine", "make_app", "postbox", "shop"]
