"""Accounts: the link at which a person chooses their password."""

from __future__ import annotations

from flask import current_app
from flask_security.recoverable import generate_reset_password_token

from loyalty_portal.database import db
from loyalty_portal.models import User
from loyalty_portal.web.current import settings


def set_password_link(user_id: int) -> str:
    """An absolute link, good for a few days, until the password is chosen."""
    user = db.session.get(User, user_id)
    # Commands have no request to build an address from.
    addresses = current_app.url_map.bind("")
    token = generate_reset_password_token(user)  # type: ignore[no-untyped-call]
    path = addresses.build("security.reset_password", {"token": token})
    return f"{settings.BASE_URL}{path}"
