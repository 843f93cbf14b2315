"""Who asks: one actor a request, found by the credential of the door that is knocked at."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Request
from flask_security import current_user

from loyalty_portal.database import end_read
from loyalty_portal.enums import MemberRole
from loyalty_portal.schemas.keys import KeyView
from loyalty_portal.schemas.tills import TillView
from loyalty_portal.schemas.vendors import VendorView
from loyalty_portal.web.current import services
from loyalty_portal.web.permissions import GRANTS, ActorKind, Permission, narrowed

TILL_COOKIE = "till"
# Schemes are named in any case; what follows is what our keys are made of.
_BEARER = re.compile(r"bearer +([A-Za-z0-9_-]{20,100})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Actor:
    """Plain data: nothing here reads the database later."""

    kind: ActorKind
    user_id: int | None = None
    user_name: str | None = None
    user_email: str | None = None
    locale: str | None = None
    vendor: VendorView | None = None
    till: TillView | None = None
    key: KeyView | None = None

    def may(self, permission: Permission) -> bool:
        allowed = permission in GRANTS[self.kind]
        return allowed and (self.key is None or permission in narrowed(self.key.scopes))

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None


ANONYMOUS = Actor(ActorKind.ANONYMOUS)


def identify(request: Request) -> Actor:
    """The actor of this request, read in a short read that is ended here.

    The till's door knows tills only, the API keys only, the other doors people only: one credential never speaks
    for another.
    """
    if request.path.startswith("/static/"):
        return ANONYMOUS
    find = _key if is_api(request.path) else _till if is_counter(request.path) else _person
    found = find(request)
    end_read()
    return found


def is_counter(path: str) -> bool:
    return path == "/counter" or path.startswith("/counter/")


def is_api(path: str) -> bool:
    return path == "/api" or path.startswith("/api/")


def _key(request: Request) -> Actor:
    sent = _BEARER.fullmatch(request.headers.get("Authorization", "").strip())
    key = services.api_key_service.by_token(sent[1]) if sent else None
    if key is None:
        return ANONYMOUS
    return Actor(ActorKind.API_KEY if key.vendor else ActorKind.ADMIN_KEY, vendor=key.vendor, key=key)


def _till(request: Request) -> Actor:
    token = request.cookies.get(TILL_COOKIE, "")
    till = services.device_service.till_by_token(token) if 20 <= len(token) <= 100 else None
    if till is None:
        return ANONYMOUS
    return Actor(ActorKind.TILL, vendor=till.vendor, till=till)


def _person(request: Request) -> Actor:
    if not current_user.is_authenticated:
        return ANONYMOUS
    person = {
        "user_id": current_user.id,
        "user_name": current_user.name,
        "user_email": current_user.email,
        "locale": current_user.locale,
    }
    is_admin = current_user.is_admin
    if is_admin and not request.path.startswith("/vendor"):
        return Actor(ActorKind.ADMIN, **person)
    membership = services.vendor_service.membership(current_user.id)
    if membership is None:
        return Actor(ActorKind.ADMIN if is_admin else ActorKind.ANONYMOUS, **person)
    kind = ActorKind.OWNER if membership.role is MemberRole.OWNER else ActorKind.MANAGER
    return Actor(kind, vendor=membership.vendor, **person)
