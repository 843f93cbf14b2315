"""A scanned or typed code leads to its card, or to one and the same answer."""

from __future__ import annotations

import pytest

from loyalty_portal.services.codes import new_code
from tests.counter.till import Till, same_text, steady, words


def test_both_readings_of_a_scan_are_tried(till: Till) -> None:
    card = till.card()
    for query in (
        f"code={card.code}",
        f"code=LC{card.code}",
        f"code={card.code.lower()}",
        f"code=QWERTZ12&code_alt=LC{card.code}",
        f"code=%20{card.code[:4]}%20{card.code[4:]}",
    ):
        answer = till.fragment(f"/codes?{query}")
        assert (answer.status_code, answer.location) == (303, f"/counter/cards/{card.code}"), query


def test_unknown_foreign_and_damaged_codes_get_one_answer(till: Till, other: Till) -> None:
    unknown, foreign = new_code(), other.card().code
    damaged = till.card().code
    damaged = damaged[:7] + ("0" if damaged[7] != "0" else "1")
    answers = [till.fragment(f"/codes?code={code}") for code in (unknown, foreign, damaged, "", "x" * 500)]
    answers += [till.fragment(f"/cards/{code}") for code in (unknown, foreign, damaged, "x" * 500)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({steady(answer.text) for answer in answers}) == 1
    assert words(answers[0]).startswith("That's not one of your cards")


def test_stamping_them_gets_the_same_answer(till: Till, other: Till) -> None:
    foreign = other.card()
    for code in (new_code(), foreign.code, "ABC"):
        for what in ("stamps", "rewards"):
            answer = till.send(f"/cards/{code}/{what}", pin="2580")
            assert answer.status_code == 404
            assert words(answer).startswith("That's not one of your cards")
    assert other.count(foreign) == 0


def test_the_page_holds_the_fragment(till: Till) -> None:
    page, fragment = till.get("/codes?code=X"), till.fragment("/codes?code=X")
    assert page.status_code == 404
    assert same_text(page, fragment)


@pytest.mark.parametrize("code", ["%00", "%F0%9F%98%80", "%ff%fe", "K7Q2 M9XW%0A"])
def test_odd_input_is_no_error(till: Till, code: str) -> None:
    assert till.fragment(f"/codes?code={code}").status_code == 404
