"""A person's session: which requests it speaks for, and when it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, g, request, session
from flask_security import SQLAlchemyUserDatastore

from loyalty_portal.web.actors import is_counter
from loyalty_portal.web.current import services

IDLE = timedelta(hours=12)
"""After so much time without a request one signs in anew."""
REFRESH = timedelta(minutes=5)
COOKIE_LASTS = timedelta(days=31)
"""How long the cookie's signature holds: it also carries the CSRF token of pages that stay open, as a till's do."""
_SEEN = "seen"


def register(app: Flask, datastore: SQLAlchemyUserDatastore) -> None:
    """Replaces Flask-Security's way to find the user of a session."""

    def find(uniquifier: str) -> Any:
        # The till's requests and those for files know no people, so that they cost no statement.
        if is_counter(request.path) or request.path.startswith("/static/") or not _keeps():
            return None
        user = datastore.find_user(fs_uniquifier=uniquifier)
        if user is None or not user.active:
            return None
        # What Flask-Security's own loader notes for `auth_required`.
        g.fs_authn_via = "session"
        g.fs_paa = session.get("fs_paa", 0)
        return user

    # An API client's headers mean nothing here.
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    app.login_manager.user_loader(find)  # type: ignore[attr-defined]


def renew() -> None:
    """Empties the session before a sign-in: what an attacker may have planted in it, as a CSRF token, is gone."""
    session.clear()
    g.pop("csrf_token", None)
    session[_SEEN] = _now()


def _keeps() -> bool:
    """Whether the session was used lately; notes the time every few minutes, which signs the cookie anew."""
    now, seen = _now(), session.get(_SEEN)
    if isinstance(seen, int) and now - seen > IDLE.total_seconds():
        session.clear()
        return False
    if not isinstance(seen, int) or abs(now - seen) > REFRESH.total_seconds():
        session[_SEEN] = now
    return True


def _now() -> int:
    return int(services.clock.now().timestamp())
