"""A reward of the catalogue for points."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from werkzeug.wrappers import Response as BaseResponse

from loyalty_portal.counter import desk
from loyalty_portal.counter.codes import unknown
from loyalty_portal.counter.entries import receipt_page
from loyalty_portal.counter.points import refused
from loyalty_portal.counter.rewards import who_gives
from loyalty_portal.errors import CardNotFound, NotFound, PinLocked, PinRejected, PinRequired
from loyalty_portal.schemas.counter import RedeemPoints, Refusal
from loyalty_portal.schemas.programs import RewardView
from loyalty_portal.services.codes import read_code
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("catalogue", __name__)


@blueprint.get("/cards/<code>/catalogue/<reward_id>")
@requires(Permission.COUNTER)
def show(code: str, reward_id: str) -> Response:
    """The reward, what it takes, and the PIN that gives it."""
    here = desk.till()
    reward = _reward(reward_id)
    try:
        card = services.card_service.by_code(here.vendor.id, here.vendor.time_zone, code)
    except CardNotFound:
        return unknown()
    return render.page(
        "counter/catalogue/show.html",
        card=card,
        reward=reward,
        key=desk.new_key(),
        asks_pin=desk.program_of_points().require_staff_pin,
    )


@blueprint.post("/cards/<code>/catalogue/<reward_id>")
@requires(Permission.COUNTER)
def redeem(code: str, reward_id: str) -> Response | BaseResponse:
    """Takes the points and gives the reward. Who just gave points to the card may hand it out without a second PIN."""
    plain = read_code(code)
    if plain is None:
        return unknown()
    command = RedeemPoints.model_validate({"reward_id": _reward(reward_id).id})
    try:
        answer, replayed = desk.perform(
            "counter.catalogue.redeem",
            {"code": plain, "reward": command.reward_id},
            lambda: who_gives(plain),
            lambda origin, key: services.points_service.redeem(origin, plain, command, key),
        )
    except CardNotFound:
        return unknown()
    except (PinRequired, PinRejected) as error:
        return desk.rejected(error, url_for("counter.catalogue.show", code=plain, reward_id=command.reward_id))
    except PinLocked as error:
        return desk.locked(error)
    if isinstance(answer, Refusal):
        return refused(answer, replayed)
    if not render.is_fragment():
        return render.see_other(url_for("counter.entries.show", entry_id=answer.transaction.id))
    return desk.mark(receipt_page(answer, 201), replayed)


def _reward(reward_id: str) -> RewardView:
    """A reward that the program has, on offer or not: whether it may be given is the service's word."""
    found = next((reward for reward in desk.program_of_points().points_rewards if reward.id == reward_id), None)
    if found is None:
        raise NotFound
    return found
