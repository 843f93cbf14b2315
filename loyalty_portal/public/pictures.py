"""Logos and hero pictures."""

from __future__ import annotations

from flask import Blueprint, Response, request

from loyalty_portal.web.current import services
from loyalty_portal.web.guards import public

blueprint = Blueprint("pictures", __name__)


@blueprint.get("/pictures/<int:picture_id>")
@public
def show(picture_id: int) -> Response:
    """A picture that we encoded ourselves. A new upload has a new number, so it is kept for ever."""
    picture = services.picture_service.get(picture_id)
    response = Response(picture.data, mimetype=picture.content_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # Mails and wallets show them too.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(picture.sha256)
    response.make_conditional(request)
    return response
