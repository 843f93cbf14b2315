"""One's own account."""

from __future__ import annotations

from flask import Blueprint, Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField

from loyalty_portal.database import transaction
from loyalty_portal.enums import LANGUAGES
from loyalty_portal.schemas.vendors import AccountUpdate
from loyalty_portal.web import render
from loyalty_portal.web.current import actor, services, settings
from loyalty_portal.web.forms import SchemaForm
from loyalty_portal.web.guards import requires
from loyalty_portal.web.locale import COOKIE, COOKIE_LASTS, choose
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("account", __name__, url_prefix="/account")


class AccountForm(SchemaForm):
    schema = AccountUpdate
    locale = StringField(_l("Language"))


@blueprint.get("")
@requires(Permission.VENDOR_READ)
def show() -> Response:
    return _page(AccountForm(formdata=None, data={"locale": choose()}), 200)


@blueprint.post("")
@requires(Permission.VENDOR_READ)
def update() -> Response | BaseResponse:
    """The language of one's pages on every device, and of mails."""
    form = AccountForm()
    if not form.validate_on_submit() or actor.user_id is None:
        return _page(form, 422)
    locale = form.command.locale
    with transaction():
        services.vendor_service.set_locale(actor.user_id, locale)
    flash(_("Saved."), "success")
    response = render.see_other(url_for("vendor.account.show"))
    # This browser may have chosen another one before, and its choice goes first.
    response.set_cookie(
        COOKIE, locale, max_age=COOKIE_LASTS, secure=settings.is_production, httponly=True, samesite="Lax"
    )
    return response


def _page(form: AccountForm, status: int) -> Response:
    return render.page("vendor/account/show.html", status, form=form, choices=list(LANGUAGES.items()))
