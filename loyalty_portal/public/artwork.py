"""Pictures that wallets fetch from us: a card's stamps, a program's logo."""

from __future__ import annotations

from flask import Blueprint, Response

from loyalty_portal.web.current import services
from loyalty_portal.web.guards import public

blueprint = Blueprint("artwork", __name__)


@blueprint.get("/artwork/<name>.<signature>.png")
@public
def show(name: str, signature: str) -> Response:
    """A picture of exactly the size that its wallet asks for. It never changes, so it is kept for ever."""
    response = Response(services.artwork_service.picture(name[:100], signature[:100]), mimetype="image/png")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
