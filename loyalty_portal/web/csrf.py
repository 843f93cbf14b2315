"""CSRF follows the credential: people's writes carry their session's token, a till's writes the till's own.

The till's token follows from its cookie, so an owner who signs out in the same browser doesn't touch it, and it
lasts as long as the till is paired.
"""

from __future__ import annotations

import hashlib
import hmac

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf

from loyalty_portal.web import guards
from loyalty_portal.web.actors import TILL_COOKIE
from loyalty_portal.web.current import actor
from loyalty_portal.web.forms import WRITES
from loyalty_portal.web.permissions import ActorKind

protect_session = CSRFProtect()


def token() -> str:
    """The token that this page's forms send."""
    return till_token(request.cookies[TILL_COOKIE]) if actor.kind is ActorKind.TILL else generate_csrf()


def till_token(cookie: str) -> str:
    return hmac.new(cookie.encode(), b"csrf", hashlib.sha256).hexdigest()


def check() -> None:
    """Refuses a write by cookie without its token. Raises `CSRFError`.

    Who may not use the route anyway is told so by its guard instead: a revoked till to pair again, a person whose
    session ended to sign in.
    """
    if request.method not in WRITES or request.endpoint is None or request.path.startswith("/api/"):
        return
    permission = guards.permission_of(current_app.view_functions[request.endpoint])
    if permission is not None and not actor.may(permission):
        return
    if actor.kind is not ActorKind.TILL:
        protect_session.protect()
        return
    sent = request.headers.get("X-CSRFToken") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(sent.encode(), till_token(request.cookies[TILL_COOKIE]).encode()):
        raise CSRFError("the till's token is missing or wrong")


def register(app: Flask) -> None:
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    protect_session.init_app(app)
    ours = {"csrf_token": token, "session_csrf_token": generate_csrf}
    app.jinja_env.globals.update(ours)
    # Flask-WTF gives templates its own by a context processor, which goes before globals; the last one wins.
    app.context_processor(lambda: ours)
