"""The platform's door: every shop and every program, in counts. No customer's name is shown here."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.admin import home, programs, vendors

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
for module in (home, programs, vendors):
    blueprint.register_blueprint(module.blueprint)
