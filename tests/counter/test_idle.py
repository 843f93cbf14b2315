"""The idle screen: who's here, and this till's last entry."""

from __future__ import annotations

import pytest
from flask import Flask

from loyalty_portal.clock import FrozenClock
from tests.counter.till import LUC, Till, pair, same_text, till_of, words
from tests.shops import Shop


def test_the_page_holds_the_fragment(till: Till) -> None:
    till.stamp(till.card())
    page, fragment = till.get("/"), till.fragment("/")
    assert page.status_code == fragment.status_code == 200
    assert same_text(page, fragment)
    assert page.headers["Cache-Control"] == fragment.headers["Cache-Control"] == "private, no-store"
    assert {"HX-Request", "HX-Request-Type"} <= set(page.vary)


def test_it_shows_who_was_here_last(till: Till, clock: FrozenClock) -> None:
    till.card("Nobody")
    for name in ("Tom", "Ana", "Jeff", "Sophie"):
        till.stamp(till.card(name))
        clock.move(minutes=1)
    assert "Sophie today 1 /10 J Jeff today 1 /10 A Ana today 1 /10" in words(till.get("/"))
    assert "Tom" not in till.get("/").text
    assert "4 stamps · 0 rewards today" in till.get("/").text


def test_names_are_short_where_others_see_them(till: Till) -> None:
    card = till.card("Sophie", last_name="Muller")
    till.stamp(card)
    assert "Sophie M." in till.get("/").text
    assert "Muller" not in till.get("/").text


def test_the_last_entry_can_be_taken_back_for_a_minute(till: Till, clock: FrozenClock) -> None:
    card = till.card()
    till.stamp(card)
    void = f"/counter/entries/{till.last(card)}/void"
    assert f'action="{void}"' in till.get("/").text
    clock.move(seconds=60)
    assert f'action="{void}"' in till.get("/").text
    clock.move(seconds=1)
    assert void not in till.get("/").text


def test_what_another_till_did_is_not_this_ones_to_undo(app: Flask, till: Till) -> None:
    second = till_of(app, till.shop, "Till 2", staffed=False)
    till.stamp(till.card())
    assert "Undo" in till.get("/").text
    assert "Undo" not in second.get("/").text


def test_undone_leaves_nothing_to_undo(till: Till) -> None:
    card = till.card()
    till.stamp(card)
    till.send(f"/entries/{till.last(card)}/void")
    assert "Undo" not in words(till.get("/"))


def test_without_a_program_it_says_who_makes_one(till: Till) -> None:
    till.desk.write(lambda services: services.program_service.archive(till.desk.vendor_id))
    page = till.get("/")
    assert page.status_code == 200
    assert "There is no card yet. The owner makes it in the portal." in page.text
    assert "New customer" not in page.text


def test_a_program_that_is_off_is_said(till: Till) -> None:
    till.stop_program()
    assert "The program is switched off at the moment." in till.get("/").text


@pytest.mark.parametrize("path", ["/nothing", "/entries/99999999", f"/entries/{2**63}", "/cards/%00"])
def test_what_is_not_there_is_a_till_screen(till: Till, path: str) -> None:
    page, fragment = till.get(path), till.fragment(path)
    assert page.status_code == fragment.status_code == 404
    assert same_text(page, fragment)
    assert fragment.headers["HX-Retarget"] == "#stage"
    assert 'href="/counter/"' in fragment.text


def test_it_is_noted_that_the_till_is_in_use(till: Till, clock: FrozenClock) -> None:
    def seen() -> str:
        return str(
            till.shop.rows("SELECT last_seen_at FROM counter_devices WHERE id = :id", id=till.desk.till_id)[0][0]
        )

    first = seen()
    clock.move(minutes=1)
    till.get("/")
    assert seen() == first
    clock.move(minutes=5)
    till.get("/")
    assert seen() != first


def test_a_till_reads_no_other_vendors_cards(till: Till, other: Till) -> None:
    other.stamp(other.card("Zoé"), LUC)
    assert "Zoé" in other.get("/").text
    assert "Zoé" not in till.get("/").text


def test_a_cookie_that_is_none_of_ours_is_no_till(shop: Shop, till: Till, app: Flask) -> None:
    browser = pair(app, till.desk)
    browser.set_cookie("till", "x" * 43, path="/counter")
    assert browser.get("/counter/").location == "/counter/pair"
