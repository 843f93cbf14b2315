"""Flask extensions that know HTTP: languages, rate limits, sign-in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from ipaddress import IPv6Address, ip_network
from typing import Any

from flask import Flask, Response, make_response, request
from flask_babel import Babel, get_locale, get_translations
from flask_limiter import Limiter
from flask_security import Security, SQLAlchemyUserDatastore
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from loyalty_portal.database import db
from loyalty_portal.errors import Invalid
from loyalty_portal.models import Role, User, WebAuthn
from loyalty_portal.paths import TRANSLATIONS
from loyalty_portal.settings import Settings
from loyalty_portal.web import locale, sessions, sign_in
from loyalty_portal.web.addresses import inside

SIGN_IN_LIMIT = "10 per minute; 60 per hour"
LONGEST_INPUT = 2000
_FORMS = ("login", "forgot_password", "reset_password", "change_password", "verify")


def caller() -> str:
    """Whom a rate limit counts: an address, and for IPv6 the /64 network that one customer of a provider has."""
    address = request.remote_addr or "unknown"
    try:
        return str(ip_network(f"{IPv6Address(address)}/64", strict=False))
    except ValueError:
        return address


babel = Babel()
limiter = Limiter(caller)
# `init_app` takes forms only; what sends mails is given here.
security = Security(mail_util_cls=sign_in.QueuedMail)


def limit(app: Flask, settings: Settings) -> None:
    """Sets up the rate limits. Without their storage each process counts for itself."""
    app.config.update(
        RATELIMIT_STORAGE_URI=settings.RATE_LIMIT_URL,
        RATELIMIT_ENABLED=settings.RATE_LIMITS,
        RATELIMIT_HEADERS_ENABLED=False,
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_STRATEGY="moving-window",
    )
    limiter.init_app(app)


def register(app: Flask, settings: Settings) -> None:
    """Sets up languages and sign-in."""
    babel.init_app(
        app, default_locale="en", default_translation_directories=str(TRANSLATIONS), locale_selector=locale.choose
    )
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _catalogue().ugettext(text),
        lambda one, many, count: _catalogue().ungettext(one, many, count),
        newstyle=True,
    )
    app.config.update(sign_in.configuration(settings))
    datastore = SQLAlchemyUserDatastore(db, User, Role, WebAuthn)
    security.init_app(
        app,
        datastore,
        register_blueprint=True,
        login_form=sign_in.SignInForm,
    )
    # Pages only: with JSON come tokens, and input that no form would send.
    security.want_json(lambda _request: False)
    sessions.register(app, datastore)
    for name in _FORMS:
        view = _answered(app.view_functions[f"security.{name}"])
        app.view_functions[f"security.{name}"] = limiter.limit(SIGN_IN_LIMIT, methods=["POST"])(view)


_catalogues: dict[str, Any] = {}


def _catalogue() -> Any:
    """The catalogue of the language just spoken. A page asks dozens of times, and Flask-Babel takes a way each time."""
    spoken = get_locale()
    code = spoken.language if spoken else "-"
    if code not in _catalogues:
        _catalogues[code] = get_translations()
    return _catalogues[code]


def _answered(view: Callable[..., Any]) -> Callable[..., Response]:
    """Flask-Security shows a refused form with status 200; here it is 422. (A forgotten password is never refused.)

    It stumbles over a way on that is no address at all, so it sees only those that can be followed; and over a
    password longer than its hash takes.
    """

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Response:
        request.args, request.form = _followable(request.args), _followable(request.form)
        if any(len(value) > LONGEST_INPUT for value in request.form.values()):
            raise Invalid
        response = make_response(view(*args, **kwargs))
        if request.method == "POST" and response.status_code == 200 and request.endpoint != "security.forgot_password":
            response.status_code = 422
        return response

    return answered


def _followable(sent: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    """What was sent, without a `next` that doesn't lead to a page of this site."""
    items = sent.items(multi=True)
    return ImmutableMultiDict([(name, value) for name, value in items if name != "next" or inside(value)])
