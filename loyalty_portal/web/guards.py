"""Every route names who may use it. One that doesn't stops the start."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue

from loyalty_portal.errors import Forbidden, Unauthenticated
from loyalty_portal.web.actors import is_api, is_counter
from loyalty_portal.web.current import actor
from loyalty_portal.web.permissions import ActorKind, Permission
from loyalty_portal.web.render import is_fragment

View = TypeVar("View", bound=Callable[..., Any])
MARK = "portal_permission"

LIBRARY_ENDPOINTS = frozenset(
    {
        "static",
        "security.static",
        "security.login",
        "security.logout",
        "security.forgot_password",
        "security.reset_password",
        "security.change_password",
        "security.verify",
    }
)
"""Routes that libraries bring and that guard themselves."""


def requires(permission: Permission) -> Callable[[View], View]:
    """Lets only actors with the permission in. People sign in first; a browser that isn't a till is told how."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs) if actor.may(permission) else _turn_away()

        setattr(guarded, MARK, permission)
        return guarded  # type: ignore[return-value]

    return mark


def public(view: View) -> View:
    """Anyone may use this route."""
    setattr(view, MARK, None)
    return view


def permission_of(view: Callable[..., Any]) -> Permission | None:
    """What the view asks for; None when anyone may use it or a library guards it."""
    found: Permission | None = getattr(view, MARK, None)
    return found


def check_every_route(app: Flask) -> None:
    """Raises `RuntimeError` when a route names no permission."""
    unmarked = sorted(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in LIBRARY_ENDPOINTS and not hasattr(app.view_functions[rule.endpoint], MARK)
    )
    if unmarked:
        raise RuntimeError(f"routes without a permission: {', '.join(unmarked)}")


def _turn_away() -> ResponseReturnValue:
    if is_api(request.path):
        raise Unauthenticated if actor.kind is ActorKind.ANONYMOUS else Forbidden
    if is_counter(request.path):
        return _elsewhere(url_for("counter.pairing.show"))
    if not actor.is_signed_in:
        here = request.full_path.rstrip("?") if request.method == "GET" else None
        return _elsewhere(url_for("security.login", next=here))
    raise Forbidden


def _elsewhere(address: str) -> ResponseReturnValue:
    """Sends the browser away; htmx follows a header where it would not follow a redirect usefully."""
    if is_fragment():
        return "", 401, {"HX-Redirect": address}
    return redirect(address, 303)
