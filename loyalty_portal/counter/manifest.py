"""What makes the till an app on the tablet's home screen: its name, its icons, the whole screen."""

from __future__ import annotations

import json

from flask import Blueprint, Response, url_for

from loyalty_portal.counter import desk
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("manifest", __name__)
PAPER = "#faf6ef"


@blueprint.get("/manifest")
@requires(Permission.COUNTER)
def show() -> Response:
    """This till's manifest. It may be turned either way: no orientation is forced."""
    here = desk.till()
    icons = [
        {"src": url_for("static", filename="icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        *(
            {"src": url_for("static", filename=f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
            for size in (192, 512)
        ),
        {
            "src": url_for("static", filename="icon-maskable-512.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
    ]
    start = url_for("counter.idle.show")
    told = {
        "id": start,
        "name": f"{here.vendor.name} · {here.name}",
        "short_name": here.name,
        "lang": here.vendor.locale,
        "start_url": start,
        "scope": start,
        "display": "fullscreen",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": icons,
    }
    return Response(json.dumps(told), mimetype="application/manifest+json")
