from __future__ import annotations

from tests.shops import app, client, clock, databases, engine, make_app, postbox, shop

__all__ = ["app", "client", "clock", "databases", "engine", "make_app", "postbox", "shop"]
