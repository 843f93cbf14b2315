"""The customer's pages on a cheap phone: light over the wire, no script, no font of their own, nothing cut off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.people import Customer
from tests.browser.served import Served
from tests.shops import open_shop

MOST_BYTES = 60 * 1024
SMALLEST_QR = 132
JOIN = "/join/kaffi-haus"


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def portal(serve: Callable[..., Served]) -> Served:
    portal = serve()
    open_shop(portal.app)
    return portal


def test_the_first_view_is_light_and_needs_nothing(portal: Served, visit: Visit) -> None:
    page = visit(portal, phone=True)
    kinds: list[str] = []
    page.on("request", lambda request: kinds.append(request.resource_type))
    assert weight(page, JOIN) <= MOST_BYTES
    assert not {"font", "script", "fetch", "xhr"} & set(kinds), kinds


@pytest.mark.parametrize("js", [True, False], ids=["js", "no-js"])
def test_the_card_can_be_scanned_and_read(portal: Served, visit: Visit, js: bool) -> None:
    page = visit(portal, phone=True, js=js)
    code = Customer(page).join(JOIN, "Sophie")
    main = page.get_by_role("main")
    expect(main).to_contain_text("0 of 10")
    box = page.get_by_role("img", name="QR code of your card").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= SMALLEST_QR
    assert len(code) == 9
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def weight(page: Page, address: str) -> float:
    """The bytes that came over the wire for a first view, headers too."""
    network = page.context.new_cdp_session(page)
    sizes: list[float] = []
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    assert len(sizes) >= 5
    return sum(sizes)
