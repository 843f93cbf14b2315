"""The till's camera: Chromium's own fake one, which films a code, and one that may not be used."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import TABLET, Visit
from tests.browser.people import PIN, Till
from tests.browser.served import FLAGS, Served, chromium
from tests.browser.test_till import PAIRING, Counter
from tests.browser.watch import Watch

Film = Callable[[str], Page]
READER = "zxing_reader.wasm"
COUNTED = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.streams = [];
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await ask(wanted);
  streams.push(stream);
  return stream;
};
"""
REFUSED = """
navigator.mediaDevices.getUserMedia = async () => {
  window.asked = (window.asked ?? 0) + 1;
  throw new DOMException("", "NotAllowedError");
};
"""


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def counter(serve: Callable[..., Served], visit: Visit) -> Counter:
    return Counter(serve(), visit)


@pytest.fixture
def film(browser: Browser, counter: Counter, watch: Watch, tmp_path: Path) -> Iterator[Film]:
    """Another browser at this till, whose camera sees nothing but a code. It shares no window with the first."""
    with ExitStack() as open_browsers:

        def start(text: str) -> Page:
            seen = tmp_path / "camera.mjpeg"
            seen.write_bytes(frame(text) * 60)
            flags = [
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-video-capture={seen}",
            ]
            filming = open_browsers.enter_context(
                browser.browser_type.launch(executable_path=chromium(), args=FLAGS + flags)
            )
            context = filming.new_context(
                base_url=counter.portal.base, locale="en", viewport=TABLET, has_touch=True, reduced_motion="reduce"
            )
            page = context.new_page()
            watch.follow(page)
            return page

        yield start


def frame(text: str) -> bytes:
    """One picture of the film: a code in the middle of a wide grey view."""
    drawn = io.BytesIO()
    segno.make_qr(text, error="m").save(drawn, kind="png", scale=12, border=4)
    picture = Image.new("RGB", (1280, 720), (150, 140, 130))
    code = Image.open(drawn).convert("RGB")
    picture.paste(code, ((1280 - code.width) // 2, (720 - code.height) // 2))
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=90)
    return jpeg.getvalue()


def paired(page: Page) -> Till:
    page.goto(f"/counter/pair/{PAIRING}")
    page.get_by_role("button", name="Pair this browser").click()
    return Till(page)


def until(page: Page, true: str) -> None:
    """Waits for it frame by frame; Playwright's own way needs `eval`, which the till's policy forbids."""
    page.evaluate(
        f"new Promise(done => {{ const look = () => {true} ? done() : requestAnimationFrame(look); look(); }})"
    )


def test_a_card_before_the_camera_takes_four_taps(counter: Counter, film: Film) -> None:
    card = counter.card()
    page = film(f"LC{card.code}")
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    till = paired(page)
    till.says("Sophie", "Enter your PIN")
    till.enter(PIN)
    till.says("1 of 10", "Stamped!")
    assert counter.stamps() == 1
    has_own = page.evaluate(
        "'BarcodeDetector' in self && BarcodeDetector.getSupportedFormats().then(all => all.includes('qr_code'))"
    )
    assert has_own is not any(url.endswith(READER) for url in fetched)


def test_the_camera_is_asked_for_once_and_rests_while_the_pin_is_typed(counter: Counter, film: Film) -> None:
    card = counter.card()
    page = film(f"LC{card.code}")
    page.add_init_script(COUNTED)
    till = paired(page)
    till.says("Enter your PIN")
    assert page.evaluate("streams.map(stream => stream.getVideoTracks()[0].enabled)") == [False]
    till.press("Cancel")
    till.is_idle()
    expect(page.locator("[data-camera=on] video")).to_be_visible()
    assert page.evaluate("streams.map(stream => stream.getVideoTracks()[0].enabled)") == [True]


def test_a_camera_that_ended_is_started_again(counter: Counter, film: Film) -> None:
    page = film("nobody's code")
    page.add_init_script(COUNTED)
    till = paired(page)
    till.says("not one of your cards")
    till.press("Scan again")
    expect(page.locator("[data-camera=on] video")).to_be_visible()
    # `stop()` says nothing to the page, as an unplugged camera does.
    page.evaluate("streams[0].getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    until(page, "streams.length === 2")
    expect(page.locator("[data-camera=on] video")).to_be_visible()


def test_a_code_that_stays_before_the_camera_is_not_read_over_and_over(counter: Counter, film: Film) -> None:
    page = film("nobody's code")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/codes" in request.url else None)
    till = paired(page)
    till.says("not one of your cards")
    till.press("Scan again")
    expect(page.locator("[data-camera=on] video")).to_be_visible()
    till.search("so")
    seen = page.evaluate("document.querySelector('[data-camera=on] video').currentTime")
    until(page, f"document.querySelector('[data-camera=on] video').currentTime > {seen + 1}")
    assert len(asked) == 1


def test_a_camera_that_may_not_be_used_is_explained(counter: Counter) -> None:
    page = counter.visit(counter.portal)
    page.add_init_script(REFUSED)
    till = paired(page)
    till.says("The camera may not be used", "A hand scanner and the search work without it")
    counter.card()
    till.find("so", "Sophie")
    till.press("Cancel")
    till.is_idle()
    till.says("The camera may not be used")
    assert page.evaluate("window.asked") == 1
    till.press("Tap to start the camera")
    until(page, "window.asked === 2")


def test_without_a_camera_the_hand_scanner_is_named(counter: Counter) -> None:
    page = counter.visit(counter.portal)
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotFoundError'); }"
    )
    till = paired(page)
    expect(till.main.get_by_text("Scan the card with the hand scanner")).to_be_visible()
    expect(till.main.get_by_role("button", name="Tap to start the camera")).to_be_hidden()
