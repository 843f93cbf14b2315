"""What every page of this door asks for: whose shop it is, who acts, and what a switch says."""

from __future__ import annotations

from typing import cast

from wtforms import StringField

from loyalty_portal.enums import Source
from loyalty_portal.errors import Invalid
from loyalty_portal.schemas.counter import Origin
from loyalty_portal.schemas.switch import Switch
from loyalty_portal.schemas.vendors import VendorView
from loyalty_portal.web.current import actor
from loyalty_portal.web.forms import SchemaForm


class SwitchForm(SchemaForm):
    schema = Switch
    on = StringField()


def own_vendor() -> VendorView:
    """The shop of who is signed in; the guard let nobody else in."""
    return cast(VendorView, actor.vendor)


def origin() -> Origin:
    """Who acts in the portal: the entry of the ledger keeps the user."""
    vendor = own_vendor()
    return Origin(
        vendor_id=vendor.id,
        time_zone=vendor.time_zone,
        source=Source.PORTAL,
        source_id=actor.user_id,
        acting_user_id=actor.user_id,
    )


def wanted_on() -> bool:
    """What a switch's button asked for. Raises `Invalid` for anything else."""
    form = SwitchForm()
    if not form.validate_on_submit():
        raise Invalid(errors=[{"field": "on", "type": "bool_type", "ctx": {}}])
    return bool(form.command.on)
