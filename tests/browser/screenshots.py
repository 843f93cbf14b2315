"""`make screenshots`: every main page in four languages, light and dark, on a tablet and on a phone.

Drawn from the demo's shop with a clock that stands still, so that two runs differ by what was changed.
Words given behind the command limit it to the pages whose names begin with one of them.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

from flask_migrate import upgrade
from flask_security.utils import hash_password
from playwright.sync_api import Browser, BrowserContext, StorageState, sync_playwright

from loyalty_portal import demo
from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db, transaction
from loyalty_portal.enums import LANGUAGES, Source
from loyalty_portal.schemas.cards import CardHit, Enrolment
from loyalty_portal.schemas.counter import Origin, Receipt, StampCommand
from loyalty_portal.services import Secrets, Services, build_services
from loyalty_portal.settings import load_settings
from loyalty_portal.web.current import EXTENSION
from tests.browser.served import FLAGS, Served, chromium, served
from tests.shops import built

FOLDER = Path(__file__).parents[2] / "screenshots"
NOON = datetime(2026, 11, 19, 13, 40, tzinfo=UTC)
SIZES = {"tablet": (1280, 800), "phone": (430, 932)}


@dataclass(frozen=True)
class Page:
    """What is drawn: a name for its file, who looks, and where."""

    name: str
    who: str
    address: str


def main(wanted: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, _portal(Path(folder)) as portal, sync_playwright() as playwright:
        pages = [page for page in _pages(portal) if page.name.startswith(tuple(wanted or [""]))]
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        people = {"owner": _signed_in(browser, portal, demo.OWNER_EMAIL, demo.OWNER_PASSWORD)}
        people |= {"admin": _signed_in(browser, portal, demo.ADMIN_EMAIL, demo.ADMIN_PASSWORD)}
        people |= {"till": _paired(browser, portal), "anyone": StorageState(cookies=[], origins=[])}
        for language, scheme, size in product(LANGUAGES, ("light", "dark"), SIZES):
            _draw(browser, portal, pages, people, (language, scheme, size))
            print(f"{language} {scheme} {size}: {len(pages)} pages")
        browser.close()
    print(FOLDER)


@contextmanager
def _portal(folder: Path) -> Iterator[Served]:
    url, clock = f"sqlite:///{folder}/portal.db", FrozenClock(NOON)
    with built(url, clock).app_context():
        upgrade()
        _fill(clock)
        db.engine.dispose()
    with served(url, clock, folder) as portal:
        yield portal


def _fill(clock: FrozenClock) -> None:
    settings = load_settings()
    services = build_services(db.session, clock, Secrets(settings.SECRET_KEY, settings.peppers, settings.BCRYPT_COST))
    passwords = {
        demo.OWNER_EMAIL: hash_password(demo.OWNER_PASSWORD),
        demo.ADMIN_EMAIL: hash_password(demo.ADMIN_PASSWORD),
    }
    demo.build_demo(services, clock, NOON, passwords, lambda _done: None)


def _pages(portal: Served) -> list[Page]:
    """The pages, with the cards that they need: one that waits, one that is full, one that was just stamped."""
    services: Services = portal.app.extensions[EXTENSION].services
    with portal.app.app_context():
        vendor = services.vendor_service.by_slug(demo.SLUG)
        program = services.program_service.live(vendor.id)
        assert program is not None
        found = services.card_service.page(vendor.id, limit=100)[0]
        origin = Origin(vendor_id=vendor.id, time_zone=vendor.time_zone, source=Source.COUNTER, source_id=1)
        quiet = [hit for hit in found if hit.last_visit_at and hit.last_visit_at < NOON - timedelta(hours=20)]
        waiting = next(hit for hit in quiet if hit.stamps_shown == 6 and not hit.rewards_ready)
        full = next(hit for hit in quiet if hit.rewards_ready == 1 and hit.stamps_shown == 10)
        stamped = next(hit for hit in quiet if hit.stamps_shown == 4)
        spent = next(hit for hit in quiet if hit.stamps_shown == 2)
        with transaction():
            new, link_id = services.enrolment_service.enrol(
                origin, Enrolment(first_name="Sophie", email="sophie@example.com", locale="en")
            )
            answer = services.stamp_service.earn(origin, stamped.code, StampCommand())
            services.stamp_service.earn(origin, spent.code, StampCommand(quantity=3))
            reward = services.stamp_service.earn(origin, _almost(quiet).code, StampCommand())
        assert isinstance(answer, Receipt)
        assert isinstance(reward, Receipt)
        assert link_id is not None
        view = services.enrolment_service.link(link_id)
        assert view is not None
        confirm = services.enrolment_service.link_token(link_id, view.nonce)

        def link(hit: CardHit) -> str:
            return f"/c/{services.card_service.get(vendor.id, vendor.time_zone, hit.id).link_token}"

        return [
            Page("public-landing", "anyone", "/"),
            Page("public-sign-in", "anyone", "/sign-in"),
            Page("public-join", "anyone", f"/join/{demo.SLUG}"),
            Page("public-joined", "anyone", f"/c/{new.link_token}?new=1&mailed=1"),
            Page("public-card", "anyone", link(waiting)),
            Page("public-card-full", "anyone", link(full)),
            Page("public-confirm", "anyone", f"/confirm/{confirm}"),
            Page("public-expired", "anyone", "/confirm/0.0"),
            Page("till-pairing", "anyone", "/counter/pair"),
            Page("till-idle", "till", "/counter/"),
            Page("till-pin", "till", f"/counter/cards/{waiting.code}"),
            Page("till-success", "till", f"/counter/entries/{answer.transaction.id}"),
            Page("till-success-full", "till", f"/counter/entries/{reward.transaction.id}"),
            Page("till-refusal", "till", f"/counter/cards/{spent.code}"),
            Page("till-reward", "till", f"/counter/cards/{full.code}"),
            Page("till-unknown", "till", "/counter/codes?code=K7Q2M9XW"),
            Page("till-new", "till", "/counter/cards/new"),
            Page("till-history", "till", "/counter/history"),
            Page("owner-dashboard", "owner", "/vendor/"),
            Page("owner-program", "owner", "/vendor/program"),
            Page("owner-cards", "owner", "/vendor/cards"),
            Page("owner-card", "owner", f"/vendor/cards/{waiting.id}"),
            Page("owner-staff", "owner", "/vendor/staff"),
            Page("owner-tills", "owner", "/vendor/tills"),
            Page("owner-poster", "owner", "/vendor/poster"),
            Page("owner-account", "owner", "/vendor/account"),
            Page("admin-vendors", "admin", "/admin/vendors"),
            Page("admin-vendor", "admin", f"/admin/vendors/{vendor.id}"),
            Page("admin-programs", "admin", "/admin/programs"),
            Page("admin-program", "admin", f"/admin/programs/{program.id}"),
        ]


def _almost(hits: list[CardHit]) -> CardHit:
    """A card that the next stamp fills."""
    return next(hit for hit in hits if hit.stamps_shown == 9)


def _signed_in(browser: Browser, portal: Served, email: str, password: str) -> StorageState:
    with _context(browser) as context:
        page = context.new_page()
        page.goto(f"{portal.base}/sign-in")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", level=1).wait_for()
        return context.storage_state()


def _paired(browser: Browser, portal: Served) -> StorageState:
    with _context(browser) as context:
        page = context.new_page()
        page.goto(f"{portal.base}/counter/pair/{demo.PAIRING_CODE}")
        page.get_by_role("button", name="Pair this browser").click()
        page.get_by_role("searchbox").wait_for()
        return context.storage_state()


@contextmanager
def _context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en")
    yield context
    context.close()


def _draw(
    browser: Browser, portal: Served, pages: list[Page], people: dict[str, StorageState], how: tuple[str, str, str]
) -> None:
    language, scheme, size = how
    width, height = SIZES[size]
    folder = FOLDER / f"{language}-{scheme}-{size}"
    folder.mkdir(parents=True, exist_ok=True)
    for who in sorted({page.who for page in pages}):
        context = browser.new_context(
            storage_state=people[who],
            locale=language,
            color_scheme="dark" if scheme == "dark" else "light",
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
        )
        window = context.new_page()
        for page in pages:
            if page.who == who:
                window.goto(portal.base + page.address)
                window.screenshot(path=folder / f"{page.name}.png", full_page=True)
        context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
