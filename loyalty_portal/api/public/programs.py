"""What a stranger may know of a program."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.api import shapes
from loyalty_portal.errors import NotFound
from loyalty_portal.schemas.api.programs import PublicProgram
from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.schemas.vendors import VendorView
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import public
from loyalty_portal.web.locale import vendor_locale
from loyalty_portal.web.openapi import PUBLIC, documented

blueprint = Blueprint("programs", __name__, url_prefix="/programs")
LONGEST_SLUG = 100


@blueprint.get("/<vendor_slug>")
@public
@documented(PUBLIC, {200: PublicProgram}, problems=["not_found"])
def show(vendor_slug: str) -> PublicProgram:
    """A vendor's program, while it is switched on."""
    vendor, program = offer(vendor_slug)
    return shapes.public_program(program, vendor)


def offer(vendor_slug: str) -> tuple[VendorView, ProgramView]:
    """The vendor and the program that one can join now. Raises `NotFound`."""
    vendor = services.vendor_service.by_slug(vendor_slug[:LONGEST_SLUG])
    vendor_locale(vendor.locale)
    program = services.program_service.live(vendor.id)
    if program is None or not program.is_active:
        raise NotFound
    return vendor, program
