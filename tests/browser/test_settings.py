"""What a till likes: chosen once, there after a reload before anything is painted, and only in that browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.served import Served
from tests.browser.test_till import Counter, scan

SOUNDING = """
window.tones = [];
const make = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () {
  const tone = make.call(this);
  const stop = tone.stop.bind(tone);
  tone.stop = (at) => { window.tones.push(at - this.currentTime); stop(at); };
  return tone;
};
window.kept = 0;
if (navigator.wakeLock) navigator.wakeLock.request = async () => { window.kept += 1; return { released: false }; };
"""


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def counter(serve: Callable[..., Served], visit: Visit) -> Counter:
    return Counter(serve(), visit)


def test_what_is_chosen_counts_at_once_and_stays(counter: Counter) -> None:
    till, other = counter.till(), counter.till()
    till.page.get_by_role("link", name="Settings of this till").click()
    html = till.page.locator("html")
    for choice, attribute, value in (
        ("the left hand", "data-hand", "left"),
        ("Largest", "data-size", "largest"),
        ("Dark", "data-mode", "dark"),
    ):
        # The radio itself is unseen: a finger meets its label.
        till.page.locator("label", has=till.page.get_by_role("radio", name=choice)).click()
        expect(html).to_have_attribute(attribute, value)
    till.idle()
    expect(html).to_have_attribute("data-hand", "left")
    scan_side = till.page.locator(".scan").bounding_box()
    search_side = till.page.locator(".split__side").bounding_box()
    assert scan_side and search_side and search_side["x"] < scan_side["x"]
    till.page.goto("/counter/settings")
    expect(till.page.get_by_role("radio", name="Largest")).to_be_checked()
    other.idle()
    assert other.page.locator("html").get_attribute("data-hand") is None


def test_it_is_dressed_before_any_module_runs(counter: Counter) -> None:
    till = counter.till()
    till.page.evaluate("localStorage.setItem('till', JSON.stringify({ mode: 'dark', hand: 'left' }))")
    till.page.route("**/static/js/app.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    till.page.route("**/static/js/till.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    till.page.goto("/counter/")
    expect(till.page.locator("html")).to_have_attribute("data-mode", "dark")
    assert till.page.locator("html").get_attribute("data-js") is None


def test_odd_storage_is_no_error(counter: Counter) -> None:
    till = counter.till()
    for odd in ("{", "null", "7", '{"mode": 3, "volume": "loud"}'):
        till.page.evaluate("odd => localStorage.setItem('till', odd)", odd)
        till.idle()
        till.page.goto("/counter/settings")
        expect(till.page.get_by_role("radio", name="the right hand")).to_be_checked()


def test_a_scanner_is_tried_without_opening_a_card(counter: Counter) -> None:
    till, card = counter.till(), counter.card()
    till.page.goto("/counter/settings")
    scan(till.page, f"LC{card.code}", {})
    till.says("It works", f"LC{card.code}")
    assert till.page.get_by_role("heading", level=1).inner_text() == "Settings of this till"


def test_a_stamp_sounds_shortly_and_a_refusal_too(counter: Counter) -> None:
    page = counter.till().page
    page.add_init_script(SOUNDING)
    card = counter.card()
    page.goto(f"/counter/cards/{card.code}")
    for pin, words in (("9071", "4 tries left"), ("2580", "Stamped!")):
        before = page.evaluate("window.tones.length")
        for digit in pin:
            page.get_by_role("button", name=digit, exact=True).tap()
        expect(page.get_by_role("main")).to_contain_text(words)
        lengths = page.evaluate("window.tones")[before:]
        assert len(lengths) == 2
        assert max(lengths) <= 0.151
    assert page.evaluate("window.kept") == 1


def test_a_till_without_sounds_is_silent(counter: Counter) -> None:
    till, card = counter.till(), counter.card()
    till.page.add_init_script(SOUNDING)
    till.page.goto("/counter/settings")
    till.page.locator("label", has=till.page.get_by_role("radio", name="Off")).click()
    till.page.goto(f"/counter/cards/{card.code}")
    till.enter()
    till.says("Stamped!")
    assert till.page.evaluate("window.tones") == []
