"""A real browser before a real server, on each database. What a page does wrong on the way fails the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask_security.utils import hash_password
from playwright.sync_api import Browser, Page, sync_playwright

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import transaction
from loyalty_portal.schemas.vendors import VendorCreate
from loyalty_portal.services import Services
from loyalty_portal.web.current import EXTENSION
from tests.browser.served import FLAGS, Served, chromium, served
from tests.browser.watch import Watch
from tests.shops import OWNER, PASSWORD, Databases

TABLET = {"width": 1280, "height": 800}
PHONE = {"width": 430, "height": 932}
Visit = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # One worker runs them all: two browsers and two servers on two cores only wait for each other.
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = chromium()
    if found is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("no Chromium was found, and REQUIRE_BROWSER wants one")
        pytest.skip("no Chromium was found")
    # Playwright's event loop runs in this thread as long as it is open: other modules' tests want none there.
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=found, args=FLAGS) as browser:
        yield browser


@pytest.fixture
def serve(databases: Databases, engine: str, clock: FrozenClock, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Starts a portal on a database of its own; `serve(**settings)`."""
    with ExitStack() as open_servers:

        def start(**given: Any) -> Served:
            return open_servers.enter_context(served(databases.copy(engine), clock, tmp_path, **given))

        yield start


@pytest.fixture
def portal(serve: Callable[..., Served]) -> Served:
    """A portal with a vendor whose owner can sign in, and nothing else yet."""
    portal = serve()
    services: Services = portal.app.extensions[EXTENSION].services
    with portal.app.app_context():
        hashed = hash_password(PASSWORD)
        with transaction():
            _, owner = services.vendor_service.create(
                VendorCreate(name="Kaffi Haus", owner_email=OWNER, owner_name="Anne", locale="en")
            )
            assert owner is not None
            services.vendor_service.set_password_hash(owner.id, hashed)
    return portal


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    yield watch
    assert watch.problems == []


@pytest.fixture
def visit(browser: Browser, watch: Watch) -> Iterator[Visit]:
    """Opens a window of its own for somebody: `visit(portal, phone=True, js=False, language="fr")`."""
    with ExitStack() as windows:

        def open_window(portal: Served, *, phone: bool = False, js: bool = True, language: str = "en") -> Page:
            context = windows.enter_context(
                browser.new_context(
                    base_url=portal.base,
                    locale=language,
                    viewport=PHONE if phone else TABLET,
                    has_touch=True,
                    java_script_enabled=js,
                    reduced_motion="reduce",
                )
            )
            context.set_default_timeout(10_000)
            page = context.new_page()
            watch.follow(page)
            return page

        yield open_window
