"""The API's reference, for whoever connects a cash register: made from the document that the API serves."""

from __future__ import annotations

from flask import Blueprint, Response

from loyalty_portal.web import reference, render
from loyalty_portal.web.guards import public
from loyalty_portal.web.openapi import document

blueprint = Blueprint("developers", __name__)


@blueprint.get("/developers")
@public
def show() -> Response:
    """Every route with its fields, answers and problems, and every shape."""
    described = document()
    return render.page(
        "public/developers/show.html",
        info=described["info"],
        groups=reference.groups(described),
        shapes=reference.shapes(described),
    )
