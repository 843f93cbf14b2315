"""The platform's door: every shop and every program, in counts. No customer's name is shown here."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.admin import home, keys, programs, vendors

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
for module in (home, keys, programs, vendors):
    blueprint.register_blueprint(module.blueprint)
