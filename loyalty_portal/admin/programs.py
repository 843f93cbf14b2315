"""The platform's programs: listed, looked at, switched off and on."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField

from loyalty_portal.database import transaction
from loyalty_portal.errors import Invalid
from loyalty_portal.schemas.switch import Switch
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.forms import SchemaForm
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("programs", __name__, url_prefix="/programs")
PAGE = 25
_STATES = {"on": True, "off": False}


class SwitchForm(SchemaForm):
    schema = Switch
    on = StringField()


@blueprint.get("")
@requires(Permission.PLATFORM_READ)
def index() -> Response:
    """A page of programs, newest first, archived ones too; perhaps only those that are on, or off."""
    state = request.args.get("state", "")
    state = state if state in _STATES else ""
    skip = request.args.get("skip", 0, type=int)
    rows, total = services.vendor_service.program_summaries(is_active=_STATES.get(state), skip=skip, limit=PAGE)
    return render.page("admin/programs/index.html", rows=rows, total=total, skip=skip, limit=PAGE, state=state)


@blueprint.get("/<int:program_id>")
@requires(Permission.PLATFORM_READ)
def show(program_id: int) -> Response:
    """One program: its card, its rules, its switch."""
    program = services.program_service.get(program_id)
    vendor = services.vendor_service.get(program.vendor_id)
    return render.page("admin/programs/show.html", program=program, vendor=vendor)


@blueprint.post("/<int:program_id>/switch")
@requires(Permission.PLATFORM_EDIT)
def switch(program_id: int) -> BaseResponse:
    """Switches a live program off or on; an archived one is over."""
    form = SwitchForm()
    if not form.validate_on_submit():
        raise Invalid(errors=[{"field": "on", "type": "bool_type", "ctx": {}}])
    on = form.command.on
    with transaction():
        services.program_service.switch(program_id, on=on)
    flash(_("The program is on.") if on else _("The program is off. Stamps and cards are kept."), "success")
    return render.see_other(url_for("admin.programs.show", program_id=program_id))
