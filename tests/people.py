"""People who sign in: owners, managers, the platform's admin, each with a browser that looks at every page."""

from __future__ import annotations

from functools import lru_cache

from flask import Flask
from flask.testing import FlaskClient
from flask_security.utils import hash_password

from loyalty_portal.database import transaction
from loyalty_portal.enums import MemberRole
from loyalty_portal.services import Services
from loyalty_portal.web.current import EXTENSION
from tests.pages import PageClient
from tests.shops import ADMIN, OWNER, PASSWORD, Shop, add_admin, sign_in

MANAGER = "mia@example.com"


@lru_cache
def _hashed(password: str) -> str:
    """Hashed once for all tests: a password's hash is slow by design."""
    return str(hash_password(password))


def browser(app: Flask) -> FlaskClient:
    """A browser whose every page is checked."""
    return PageClient(app, app.response_class, use_cookies=True)


def give_password(app: Flask, email: str, password: str = PASSWORD) -> None:
    services: Services = app.extensions[EXTENSION].services
    with app.app_context():
        hashed = _hashed(password)
        with transaction():
            user = services.vendor_service.user_by_email(email)
            assert user is not None
            services.vendor_service.set_password_hash(user.id, hashed)


def signed_in(app: Flask, email: str) -> FlaskClient:
    found = browser(app)
    assert sign_in(found, email).status_code == 302
    return found


def owner_of(shop: Shop, email: str = OWNER) -> FlaskClient:
    """The shop's owner, signed in."""
    give_password(shop.app, email)
    return signed_in(shop.app, email)


def manager_of(shop: Shop) -> FlaskClient:
    """Somebody who may run the shop but not end its program, signed in."""

    def add(services: Services) -> None:
        user = services.vendor_service.add_user(MANAGER, "Mia")
        services.vendor_service.add_member(shop.vendor.id, user.id, MemberRole.MANAGER)

    shop.do(add)
    give_password(shop.app, MANAGER)
    return signed_in(shop.app, MANAGER)


def admin_of(app: Flask) -> FlaskClient:
    """The platform's admin, signed in."""
    add_admin(app)
    return signed_in(app, ADMIN)
