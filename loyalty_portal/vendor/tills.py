"""The shop's tills: made, paired, renamed, opened again after wrong PINs, revoked."""

from __future__ import annotations

from itertools import count

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField

from loyalty_portal.database import transaction
from loyalty_portal.errors import NotFound
from loyalty_portal.schemas.tills import PairingView, TillCreate, TillRow
from loyalty_portal.vendor.shop import own_vendor
from loyalty_portal.web import render
from loyalty_portal.web.actors import TILL_COOKIE
from loyalty_portal.web.current import services, settings
from loyalty_portal.web.forms import SchemaForm
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission
from loyalty_portal.web.till_cookie import make_till

blueprint = Blueprint("tills", __name__, url_prefix="/tills")


class TillForm(SchemaForm):
    schema = TillCreate
    name = StringField(_l("Name of the till"))


@blueprint.get("")
@requires(Permission.TILLS_EDIT)
def index() -> Response:
    """All tills with their state, and the form for another."""
    return _list(TillForm(formdata=None), 200)


@blueprint.post("")
@requires(Permission.TILLS_EDIT)
def create() -> Response:
    """A new till, with the code that pairs a browser with it."""
    form = TillForm()
    if not form.validate_on_submit():
        return _list(form, 422)
    with transaction():
        pairing = services.device_service.create(own_vendor().id, form.command)
    return _pairing_page(pairing)


@blueprint.post("/here")
@requires(Permission.TILLS_EDIT)
def here() -> BaseResponse:
    """Opens the till in this browser: the one it is already, else a new one."""
    vendor = own_vendor()
    token = request.cookies.get(TILL_COOKIE, "")
    till = services.device_service.till_by_token(token) if token else None
    if till is not None and till.vendor.id == vendor.id:
        return render.see_other(url_for("counter.idle.show"))
    names = {row.name for row in services.device_service.tills(vendor.id)}
    free = next(name for number in count(1) if (name := _("Till %(number)s", number=number)) not in names)
    with transaction():
        token = services.device_service.pair(services.device_service.create(vendor.id, TillCreate(name=free)).code)
    return _opened(token)


@blueprint.post("/<int:till_id>/here")
@requires(Permission.TILLS_EDIT)
def take(till_id: int) -> BaseResponse:
    """Makes this browser the till; one that was it before is not any more."""
    with transaction():
        made = services.device_service.new_pairing(own_vendor().id, till_id)
        token = services.device_service.pair(made.code)
    return _opened(token)


@blueprint.get("/<int:till_id>")
@requires(Permission.TILLS_EDIT)
def edit(till_id: int) -> Response:
    till = _standing(till_id)
    return _edit_page(till, TillForm(formdata=None, data={"name": till.name}), 200)


@blueprint.post("/<int:till_id>/pairing")
@requires(Permission.TILLS_EDIT)
def pairing(till_id: int) -> Response:
    """A fresh code, shown once; codes given before end."""
    with transaction():
        made = services.device_service.new_pairing(own_vendor().id, till_id)
    return _pairing_page(made)


@blueprint.post("/<int:till_id>/name")
@requires(Permission.TILLS_EDIT)
def rename(till_id: int) -> Response | BaseResponse:
    till = _standing(till_id)
    form = TillForm()
    if not form.validate_on_submit():
        return _edit_page(till, form, 422)
    with transaction():
        services.device_service.rename(own_vendor().id, till_id, form.command)
    flash(_("Saved."), "success")
    return render.see_other(url_for("vendor.tills.index"))


@blueprint.post("/<int:till_id>/unlock")
@requires(Permission.TILLS_EDIT)
def unlock(till_id: int) -> BaseResponse:
    """The owner's lift of a till that wrong PINs locked."""
    with transaction():
        services.device_service.unlock_tries(own_vendor().id, till_id)
    flash(_("The till takes PINs again."), "success")
    return render.see_other(url_for("vendor.tills.index"))


@blueprint.post("/<int:till_id>/revoke")
@requires(Permission.TILLS_EDIT)
def revoke(till_id: int) -> BaseResponse:
    """Ends a till at once, wherever its tablet is."""
    with transaction():
        services.device_service.revoke(own_vendor().id, till_id)
    flash(_("The till is closed for good. Its browser can't give stamps any more."), "success")
    return render.see_other(url_for("vendor.tills.index"))


def _opened(token: str) -> BaseResponse:
    response = render.see_other(url_for("counter.idle.show"))
    make_till(response, token)
    return response


def _standing(till_id: int) -> TillRow:
    """A till that wasn't revoked. Raises `NotFound`."""
    till = services.device_service.till(own_vendor().id, till_id)
    if till.is_revoked:
        raise NotFound
    return till


def _list(form: TillForm, status: int) -> Response:
    tills = services.device_service.tills(own_vendor().id)
    return render.page("vendor/tills/index.html", status, form=form, tills=tills, now=services.clock.now())


def _edit_page(till: TillRow, form: TillForm, status: int) -> Response:
    return render.page("vendor/tills/edit.html", status, till=till, form=form, now=services.clock.now())


def _pairing_page(pairing: PairingView) -> Response:
    link = settings.BASE_URL + url_for("counter.pairing.show", code=pairing.code)
    return render.page("vendor/tills/pairing.html", pairing=pairing, link=link)
