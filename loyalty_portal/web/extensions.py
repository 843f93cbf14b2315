"""Flask extensions that know HTTP: languages, rate limits, sign-in."""

from __future__ import annotations

from flask import Flask
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_security import Security, SQLAlchemyUserDatastore

from loyalty_portal.database import db
from loyalty_portal.models import Role, User, WebAuthn
from loyalty_portal.paths import TRANSLATIONS
from loyalty_portal.settings import Settings
from loyalty_portal.web import locale, sign_in

babel = Babel()
limiter = Limiter(get_remote_address)
security = Security()


def register(app: Flask, settings: Settings) -> None:
    babel.init_app(
        app, default_locale="en", default_translation_directories=str(TRANSLATIONS), locale_selector=locale.choose
    )
    app.config.update(
        RATELIMIT_STORAGE_URI=settings.RATE_LIMIT_URL,
        RATELIMIT_ENABLED=settings.RATE_LIMITS,
        RATELIMIT_HEADERS_ENABLED=False,
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_STRATEGY="moving-window",
    )
    limiter.init_app(app)
    app.config.update(sign_in.configuration(settings))
    datastore = SQLAlchemyUserDatastore(db, User, Role, WebAuthn)
    security.init_app(
        app, datastore, register_blueprint=True, mail_util_cls=sign_in.QueuedMail, password_util_cls=sign_in.Passwords
    )
    for endpoint in ("security.login", "security.forgot_password", "security.reset_password"):
        view = app.view_functions[endpoint]
        app.view_functions[endpoint] = limiter.limit("10 per minute; 60 per hour", methods=["POST"])(view)
    # An API client's cookie header means nothing here.
    app.login_manager.request_loader(lambda request: None)  # type: ignore[attr-defined]
