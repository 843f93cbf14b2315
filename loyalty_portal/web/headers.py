"""Headers of every answer. All script and style are files of our own, so the policy is a constant."""

from __future__ import annotations

import uuid

import structlog
from flask import Flask, Response, g, request, session

from loyalty_portal.web.current import settings

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "media-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {value}" for name, value in _POLICY.items())
_NO_DEVICES = "microphone=(), geolocation=(), payment=(), usb=()"
TILL_HEADERS = {
    # The reader of codes is WebAssembly where the browser has none of its own.
    "Content-Security-Policy": CONTENT_SECURITY_POLICY.replace(
        "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"
    ),
    "Permissions-Policy": f"camera=(self), {_NO_DEVICES}",
}
"""Only the till's pages may use the camera."""
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # no-referrer would break the CSRF check over HTTPS, anything wider would leak a card's address.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": f"camera=(), {_NO_DEVICES}",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def register(app: Flask) -> None:
    """Numbers each request and puts the headers on each answer."""

    @app.before_request
    def number() -> None:
        g.request_id = uuid.uuid4().hex[:16]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def protect(response: Response) -> Response:
        is_till = request.path.startswith("/counter/")
        for name, value in ((HEADERS | TILL_HEADERS) if is_till else HEADERS).items():
            response.headers.setdefault(name, value)
        if settings.is_production:
            response.headers.setdefault("Strict-Transport-Security", "max-age=63072000")
        if response.cache_control.public:
            # A cache that others share must not keep somebody's session.
            session.modified = False
        elif request.endpoint != "static" or response.status_code >= 400:
            response.headers.setdefault("Cache-Control", "private, no-store")
            if request.endpoint not in {"public.landing.show", "public.join.show"}:
                response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        response.headers["X-Request-Id"] = g.get("request_id", "-")
        return response
