"""The amount pad under a thumb, a keyboard and a hand scanner, and what it says it will give."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from loyalty_portal.database import transaction
from loyalty_portal.schemas.counter import PointsCommand
from tests.browser.conftest import Visit
from tests.browser.people import Till
from tests.browser.served import Served
from tests.browser.test_till import Counter, scan


@pytest.fixture
def engine() -> str:
    """The screens are the same on both databases."""
    return "sqlite"


@pytest.fixture
def counter(serve: Callable[..., Served], visit: Visit) -> Counter:
    """Three points for each euro."""
    return Counter(serve(), visit, loyalty_type="points", points_per_euro=3, cooldown_minutes=0)


@pytest.fixture
def till(counter: Counter) -> Till:
    """The amount's screen of a card that has 97 hundredths of a point."""
    card = counter.card()
    with counter.portal.app.app_context(), transaction():
        counter.shop.services.points_service.earn(counter.shop.origin, card.code, PointsCommand(amount_cents=99))
    till = counter.till()
    till.page.goto(f"/counter/cards/{card.code}")
    return till


def shows(till: Till, amount: str, gives: str) -> None:
    expect(till.page.locator("#amount_cents")).to_have_value(amount)
    expect(till.page.locator("[data-gives]")).to_have_text(gives)


def points(counter: Counter) -> int:
    return int(counter.shop.rows("SELECT points_balance FROM loyalty_cards")[0][0])


def test_touches_move_in_from_the_right(till: Till, counter: Counter) -> None:
    for key in ("1", "2", "00", "Delete the last digit"):
        till.page.get_by_role("button", name=key, exact=True).tap()
    # 1.20 at three points is 3.60, and 0.97 was left: the browser counts as exactly as the server.
    shows(till, "1.20", "4 points")
    till.page.get_by_role("button", name="Next").tap()
    till.says("to give Sophie 4 points")
    till.enter()
    till.says("4 points!", "Sophie has 6 points now.")
    assert points(counter) == 6


@pytest.mark.parametrize(("typed", "amount"), [("1250", "12.50"), ("12,5", "12.50"), ("12.", "12.00"), ("7", "0.07")])
def test_a_keyboard_types_cents_or_a_separator(till: Till, typed: str, amount: str) -> None:
    till.page.keyboard.type(typed, delay=80)
    expect(till.page.locator("#amount_cents")).to_have_value(amount)


def test_a_scanned_code_is_no_amount(till: Till, counter: Counter) -> None:
    other = counter.card("Tom")
    scan(till.page, f"LC{other.code}", {})
    till.says("Tom Muller")
    expect(till.page.locator("#amount_cents")).to_have_value("")


def test_what_is_no_amount_is_said_and_can_be_mended(till: Till) -> None:
    till.page.get_by_role("button", name="Next").tap()
    till.says("Please fill this in.")
    till.page.keyboard.type("500", delay=80)
    till.page.keyboard.press("Enter")
    till.says("€5.00", "to give Sophie 15 points")


def test_without_javascript_the_field_is_enough(counter: Counter) -> None:
    card = counter.card()
    till = counter.till(js=False)
    till.page.goto(f"/counter/cards/{card.code}")
    till.page.get_by_label("How much was it?").fill("12,50")
    till.page.get_by_role("button", name="Next").click()
    till.page.get_by_label("PIN").fill("2580")
    till.page.get_by_role("button", name="Give the points").click()
    expect(till.page.locator("main")).to_contain_text("37 points!")
    assert points(counter) == 37
