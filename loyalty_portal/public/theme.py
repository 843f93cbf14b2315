"""A vendor's colours as a style sheet, since the policy allows no inline style."""

from __future__ import annotations

from flask import Blueprint, Response

from loyalty_portal.drawing.theme import theme_css, theme_hash
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import public

blueprint = Blueprint("theme", __name__)


@blueprint.get("/p/<int:program_id>/theme.<version>.css")
@public
def css(program_id: int, version: str) -> Response:
    """The program's colours. Kept for ever under its own hash, for a minute under another."""
    program = services.program_service.get(program_id)
    colours = (program.card_color, program.card_secondary_color)
    response = Response(theme_css(*colours), mimetype="text/css")
    fits = version == theme_hash(*colours)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fits else "public, max-age=60"
    return response
