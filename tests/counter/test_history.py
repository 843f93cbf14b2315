"""What this till did today."""

from __future__ import annotations

from flask import Flask

from loyalty_portal.clock import FrozenClock
from tests.counter.till import Till, same_text, till_of, words


def test_an_empty_day_says_what_will_stand_here(till: Till) -> None:
    page, fragment = till.get("/history"), till.fragment("/history")
    assert same_text(page, fragment)
    assert "Nothing yet today" in words(page)


def test_entries_stand_newest_first_with_their_way_back(till: Till, clock: FrozenClock) -> None:
    card = till.card("Sophie", last_name="Muller")
    till.stamp(card, quantity=2)
    first = till.last(card)
    clock.move(minutes=5)
    till.stamp(card)
    page = till.get("/history")
    assert same_text(page, till.fragment("/history"))
    text = words(page)
    assert text.index("1 stamp 08:17 · Luc") < text.index("2 stamps 08:12 · Luc")
    assert "Sophie M." in text and "Muller" not in text
    assert f'action="/counter/entries/{till.last(card)}/void"' in page.text
    assert f'href="/counter/entries/{first}/void"' in page.text and "Undo with a manager" in text


def test_what_was_undone_is_struck_out(till: Till) -> None:
    card = till.card()
    till.stamp(card)
    till.send(f"/entries/{till.last(card)}/void")
    page = till.get("/history")
    assert "is-undone" in page.text and "undone" in words(page) and "Taken back" in words(page)
    assert "/void" not in page.text


def test_yesterday_and_other_tills_are_left_out(app: Flask, till: Till, clock: FrozenClock) -> None:
    second = till_of(app, till.shop, "Till 2", staffed=False)
    second.stamp(second.card("Tom"))
    till.stamp(till.card("Sophie"))
    assert "Tom" not in words(till.get("/history")) and "Sophie" in words(till.get("/history"))
    clock.move(days=1)
    assert "Sophie" not in words(till.get("/history"))


def test_another_vendors_day_is_not_seen(till: Till, other: Till) -> None:
    other.stamp(other.card("Zoé"))
    assert "Zoé" not in till.get("/history").text
