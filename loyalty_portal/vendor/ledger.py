"""The proof of the ledger: what was found last, and the button that looks again."""

from __future__ import annotations

from flask import Blueprint, Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from loyalty_portal.database import transaction
from loyalty_portal.services.ledger_audit import MOST_NAMED
from loyalty_portal.vendor.shop import own_vendor
from loyalty_portal.web import render
from loyalty_portal.web.current import services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("ledger", __name__, url_prefix="/ledger")

WORDS = {
    "entry_changed": _l("This entry was changed after it was written."),
    "entry_missing": _l("An entry before this one is missing."),
    "chain_broken": _l("This entry doesn't continue the one before it."),
    "balance_broken": _l("The balance after this entry doesn't follow from the one before it."),
    "entry_unreadable": _l("This entry can't be read."),
    "card_missing": _l("This entry belongs to no card."),
    "head_differs": _l("The card doesn't end with its last entry: entries were removed or added at the end."),
    "stamps_differ": _l("The card's stamps aren't the sum of its entries."),
    "points_differ": _l("The card's points aren't the sum of its entries."),
    "remainder_differs": _l("The card's part of a point isn't the sum of its entries."),
    "totals_differ": _l("The card's totals aren't the sums of its entries."),
    "note_changed": _l("The note of this entry was changed."),
    "void_broken": _l("This entry takes back one that isn't before it on the same card."),
}
"""What is wrong, for people."""


@blueprint.get("")
@requires(Permission.VENDOR_READ)
def show() -> Response:
    """How many entries there are, and what the last check found."""
    vendor = own_vendor()
    return render.page(
        "vendor/ledger/show.html",
        count=services.ledger_audit.count(vendor.id),
        last=services.ledger_audit.last(vendor.id),
        words=WORDS,
        most_named=MOST_NAMED,
    )


@blueprint.post("/verify")
@requires(Permission.VENDOR_READ)
def verify() -> BaseResponse:
    """Recomputes every chain and every balance of the shop, and keeps the result."""
    vendor = own_vendor()
    report = services.ledger_audit.verify(vendor.id)
    with transaction():
        services.ledger_audit.remember(vendor.id, report)
    if report.ok:
        flash(_("Everything is as it was written."), "success")
    return render.see_other(url_for("vendor.ledger.show"))
