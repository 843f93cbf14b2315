"""Search as staff type, at the counter."""

from __future__ import annotations

import pytest

from tests.counter.till import Till, steady, words


@pytest.fixture
def full(till: Till) -> Till:
    for name, more in (
        ("Sophie", {"last_name": "Muller", "phone": "+352621123456"}),
        ("Zoé", {"last_name": "Klein"}),
        ("Tom", {"last_name": "Weber"}),
    ):
        till.card(name, **more)
    return till


def found(till: Till, typed: str) -> set[str]:
    text = words(till.fragment(f"/search?q={typed}"))
    return {name for name in ("Sophie", "Zoé", "Tom") if name in text}


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("so", {"Sophie"}),
        ("SO", {"Sophie"}),
        ("mul", {"Sophie"}),
        ("so mul", {"Sophie"}),
        ("zoe", {"Zoé"}),
        ("456", {"Sophie"}),
        ("621 123 456", {"Sophie"}),
        ("xyz", set()),
        ("%25%25", set()),
        ("__", set()),
    ],
)
def test_names_and_phones_are_found(full: Till, typed: str, names: set[str]) -> None:
    assert found(full, typed) == names


def test_the_code_is_found_with_and_without_its_space(full: Till) -> None:
    card = full.card("Nora")
    for typed in (card.code, f"{card.code[:4]} {card.code[4:]}", card.code.lower()):
        assert "Nora" in words(full.fragment(f"/search?q={typed}"))


def test_two_letters_are_asked_for(full: Till) -> None:
    assert "Two letters or three digits are enough." in words(full.fragment("/search?q=s"))


def test_nobody_found_says_the_way_on(full: Till) -> None:
    assert "Nobody found." in words(full.fragment("/search?q=xyz"))


def test_a_hit_leads_to_the_card_on_the_stage(full: Till) -> None:
    card = full.card("Nora")
    text = full.fragment("/search?q=nora").text
    assert f'hx-get="/counter/cards/{card.code}" hx-target="#stage"' in text


def test_without_htmx_it_is_a_page(full: Till) -> None:
    page, fragment = full.get("/search?q=so"), full.fragment("/search?q=so")
    assert page.text.count("<h1") == 1
    hits = steady(fragment.text).partition("<ul")[2]
    assert hits in steady(page.text)


def test_other_vendors_customers_are_not_found(till: Till, other: Till) -> None:
    card = other.card("Sophie")
    assert "Sophie" not in words(till.fragment("/search?q=so"))
    assert "Sophie" not in words(till.fragment(f"/search?q={card.code}"))


def test_a_card_that_is_off_says_so(till: Till) -> None:
    till.close_card(till.card("Nora"))
    assert "switched off" in words(till.fragment("/search?q=nora"))


@pytest.mark.parametrize("typed", ["%00", "a" * 5000, "%F0%9F%98%80", "%ff", "'\"<script>"])
def test_odd_input_is_no_error(till: Till, typed: str) -> None:
    assert till.fragment(f"/search?q={typed}").status_code in {200, 404}
