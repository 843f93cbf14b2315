"""The till under a thumb, a keyboard, a hand scanner, and a line that breaks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Page, Route, expect

from loyalty_portal.database import transaction
from loyalty_portal.enums import StaffRole
from loyalty_portal.schemas.cards import CardView, Enrolment
from loyalty_portal.schemas.staff import StaffCreate
from loyalty_portal.schemas.tills import TillCreate
from tests.browser.conftest import Visit
from tests.browser.people import MANAGER_PIN, PIN, Till
from tests.browser.served import Served
from tests.browser.watch import Watch
from tests.shops import Shop, open_shop

PAIRING = "KAFF1T12"


@pytest.fixture
def engine() -> str:
    """The screens are the same on both databases; the story is told on both."""
    return "sqlite"


class Counter:
    """A shop whose program runs, with staff and a till that waits to be paired."""

    def __init__(self, portal: Served, visit: Visit, **program: object) -> None:
        self.portal = portal
        self.visit = visit
        self.shop: Shop = open_shop(portal.app, **({"max_stamps_per_visit": 1} | program))
        services, vendor = self.shop.services, self.shop.vendor
        with portal.app.app_context():
            for name, role, pin in (("Luc", StaffRole.STAFF, PIN), ("Anne", StaffRole.MANAGER, MANAGER_PIN)):
                hashed = services.pin_service.hash_new(vendor.id, vendor.pin_length, pin)
                with transaction():
                    services.pin_service.add(vendor.id, StaffCreate(name=name, role=role), hashed)
            with transaction():
                made = services.device_service.create(vendor.id, TillCreate(name="Counter"))
                services.device_service.new_pairing(vendor.id, made.till_id, reusable=True, code=PAIRING)

    def till(self, **how: object) -> Till:
        """Another browser that is this till."""
        till = Till(self.visit(self.portal, **how))
        till.page.goto(f"/counter/pair/{PAIRING}")
        button = till.page.get_by_role("button", name="Pair this browser")
        button.or_(till.page.get_by_role("searchbox")).first.wait_for()
        if button.is_visible():
            button.click()
        till.is_idle()
        return till

    def card(self, name: str = "Sophie") -> CardView:
        with self.portal.app.app_context(), transaction():
            made, _ = self.shop.services.enrolment_service.enrol(
                self.shop.origin, Enrolment(first_name=name, last_name="Muller")
            )
        return made

    def stamps(self) -> int:
        return int(self.shop.rows("SELECT coalesce(sum(stamps_delta), 0) FROM loyalty_transactions")[0][0])


@pytest.fixture
def counter(serve: Callable[..., Served], visit: Visit) -> Counter:
    return Counter(serve(), visit)


def test_the_pad_counts_touches(counter: Counter) -> None:
    till, card = counter.till(), counter.card()
    till.page.goto(f"/counter/cards/{card.code}")
    till.enter("14")
    till.page.get_by_role("button", name="Clear").tap()
    till.enter("2")
    till.enter("7")
    till.page.get_by_role("button", name="Delete the last digit").tap()
    till.enter("580")
    till.says("1 of 10", "Stamped!")
    assert counter.stamps() == 1


def test_the_pad_takes_a_keyboards_digits(counter: Counter) -> None:
    till, card = counter.till(), counter.card()
    till.find("so", "Sophie")
    till.page.keyboard.press("3")
    till.page.keyboard.press("Backspace")
    till.page.keyboard.type(PIN)
    till.says("1 of 10")
    assert counter.stamps() == 1
    assert till.page.url.endswith("/counter/"), card.code


def test_a_wrong_pin_says_how_many_tries_are_left(counter: Counter) -> None:
    till, card = counter.till(), counter.card()
    till.page.goto(f"/counter/cards/{card.code}")
    till.enter("9071")
    till.says("4 tries left")
    till.enter("9071")
    till.says("3 tries left")
    till.enter()
    till.says("1 of 10")
    assert counter.stamps() == 1


def test_five_wrong_pins_lock_this_till_for_a_while(counter: Counter) -> None:
    till, card = counter.till(), counter.card()
    till.page.goto(f"/counter/cards/{card.code}")
    for left in (4, 3, 2, 1):
        till.enter("9071")
        till.says(re.compile(rf"\b{left} (try|tries) left"))
    till.enter("9071")
    till.says(re.compile("locked|Too many tries"))
    till.page.goto(f"/counter/cards/{card.code}")
    till.enter()
    till.says("Too many tries")
    assert counter.stamps() == 0
    counter.portal.clock.move(seconds=61)
    till.page.goto(f"/counter/cards/{card.code}")
    till.enter()
    till.says("1 of 10")


def test_a_thumb_that_bounces_gives_one_stamp(counter: Counter) -> None:
    till, card = counter.till(), counter.card()
    till.page.goto(f"/counter/cards/{card.code}")
    till.enter(PIN[:3])
    sent: list[str] = []
    till.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    last = till.page.get_by_role("button", name=PIN[3], exact=True)
    for _ in range(3):
        last.dispatch_event("pointerdown", {"button": 0, "bubbles": True})
    till.says("1 of 10")
    assert len(sent) == 1
    assert counter.stamps() == 1


def test_a_form_sent_twice_gives_one_stamp(counter: Counter) -> None:
    till, card = counter.till(), counter.card()
    till.page.goto(f"/counter/cards/{card.code}")
    till.page.evaluate(
        """pin => {
          const field = document.querySelector("[name=pin]");
          field.value = pin;
          for (let time = 0; time < 3; time += 1) field.form.requestSubmit();
        }""",
        PIN,
    )
    till.says("1 of 10")
    assert counter.stamps() == 1


def test_an_answer_that_is_lost_is_asked_for_again(counter: Counter, watch: Watch) -> None:
    till, card = counter.till(), counter.card()
    till.page.goto(f"/counter/cards/{card.code}")
    lost: list[int] = []

    def lose(route: Route) -> None:
        """The server hears and does it; the till never learns, twice."""
        if len(lost) == 2:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    watch.cut = True
    till.page.route("**/stamps", lose)
    till.enter()
    till.says("1 of 10", "Stamped!")
    assert lost[0] in {200, 201}
    assert len(lost) == 2
    assert counter.stamps() == 1


def test_no_server_is_no_stamp_and_says_so(counter: Counter, watch: Watch) -> None:
    till, card = counter.till(), counter.card()
    till.page.goto(f"/counter/cards/{card.code}")
    watch.cut = True
    till.page.route("**/stamps", lambda route: route.abort())
    # The pauses between its tries are the till's own; the test doesn't wait for them by the wall.
    till.page.clock.install()
    till.enter()
    expect(till.page.get_by_text("Checking…").first).to_be_visible()
    for _ in range(8):
        till.page.clock.run_for(3000)
    expect(till.page.get_by_text("Not given yet").first).to_be_visible()
    assert counter.stamps() == 0
    till.page.unroute("**/stamps")
    till.enter()
    till.says("1 of 10")
    assert counter.stamps() == 1


def test_a_scanner_on_an_azerty_tablet(counter: Counter) -> None:
    till, card = counter.till(), counter.card()
    scan(till.page, f"LC{card.code}", AZERTY)
    till.says("Sophie", "Enter your PIN")


@pytest.mark.parametrize("field", ["searchbox", "code"])
def test_a_scan_into_a_field_leaves_nothing_there(counter: Counter, field: str) -> None:
    till, card = counter.till(), counter.card()
    box = till.page.get_by_role("searchbox") if field == "searchbox" else till.page.get_by_label("Card code")
    box.click()
    scan(till.page, f"LC{card.code}", {})
    till.says("Sophie", "Enter your PIN")


def test_a_code_of_nobody_says_so(counter: Counter) -> None:
    till = counter.till()
    scan(till.page, "LCK7Q2M9XW", {})
    till.says("not one of your cards")
    till.idle()


def test_the_last_entry_is_undone_from_the_idle_screen(counter: Counter) -> None:
    till, card = counter.till(), counter.card()
    till.page.goto(f"/counter/cards/{card.code}")
    till.enter()
    till.says("1 of 10")
    till.press("Next customer")
    till.is_idle()
    till.says("Sophie")
    till.press("Undo")
    till.says("0 of 10")
    assert counter.stamps() == 0


def test_undo_without_a_pin_ends_after_a_minute(counter: Counter) -> None:
    till, card = counter.till(), counter.card()
    till.page.goto(f"/counter/cards/{card.code}")
    till.enter()
    till.says("1 of 10")
    counter.portal.clock.move(seconds=61)
    till.idle()
    expect(till.main.get_by_role("button", name="Undo")).to_have_count(0)


def test_a_second_stamp_too_soon_says_when(counter: Counter) -> None:
    till, card = counter.till(), counter.card()
    counter.shop.stamp(card.code)
    counter.portal.clock.move(minutes=6)
    till.find("so", "Sophie")
    till.says("Just stamped", "Next one from 08:27")


def test_the_till_speaks_another_language(counter: Counter) -> None:
    till = counter.till()
    till.page.locator("summary", has_text="Language").click()
    till.page.get_by_role("button", name="Deutsch").click()
    expect(till.page.locator("html")).to_have_attribute("lang", "de")
    till.is_idle()


def test_a_card_typed_at_the_till(counter: Counter) -> None:
    till = counter.till()
    till.press("New customer")
    expect(till.main.get_by_role("heading", level=1)).to_have_text("New customer")
    till.page.get_by_label("name").fill("Tom")
    till.enter()
    till.says("Tom", "Enter your PIN")
    till.enter()
    till.says("1 of 10")


# What a hand scanner does: it types the keys of a US keyboard, faster than a person, and Enter. A tablet that is set
# to AZERTY reads other characters from the same keys.
AZERTY = {"A": "q", "Q": "a", "Z": "w", "W": "z", "M": ","} | dict(zip("1234567890", "&é\"'(-è_çà", strict=True))


def scan(page: Page, code: str, layout: dict[str, str]) -> None:
    keyboard = page.context.new_cdp_session(page)
    # Each key says itself when it was struck: a busy machine that hands them on late makes no slow scanner.
    at = page.evaluate("Date.now()") / 1000
    for number, character in enumerate(code):
        position = f"Digit{character}" if character.isdigit() else f"Key{character}"
        stroke(keyboard, position, layout.get(character, character), at + number / 100)
    stroke(keyboard, "Enter", "Enter", at + len(code) / 100)


def stroke(keyboard: CDPSession, position: str, key: str, at: float) -> None:
    """`at`: seconds since 1970."""
    text = {"text": key} if len(key) == 1 else {"text": "\r"}
    how = {"code": position, "key": key, "timestamp": at}
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", **how, **text})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **how})
