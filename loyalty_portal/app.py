"""`create_app`: the only place that wires."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask, Request, abort, g, request
from jinja2 import StrictUndefined
from werkzeug.local import LocalProxy
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from loyalty_portal import cli, jobs
from loyalty_portal.clock import Clock, SystemClock
from loyalty_portal.database import db, engine_options
from loyalty_portal.drawing import jinja as drawing
from loyalty_portal.enums import LANGUAGES
from loyalty_portal.extensions import migrate
from loyalty_portal.gateways import Gateways
from loyalty_portal.gateways.google_callback import RootKeys
from loyalty_portal.gateways.google_wallet import GoogleWallet, read_credentials
from loyalty_portal.gateways.mail import mail_gateway
from loyalty_portal.gateways.webhooks import WebhookGateway
from loyalty_portal.paths import MIGRATIONS, STATIC, TEMPLATES
from loyalty_portal.services import Secrets, build_services
from loyalty_portal.settings import Settings, SettingsError, load_settings
from loyalty_portal.web import csrf, extensions, filters, guards, headers, locale, logs, messages, problems, sessions
from loyalty_portal.web.actors import identify, is_api
from loyalty_portal.web.current import EXTENSION, Portal, actor, asking

DOORS = ("public", "counter", "vendor", "admin", "api")


def create_app(
    settings: Settings | None = None, *, clock: Clock | None = None, gateways: Gateways | None = None
) -> Flask:
    """The portal. Raises `SettingsError` with one readable line when the settings don't allow a start."""
    settings = settings or load_settings()
    app = Flask(__name__, template_folder=str(TEMPLATES), static_folder=str(STATIC))
    app.url_map.converters["int"] = RowId
    _configure(app, settings)
    logs.configure(settings)
    _wire(app, settings, clock or SystemClock(), gateways)
    _templates(app, settings)
    headers.register(app)

    @app.before_request
    def know_who_asks() -> None:
        if _is_unreadable(request):
            abort(404)
        if request.is_json and request.blueprints[-1:] != ["api"]:
            # Forms would read it as if it were one of theirs.
            abort(415)
        g.actor = identify(request)
        csrf.check()

    problems.register(app)
    for name in DOORS:
        app.register_blueprint(importlib.import_module(f"loyalty_portal.{name}").blueprint)
    cli.register(app)
    guards.check_every_route(app)
    return app


class RowId(IntegerConverter):
    """A number in an address that a column can hold, in plain digits; anything else leads nowhere.

    The pattern says so, not a range: what a range refuses is "another method" where two routes share an address.
    """

    regex = "[0-9]{1,18}"


def _is_unreadable(request: Request) -> bool:
    """Whether the address holds characters that nobody types and that PostgreSQL refuses."""
    return any(ord(character) < 32 for character in request.path) or (
        # The API says what is wrong with a parameter.
        b"%00" in request.query_string and not is_api(request.path)
    )


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.SECRET_KEY,
        SECRET_KEY_FALLBACKS=settings.secret_key_fallbacks,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        # Values, such as names and addresses, stay out of error messages.
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url) | {"hide_parameters": True},
        SESSION_COOKIE_NAME="session",
        SESSION_COOKIE_SECURE=settings.is_production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=settings.is_production,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=sessions.COOKIE_LASTS,
        MAX_CONTENT_LENGTH=4 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=200,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        TEMPLATES_AUTO_RELOAD=False,
    )
    if settings.PROXY_COUNT:
        count = settings.PROXY_COUNT
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]


def _wire(app: Flask, settings: Settings, clock: Clock, gateways: Gateways | None) -> None:
    if settings.database_url.startswith("sqlite") or settings.queue_url.startswith("sqlite"):
        with _named("INSTANCE_DIR"):
            settings.INSTANCE_DIR.mkdir(parents=True, exist_ok=True)
    with _named("DATABASE_URL"):
        db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    secrets = Secrets(settings.SECRET_KEY, settings.peppers, settings.BCRYPT_COST, tuple(settings.secret_key_fallbacks))
    with _named("MAIL_URL"):
        gateways = gateways or Gateways(
            mail=mail_gateway(settings.MAIL_URL), webhooks=WebhookGateway(allow_private=settings.WEBHOOK_PRIVATE)
        )
    if settings.GOOGLE_ISSUER_ID and gateways.google is None:
        gateways = replace(gateways, google=_google(settings), google_keys=RootKeys(clock, settings.GOOGLE_KEYS_URL))

    def enqueue_later(name: str, *args: Any) -> None:
        app.extensions[EXTENSION].enqueue(name, *args)

    services = build_services(
        db.session,
        clock,
        secrets,
        base_url=settings.BASE_URL,
        webhooks=gateways.webhooks,
        google=gateways.google,
        google_keys=gateways.google_keys,
        enqueue=enqueue_later,
    )
    with _named("QUEUE_URL"):
        queue = jobs.make_queue(settings.queue_url, settings.SECRET_KEY)
    enqueue = jobs.register_tasks(app, queue, services, gateways, settings.mail_from)
    app.extensions[EXTENSION] = Portal(
        settings, services, secrets, queue, enqueue, sweeping=partial(jobs.sweeping, app, services)
    )
    with _named("RATE_LIMIT_URL"):
        extensions.limit(app, settings)
    extensions.register(app, settings)


def _google(settings: Settings) -> GoogleWallet:
    """The issuer's account, its key read once a process."""
    with _named("GOOGLE_CREDENTIALS"):
        credentials = read_credentials(Path(settings.GOOGLE_CREDENTIALS))
    return GoogleWallet(settings.GOOGLE_ISSUER_ID, credentials, api_url=settings.GOOGLE_API_URL)


@contextmanager
def _named(setting: str) -> Iterator[None]:
    """What a library says about a setting's value, as one line that begins with the setting's name."""
    try:
        yield
    except Exception as error:
        text = " ".join(str(error).split()).removeprefix(f"{setting}: ")
        raise SettingsError(f"PORTAL_{setting}: {text or type(error).__name__}") from error


def _templates(app: Flask, settings: Settings) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    filters.register(app)
    app.jinja_env.filters["sentence"] = messages.sentence
    csrf.register(app)
    drawing.register(app.jinja_env)
    app.jinja_env.globals.update(
        platform_name=settings.PLATFORM_NAME,
        base_url=settings.BASE_URL,
        languages=tuple(LANGUAGES.items()),
        # Proxies, so that imported macros know them too.
        locale=LocalProxy(locale.choose),
        actor=actor,
    )

    @app.context_processor
    def everywhere() -> dict[str, object]:
        # The real ones: a proxy looks for the request at every use, and macros alone need that.
        return {"today": g.get("today"), "actor": asking(), "locale": locale.choose()}
