"""The platform's vendors."""

from __future__ import annotations

from flask import Blueprint

from loyalty_portal.api import shapes
from loyalty_portal.database import transaction
from loyalty_portal.schemas.api.base import Paging
from loyalty_portal.schemas.api.vendors import Vendor, VendorBody, VendorPage, VendorWithCounts
from loyalty_portal.schemas.vendors import UserView, VendorView
from loyalty_portal.web import mails
from loyalty_portal.web.accounts import set_password_link
from loyalty_portal.web.current import enqueue, services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.openapi import ADMIN, documented
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("vendors", __name__, url_prefix="/vendors")


@blueprint.get("")
@requires(Permission.PLATFORM_READ)
@documented(ADMIN, {200: VendorPage}, query=Paging)
def index(asked: Paging) -> VendorPage:
    """The vendors with their counts, the newest first."""
    rows, total = services.vendor_service.summaries(skip=asked.skip, limit=asked.limit)
    items = [VendorWithCounts.model_validate(row.model_dump(exclude={"program_active"})) for row in rows]
    return VendorPage(items=items, total=total, skip=asked.skip, limit=asked.limit)


@blueprint.post("")
@requires(Permission.PLATFORM_EDIT)
@documented(ADMIN, {201: Vendor}, body=VendorBody, problems=["slug_taken", "email_taken"])
def create(body: VendorBody) -> tuple[Vendor, int]:
    """Makes a vendor. An owner who is named gets a mail with the link at which they choose their password."""
    with transaction():
        vendor, owner = services.vendor_service.create(body)
    if owner is not None:
        _invite(vendor, owner)
    return shapes.vendor(vendor), 201


def _invite(vendor: VendorView, owner: UserView) -> None:
    subject, body = mails.set_password(owner.name, set_password_link(owner.id), vendor.locale)
    enqueue("send_mail", owner.email, subject, body)
