"""The API's own description."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from loyalty_portal.web.guards import public
from loyalty_portal.web.openapi import document

blueprint = Blueprint("document", __name__)


@blueprint.get("/openapi.json")
@public
def show() -> Response:
    """The OpenAPI 3.1 document, as it is committed in docs/openapi.json."""
    return jsonify(document())
