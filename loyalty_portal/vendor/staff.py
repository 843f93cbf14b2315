"""The people at the counter and their PINs. A PIN is shown once, on the answer that made it."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse
from wtforms import RadioField, StringField

from loyalty_portal.database import end_read, transaction
from loyalty_portal.enums import StaffRole
from loyalty_portal.errors import PinRefused
from loyalty_portal.schemas.staff import StaffCreate, StaffUpdate, StaffView
from loyalty_portal.schemas.vendors import PinLengthChange
from loyalty_portal.services.pin_service import HashedPin
from loyalty_portal.vendor.shop import own_vendor, wanted_on
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.forms import SchemaForm
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("staff", __name__, url_prefix="/staff")


class StaffForm(SchemaForm):
    schema = StaffCreate
    name = StringField(_l("Name"))
    role = StringField(_l("Role"))
    pin = StringField(_l("Own PIN"))


class LengthForm(SchemaForm):
    schema = PinLengthChange
    pin_length = RadioField(_l("Digits of a PIN"), choices=[("4", "4"), ("6", "6")])


@blueprint.get("")
@requires(Permission.STAFF_EDIT)
def index() -> Response:
    """Everyone who has or had a PIN."""
    return _list(LengthForm(formdata=None, data={"pin_length": str(own_vendor().pin_length)}), 200)


@blueprint.post("/length")
@requires(Permission.STAFF_EDIT)
def length() -> Response | BaseResponse:
    """PINs of another length. The present ones could not be typed any more, so everyone gets a new one, shown once."""
    vendor = own_vendor()
    form = LengthForm()
    if not form.validate_on_submit():
        return _list(form, 422)
    digits = form.command.pin_length
    if digits == vendor.pin_length:
        flash(_("PINs have %(length)s digits already.", length=digits), "success")
        return render.see_other(url_for("vendor.staff.index"))
    people = services.pin_service.staff(vendor.id)
    pins = services.pin_service.hash_several(vendor.id, digits, len(people))
    end_read()
    with transaction():
        services.vendor_service.set_pin_length(vendor.id, digits)
        for person, pin in zip(people, pins, strict=True):
            services.pin_service.update(vendor.id, person.id, StaffUpdate(), pin)
    shown = [(person.name, pin.plain) for person, pin in zip(people, pins, strict=True) if person.is_active]
    return render.page("vendor/staff/length.html", digits=digits, shown=shown)


@blueprint.get("/new")
@requires(Permission.STAFF_EDIT)
def new() -> Response:
    return _form_page("new", StaffForm(formdata=None, data={"role": StaffRole.STAFF.value}), 200)


@blueprint.post("")
@requires(Permission.STAFF_EDIT)
def create() -> Response | BaseResponse:
    """Adds a person. A PIN that is made here is shown on the answer and never again."""
    vendor = own_vendor()
    form = StaffForm()
    if not form.validate_on_submit():
        return _form_page("new", form, 422)
    try:
        hashed = _hashed(form.command.pin)
        with transaction():
            person = services.pin_service.add(vendor.id, form.command, hashed)
    except PinRefused as error:
        form.add_error(error)
        return _form_page("new", form, error.status)
    return _done(person, hashed, is_made=form.command.pin is None)


@blueprint.get("/<int:staff_id>")
@requires(Permission.STAFF_EDIT)
def edit(staff_id: int) -> Response:
    person = services.pin_service.get(own_vendor().id, staff_id)
    return _form_page("edit", StaffForm(formdata=None, data=_values(person)), 200, person)


@blueprint.post("/<int:staff_id>")
@requires(Permission.STAFF_EDIT)
def update(staff_id: int) -> Response | BaseResponse:
    """Changes name and role."""
    person = services.pin_service.get(own_vendor().id, staff_id)
    form = StaffForm()
    if not form.validate_on_submit():
        return _form_page("edit", form, 422, person)
    command = StaffUpdate(name=form.command.name, role=form.command.role)
    with transaction():
        services.pin_service.update(person.vendor_id, person.id, command)
    flash(_("Saved."), "success")
    return render.see_other(url_for("vendor.staff.index"))


@blueprint.post("/<int:staff_id>/pin")
@requires(Permission.STAFF_EDIT)
def reset(staff_id: int) -> Response | BaseResponse:
    """A new PIN; the old one ends at once."""
    person = services.pin_service.get(own_vendor().id, staff_id)
    form = StaffForm(data=_values(person))
    if not form.validate_on_submit():
        return _form_page("edit", form, 422, person)
    try:
        hashed = _hashed(form.command.pin)
        with transaction():
            person = services.pin_service.update(person.vendor_id, person.id, StaffUpdate(), hashed)
    except PinRefused as error:
        form.add_error(error)
        return _form_page("edit", form, error.status, person)
    return _done(person, hashed, is_made=form.command.pin is None)


@blueprint.post("/<int:staff_id>/switch")
@requires(Permission.STAFF_EDIT)
def switch(staff_id: int) -> BaseResponse:
    """Who left keeps their place in the history; their PIN opens nothing any more."""
    on = wanted_on()
    with transaction():
        person = services.pin_service.update(own_vendor().id, staff_id, StaffUpdate(is_active=on))
    words = _("%(name)s can use the till again.") if on else _("%(name)s can't use the till any more.")
    flash(words % {"name": person.name}, "success")
    return render.see_other(url_for("vendor.staff.index"))


def _list(form: LengthForm, status: int) -> Response:
    people = services.pin_service.staff(own_vendor().id)
    return render.page("vendor/staff/index.html", status, people=people, form=form)


def _hashed(pin: str | None) -> HashedPin:
    """A PIN to store, with no transaction open while bcrypt works. Raises `PinRefused`."""
    vendor = own_vendor()
    hashed = services.pin_service.hash_new(vendor.id, vendor.pin_length, pin)
    end_read()
    return hashed


def _values(person: StaffView) -> dict[str, str]:
    return {"name": person.name, "role": person.role.value}


def _done(person: StaffView, hashed: HashedPin, *, is_made: bool) -> Response | BaseResponse:
    if is_made:
        return render.page("vendor/staff/made.html", person=person, pin=hashed.plain)
    flash(_("Saved. The PIN works from now on."), "success")
    return render.see_other(url_for("vendor.staff.index"))


def _form_page(name: str, form: StaffForm, status: int, person: StaffView | None = None) -> Response:
    roles = [(StaffRole.STAFF.value, _("Staff")), (StaffRole.MANAGER.value, _("Manager"))]
    is_reset = request.endpoint == "vendor.staff.reset"
    length = own_vendor().pin_length
    return render.page(
        f"vendor/staff/{name}.html", status, form=form, person=person, roles=roles, length=length, is_reset=is_reset
    )
