"""For those who watch over the portal: alive, and ready."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from loyalty_portal.web import readiness
from loyalty_portal.web.guards import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Database, migrations, guards and queue are as they should be; 503 with what is not."""
    problems = readiness.problems()
    return jsonify(status="waiting" if problems else "ready", problems=problems), 503 if problems else 200
