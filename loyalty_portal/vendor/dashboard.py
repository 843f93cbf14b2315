"""The overview: today, the last four weeks, and what wants a look."""

from __future__ import annotations

from datetime import date

from babel import Locale, dates, numbers
from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import ngettext

from loyalty_portal.schemas.counter import Origin
from loyalty_portal.schemas.programs import ProgramView
from loyalty_portal.schemas.statistics import DayCount, VendorFigures
from loyalty_portal.schemas.tills import TillRow
from loyalty_portal.vendor.chart import day_chart
from loyalty_portal.vendor.shop import origin, own_vendor
from loyalty_portal.web import render
from loyalty_portal.web.current import actor, services
from loyalty_portal.web.guards import requires
from loyalty_portal.web.locale import choose
from loyalty_portal.web.permissions import Permission

blueprint = Blueprint("dashboard", __name__)
ENTRIES = 8


@blueprint.get("/")
@requires(Permission.VENDOR_READ)
def show() -> Response:
    """The shop at a glance; a new shop sees what is still to do."""
    vendor = own_vendor()
    program = services.program_service.live(vendor.id)
    figures = services.statistics_service.overview(vendor.id, vendor.time_zone)
    tills = services.device_service.tills(vendor.id)
    return render.page(
        "vendor/dashboard/show.html",
        first_name=(actor.user_name or "").split(" ")[0],
        today_words=_today(program, figures),
        program=program,
        figures=figures,
        waiting_words=_waiting(program, figures, vendor.currency),
        chart=day_chart(_charted(program, figures), _day_words),
        rows=services.card_service.history(_everywhere(), limit=ENTRIES),
        locked=_locked(tills),
        silenced=services.webhook_service.silenced(vendor.id),
        has_staff=any(person.is_active for person in services.pin_service.staff(vendor.id)),
        has_till=any(till.is_paired and not till.is_revoked for till in tills),
    )


def _charted(program: ProgramView | None, figures: VendorFigures) -> list[DayCount]:
    """What the bars show: stamps, or points where there are no stamps."""
    if program is None or program.has_stamps:
        return figures.days
    return [day.model_copy(update={"stamps": day.points}) for day in figures.days]


def _day_words(day: date) -> str:
    """ "24 Oct"."""
    return dates.format_skeleton("MMMd", day, locale=choose())


def _everywhere() -> Origin:
    """The shop's entries from all tills."""
    return origin().model_copy(update={"source_id": None})


def _locked(tills: list[TillRow]) -> list[TillRow]:
    now = services.clock.now()
    return [till for till in tills if not till.is_revoked and till.pin_locked_until and till.pin_locked_until > now]


def _today(program: ProgramView | None, figures: VendorFigures) -> str:
    today = figures.days[-1]
    if program is not None and not program.has_stamps:
        return _(
            "%(points)s and %(rewards)s so far today.",
            points=ngettext("%(num)s point", "%(num)s points", today.points),
            rewards=ngettext("%(num)s reward", "%(num)s rewards", today.rewards),
        )
    return _(
        "%(stamps)s and %(rewards)s so far today.",
        stamps=ngettext("%(num)s stamp", "%(num)s stamps", today.stamps),
        rewards=ngettext("%(num)s reward", "%(num)s rewards", today.rewards),
    )


def _waiting(program: ProgramView | None, figures: VendorFigures, currency: str) -> str:
    """What the full cards would cost, in words: a shop thinks in money, not in liabilities."""
    cents = (program.stamps_reward_cost_cents or program.stamps_reward_value_cents) if program else None
    if not cents or not figures.full_cards:
        return ngettext("full card waiting", "full cards waiting", figures.full_cards)
    return _("full cards, about %(amount)s if all come", amount=about(cents * figures.full_cards, currency))


def about(cents: int, currency: str) -> str:
    """An amount in whole units, for "about €25"."""
    locale = Locale.parse(choose())
    pattern = locale.currency_formats["standard"].pattern.replace("0.00", "0")
    return numbers.format_currency(
        max(1, round(cents / 100)), currency, format=pattern, locale=locale, currency_digits=False
    )
