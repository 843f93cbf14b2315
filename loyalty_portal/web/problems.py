"""Errors become answers here: a problem for the API, a fragment for htmx, a page for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from loyalty_portal.clock import SystemClock
from loyalty_portal.database import is_busy
from loyalty_portal.errors import Busy, DomainError
from loyalty_portal.web.actors import is_api, is_counter
from loyalty_portal.web.addresses import came_from
from loyalty_portal.web.current import services
from loyalty_portal.web.extensions import limiter
from loyalty_portal.web.locale import choose
from loyalty_portal.web.messages import field_sentence, key_sentence, sentence
from loyalty_portal.web.render import fragment_of, is_fragment

log = structlog.get_logger(__name__)
_HTTP_CODES = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
}


def register(app: Flask) -> None:
    app.register_error_handler(DomainError, domain_error)
    app.register_error_handler(CSRFError, lambda error: answer("csrf", 400))
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(OperationalError, database_error)
    app.register_error_handler(Exception, unexpected)


def domain_error(error: DomainError) -> Response:
    return answer(error.code, error.status, error.facts)


def http_error(error: HTTPException) -> Any:
    if is_api(request.path) and isinstance(error, RequestRedirect):
        # Programs aren't led from a misspelt address to the right one.
        return answer("not_found", 404)
    if error.response is not None or (error.code or 500) < 400:
        return error
    status = error.code or 500
    code = _HTTP_CODES.get(status, "bad_request" if status < 500 else "server_error")
    response = answer(code, status, {"retry_after": _window()} if status == 429 else None)
    if status == 405 and (allowed := getattr(error, "valid_methods", None)):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def database_error(error: OperationalError) -> Response:
    # Without an SQLSTATE there was no answer at all: PostgreSQL can't be reached.
    if is_busy(error) or getattr(error.orig, "sqlstate", "-") is None:
        return domain_error(Busy(retry_after=1))
    return unexpected(error)


def unexpected(error: Exception) -> Response:
    log.exception("unexpected_error", kind=type(error).__name__)
    return answer("server_error", 500)


def answer(code: str, status: int, facts: dict[str, Any] | None = None) -> Response:
    """The answer for an error, in the form that the asker reads."""
    facts = facts or {}
    text = sentence(code, facts)
    if is_api(request.path):
        response = _problem(code, status, facts)
    else:
        name = "counter/problems/show.html" if is_counter(request.path) else "errors/problem.html"
        name = fragment_of(name) if is_fragment() else name
        again = came_from() if code == "csrf" else None
        context = {"status": status, "text": text, "request_id": g.get("request_id", "-"), "again": again}
        response = make_response(render_template(name, home=_home(), **context), status)
        response.vary.update(["HX-Request", "HX-Request-Type"])
        if is_counter(request.path):
            # The till shows one thing at a time: an error takes the stage, wherever the answer was meant to go.
            response.headers["HX-Retarget"] = "#stage"
            response.headers["HX-Reswap"] = "innerHTML"
    if (seconds := _wait(facts)) is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def _problem(code: str, status: int, facts: dict[str, Any]) -> Response:
    known = {"type": "about:blank", "title": key_sentence(code, facts), "status": status, "code": code}
    response = jsonify(known | _plain(facts))
    response.content_type = "application/problem+json"
    response.content_language = choose()
    response.status_code = status
    if status == 401:
        # A token that was sent and isn't one of ours is told apart from none (RFC 6750).
        sent = ', error="invalid_token"' if "Authorization" in request.headers else ""
        response.headers["WWW-Authenticate"] = f'Bearer realm="api"{sent}'
    return response


def _home() -> str:
    """Where the way out of an error leads."""
    return next((door for door in ("/counter/", "/vendor/", "/admin/") if request.path.startswith(door)), "/")


def _window() -> int:
    """Seconds until the rate limit that was hit opens again."""
    limit = limiter.current_limit
    # Flask-Limiter counts by the machine's clock.
    return max(1, round(limit.reset_at - SystemClock().now().timestamp())) if limit else 60


def _wait(facts: dict[str, Any]) -> int | None:
    at = facts.get("retry_at")
    if isinstance(at, datetime):
        return max(1, round((at - services.clock.now()).total_seconds()))
    return facts.get("retry_after")


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    def text(value: Any) -> Any:
        if isinstance(value, datetime):
            # Up to the next full second: who comes back at the moment that was named isn't too early.
            return (value.astimezone(UTC) + timedelta(microseconds=999_999)).strftime("%Y-%m-%dT%H:%M:%SZ")
        if isinstance(value, list):
            return [
                {"field": item["field"], "message": field_sentence(item["type"], item.get("ctx"))} for item in value
            ]
        return value

    return {name: text(value) for name, value in facts.items() if value is not None}
