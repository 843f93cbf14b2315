"""Numbers, money, times and names as the reader writes them: in their language, in the vendor's time zone."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import dates, numbers
from flask import Flask, g
from flask_babel import gettext as _

from loyalty_portal.clock import local_day
from loyalty_portal.web.current import services
from loyalty_portal.web.locale import choose


def _zone() -> str:
    actor = g.get("actor")
    return actor.vendor.time_zone if actor and actor.vendor else g.get("time_zone", "UTC")


def local(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(_zone()))


def money(cents: int | None, currency: str = "EUR") -> str:
    return numbers.format_currency((cents or 0) / 100, currency, locale=choose())


def amount(cents: int) -> str:
    """ "3.50", without its currency, as the reader writes it."""
    return numbers.format_decimal(cents / 100, format="0.00", locale=choose())


def number(value: int) -> str:
    return numbers.format_decimal(value, locale=choose())


def day(moment: datetime | date) -> str:
    """ "16 Nov 2026"."""
    value = local(moment) if isinstance(moment, datetime) else moment
    return dates.format_date(value, "medium", locale=choose())


def moment(at: datetime) -> str:
    """ "Mon 16 Nov, 08:12"."""
    return f"{dates.format_skeleton('MMMEd', local(at), locale=choose())}, {clock_time(at)}"


def clock_time(at: datetime) -> str:
    """ "14:20"."""
    return dates.format_time(local(at), "HH:mm", locale=choose())


def when(at: datetime) -> str:
    """A moment to come, as short as it can be said: "14:20", or with its day when that isn't today."""
    today = local_day(services.clock.now(), _zone())
    return clock_time(at) if local(at).date() == today else moment(at)


def ago(at: datetime | None) -> str:
    """ "today", "yesterday", "6 days ago"."""
    if at is None:
        return _("new")
    days = (local_day(services.clock.now(), _zone()) - local(at).date()).days
    if days <= 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    past = timedelta(days=-days)
    return dates.format_timedelta(past, granularity="day", threshold=1, add_direction=True, locale=choose())


def spaced(code: str) -> str:
    """ "K7Q2 M9XW"."""
    return f"{code[:4]} {code[4:]}"


def full_name(person: object) -> str:
    first, last = getattr(person, "first_name", None), getattr(person, "last_name", None)
    return " ".join(part for part in (first, last) if part) or _("Guest")


def short_name(person: object) -> str:
    """ "Tom W.", for screens that others see too."""
    first, last = getattr(person, "first_name", None), getattr(person, "last_name", None)
    if first and last:
        return f"{first} {last[0]}."
    return first or last or _("Guest")


def initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"


def printable(text: str) -> str:
    """What was typed, without the characters that no page may hold."""
    return "".join(character for character in text if character in "\n\t" or unicodedata.category(character) != "Cc")


def register(app: Flask) -> None:
    for function in (
        amount, money, number, day, moment, clock_time, when, ago, spaced, full_name, short_name, initials, printable,
    ):  # fmt: skip
        app.jinja_env.filters[function.__name__] = function
