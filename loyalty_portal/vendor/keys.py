"""The shop's API keys: made and shown once, listed with their last use, ended."""

from __future__ import annotations

from flask import Blueprint, Response, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from loyalty_portal.database import transaction
from loyalty_portal.errors import Invalid
from loyalty_portal.schemas.keys import VENDOR_SCOPES
from loyalty_portal.vendor.shop import own_vendor
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.keys import KeyForm, key_form, scope_words
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("keys", __name__, url_prefix="/keys")


@blueprint.get("")
@requires(Permission.KEYS_EDIT)
def index() -> Response:
    """All keys, those that work first, and the form for another."""
    return _list(key_form(VENDOR_SCOPES, is_empty=True), 200)


@blueprint.post("")
@requires(Permission.KEYS_EDIT)
def create() -> Response:
    """A new key, shown on this answer and never again."""
    form = key_form(VENDOR_SCOPES)
    if not form.validate_on_submit():
        return _list(form, 422)
    try:
        with transaction():
            made = services.api_key_service.create(own_vendor().id, form.command)
    except Invalid as error:
        form.add_error(error)
        return _list(form, error.status)
    return render.page("vendor/keys/made.html", 201, made=made)


@blueprint.post("/<int:key_id>/revoke")
@requires(Permission.KEYS_EDIT)
def revoke(key_id: int) -> BaseResponse:
    """Ends a key at once, wherever it is used."""
    with transaction():
        key = services.api_key_service.revoke(own_vendor().id, key_id)
    flash(_("%(name)s is ended. Nothing can use it any more.", name=key.name), "success")
    return render.see_other(url_for("vendor.keys.index"))


def _list(form: KeyForm, status: int) -> Response:
    keys = services.api_key_service.keys(own_vendor().id)
    return render.page(
        "vendor/keys/index.html", status, form=form, keys=keys, words=scope_words, now=services.clock.now()
    )
