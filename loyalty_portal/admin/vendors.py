"""The platform's vendors: listed with their counts, looked at, made with their owner."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField

from loyalty_portal.database import transaction
from loyalty_portal.enums import LANGUAGES
from loyalty_portal.errors import EmailTaken, NotFound, SlugTaken
from loyalty_portal.schemas.text import Email
from loyalty_portal.schemas.vendors import CURRENCIES, UserView, VendorCreate, VendorView, time_zones
from loyalty_portal.web import mails, render
from loyalty_portal.web.accounts import set_password_link
from loyalty_portal.web.current import enqueue, services
from loyalty_portal.web.forms import SchemaForm
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("vendors", __name__, url_prefix="/vendors")
PAGE = 25


class VendorWithOwner(VendorCreate):
    """Who makes a vendor here invites its owner too."""

    owner_email: Email


class VendorForm(SchemaForm):
    schema = VendorWithOwner
    optional = True
    name = StringField(_l("Name of the shop"))
    slug = StringField(_l("Address of its pages"))
    time_zone = SelectField(_l("Time zone"), choices=[(zone, zone.replace("_", " ")) for zone in time_zones()])
    locale = SelectField(_l("Language"), choices=list(LANGUAGES.items()))
    currency = SelectField(_l("Currency"), choices=[(code, code) for code in CURRENCIES])
    owner_name = StringField(_l("Owner's name"))
    owner_email = StringField(_l("Owner's e-mail"))


@blueprint.get("")
@requires(Permission.PLATFORM_READ)
def index() -> Response:
    """A page of vendors, newest first: counts only."""
    skip = request.args.get("skip", 0, type=int)
    rows, total = services.vendor_service.summaries(skip=skip, limit=PAGE)
    return render.page("admin/vendors/index.html", rows=rows, total=total, skip=skip, limit=PAGE)


@blueprint.get("/new")
@requires(Permission.PLATFORM_EDIT)
def new() -> Response:
    form = VendorForm(formdata=None, data={"time_zone": "Europe/Luxembourg", "locale": "en", "currency": "EUR"})
    return render.page("admin/vendors/new.html", form=form)


@blueprint.post("")
@requires(Permission.PLATFORM_EDIT)
def create() -> Response:
    """Makes the vendor and its owner. The owner's link is shown this once, and mailed."""
    form = VendorForm()
    if not form.validate_on_submit():
        return render.page("admin/vendors/new.html", 422, form=form)
    try:
        with transaction():
            vendor, owner = services.vendor_service.create(form.command)
    except (SlugTaken, EmailTaken) as error:
        form.add_error(error)
        return render.page("admin/vendors/new.html", error.status, form=form)
    if owner is None:
        raise NotFound
    return _invited(vendor, owner, 201)


@blueprint.get("/<int:vendor_id>")
@requires(Permission.PLATFORM_READ)
def show(vendor_id: int) -> Response:
    """One vendor: its settings, counts, program and owners."""
    vendor = services.vendor_service.get(vendor_id)
    return render.page(
        "admin/vendors/show.html",
        vendor=vendor,
        owners=services.vendor_service.owners(vendor_id),
        program=services.program_service.live(vendor_id),
        figures=services.statistics_service.overview(vendor_id, vendor.time_zone),
    )


@blueprint.post("/<int:vendor_id>/owners/<int:user_id>/invitation")
@requires(Permission.PLATFORM_EDIT)
def invite(vendor_id: int, user_id: int) -> Response:
    """A fresh link for an owner who lost the first one, or let it grow too old."""
    vendor = services.vendor_service.get(vendor_id)
    owner = next((user for user in services.vendor_service.owners(vendor_id) if user.id == user_id), None)
    if owner is None:
        raise NotFound
    return _invited(vendor, owner, 200)


def _invited(vendor: VendorView, owner: UserView, status: int) -> Response:
    link = set_password_link(owner.id)
    subject, body = mails.set_password(owner.name, link, vendor.locale)
    enqueue("send_mail", owner.email, subject, body)
    return render.page("admin/vendors/made.html", status, vendor=vendor, owner=owner, link=link)
