"""Making this browser a till."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField

from loyalty_portal.database import transaction
from loyalty_portal.errors import PairingRefused
from loyalty_portal.schemas.tills import PairingCommand
from loyalty_portal.web import render
from loyalty_portal.web.current import actor, services
from loyalty_portal.web.extensions import limiter
from loyalty_portal.web.forms import SchemaForm
from loyalty_portal.web.guards import public
from loyalty_portal.web.permissions import ActorKind
from loyalty_portal.web.till_cookie import make_till

blueprint = Blueprint("pairing", __name__)


class PairingForm(SchemaForm):
    schema = PairingCommand
    code = StringField(_l("Code"))


@blueprint.get("/pair")
@blueprint.get("/pair/<code>")
@public
def show(code: str = "") -> Response:
    """Asks for the code. A link brings it along, but only the button pairs: links are opened by scanners too."""
    form = PairingForm(formdata=None, code=code[:40])
    status = 200 if code or actor.kind is ActorKind.TILL else 401
    return _page(form, status)


@blueprint.post("/pair")
@public
@limiter.limit("10 per minute; 60 per hour")
def pair() -> Response | BaseResponse:
    """Gives this browser a cookie of its own, always a new one."""
    form = PairingForm()
    if not form.validate_on_submit():
        return _page(form, 422)
    try:
        with transaction():
            token = services.device_service.pair(form.command.code)
    except PairingRefused as error:
        form.add_error(error)
        return _page(form, error.status)
    response = render.see_other(url_for("counter.idle.show"))
    make_till(response, token)
    return response


def _page(form: PairingForm, status: int) -> Response:
    known = None
    typed = form.code.data or request.view_args.get("code", "") if request.view_args else form.code.data or ""
    if typed:
        try:
            known = services.device_service.pairing(typed)
        except PairingRefused as error:
            if request.method == "GET":
                form.add_error(error)
                status = error.status
    return render.page("counter/pairing/show.html", status, form=form, known=known)
