"""Numbers, money, times and names as each language writes them, in the shop's time zone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from flask import Flask, g

from loyalty_portal.clock import FrozenClock
from loyalty_portal.web import filters

AT = datetime(2026, 11, 16, 23, 30, tzinfo=UTC)
Said = Callable[..., str]


@dataclass
class Person:
    first_name: str | None = None
    last_name: str | None = None


@pytest.fixture
def said(app: Flask) -> Said:
    def say(function: Said, *arguments: object, language: str = "en", zone: str = "Europe/Luxembourg") -> str:
        with app.test_request_context():
            g.locale, g.time_zone = language, zone
            # Narrow spaces differ between versions of the language's data.
            return function(*arguments).replace("\u202f", "\u00a0")

    return say


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.mark.parametrize(
    ("language", "amount"),
    [("en", "€1,234.50"), ("fr", "1\u00a0234,50\u00a0€"), ("de", "1.234,50\u00a0€"), ("lb", "1.234,50\u00a0€")],
)
def test_money(said: Said, language: str, amount: str) -> None:
    assert said(filters.money, 123450, language=language) == amount
    assert said(filters.money, None, language=language).replace(",", ".").strip("€\u00a0") == "0.00"


@pytest.mark.parametrize(("language", "number"), [("en", "12,345"), ("fr", "12\u00a0345"), ("de", "12.345")])
def test_numbers(said: Said, language: str, number: str) -> None:
    assert said(filters.number, 12345, language=language) == number


def test_a_moment_is_told_in_the_shops_zone(said: Said) -> None:
    assert said(filters.clock_time, AT) == "00:30"
    assert said(filters.clock_time, AT, zone="Atlantic/Azores") == "22:30"
    assert said(filters.day, AT) == "Nov 17, 2026"
    assert said(filters.day, date(2026, 11, 16), language="de") == "16.11.2026"
    assert said(filters.moment, AT, language="fr").startswith("mar.")


def test_a_moment_to_come_is_as_short_as_it_can_be(said: Said, clock: FrozenClock) -> None:
    assert said(filters.when, clock.now()) == "08:12"
    assert said(filters.when, AT).endswith(", 00:30")


@pytest.mark.parametrize(
    ("hours", "words"), [(0, "today"), (8, "today"), (9, "yesterday"), (33, "2 days ago"), (-5, "today")]
)
def test_days_are_the_shops_days(said: Said, clock: FrozenClock, hours: int, words: str) -> None:
    """It is 8:12 in Luxembourg: nine hours ago was yesterday."""
    then = clock.now()
    clock.move(hours=hours)
    now = clock.now()
    clock.set(then)
    assert said(filters.ago, then - (now - then)) == words


def test_never_is_new(said: Said) -> None:
    assert said(filters.ago, None) == "new"


@pytest.mark.parametrize(
    ("first", "last", "full", "short"),
    [
        ("Tom", "Weber", "Tom Weber", "Tom W."),
        ("Tom", None, "Tom", "Tom"),
        (None, "Weber", "Weber", "Weber"),
        (None, None, "Guest", "Guest"),
        ("Ána", "Öz", "Ána Öz", "Ána Ö."),
    ],
)
def test_names(said: Said, first: str | None, last: str | None, full: str, short: str) -> None:
    assert said(filters.full_name, Person(first, last)) == full
    assert said(filters.short_name, Person(first, last)) == short


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Tom Weber", "TW"),
        ("Tom", "T"),
        ("Ana da Silva", "AS"),
        ("", "?"),
        ("…", "?"),
        ("ñ ß", "ÑSS"),
        ("さくら", "さ"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert filters.initials(name) == letters


def test_a_code_is_read_in_fours() -> None:
    assert filters.spaced("K7Q2M9XW") == "K7Q2 M9XW"
