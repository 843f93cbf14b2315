"""The first page, and where a sign-in leads."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from loyalty_portal.schemas.programs import ProgramCreate
from loyalty_portal.web import render
from loyalty_portal.web.current import actor
from loyalty_portal.web.guards import public
from loyalty_portal.web.permissions import ActorKind

blueprint = Blueprint("landing", __name__)


@blueprint.get("/")
@public
def show() -> Response:
    """What this is, and the way in."""
    return render.page("public/landing/show.html", sample=_sample())


@blueprint.get("/welcome")
@public
def welcome() -> BaseResponse:
    """Sends a signed-in person to where they belong."""
    if actor.kind is ActorKind.ADMIN:
        return render.see_other(url_for("admin.vendors.index"))
    if actor.vendor is not None:
        return render.see_other(url_for("vendor.dashboard.show"))
    return render.see_other(url_for("public.landing.show") if actor.is_signed_in else url_for("security.login"))


def _sample() -> dict[str, Any]:
    """The card that the first page draws, in the colours that a card has when nobody chose others."""
    program = ProgramCreate(
        card_name=_("Your café"),
        card_tagline=_("Coffee club"),
        stamps_target=10,
        stamps_reward_description=_("Free coffee"),
    )
    card = {
        "stamps_shown": 7,
        "stamps_target": program.stamps_target,
        "rewards_ready": 0,
        "reward_description": program.stamps_reward_description,
        "code": "K7Q2M9XW",
    }
    return {"program": program.model_dump() | {"logo_id": None}, "card": card}
