"""What a customer's tick agrees to, kept with the consent word for word."""

from __future__ import annotations

from flask_babel import gettext as _

from loyalty_portal.schemas.vendors import VendorView


def consent_text(vendor: VendorView) -> str:
    return _("%(vendor)s may send me news and offers. I can stop that at any time.", vendor=vendor.name)
