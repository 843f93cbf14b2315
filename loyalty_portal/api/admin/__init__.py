"""The platform's part of the API: `/api/v1/admin/loyalty`, with an admin's key."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.api.admin import programs, stats, vendors

blueprint = Blueprint("admin", __name__, url_prefix="/admin/loyalty")
for module in (programs, stats, vendors):
    blueprint.register_blueprint(module.blueprint)
