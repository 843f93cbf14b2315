"""A program with many passes changes its colour: Google is told of each, at its pace, and the till doesn't notice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from loyalty_portal import jobs
from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import transaction
from loyalty_portal.gateways.google_wallet import GoogleWallet, Pace, read_credentials
from loyalty_portal.schemas.programs import ProgramUpdate
from loyalty_portal.services import Services
from loyalty_portal.web.current import EXTENSION
from tests.desk import Desk, desk_of
from tests.google_server import ISSUER, Google, google_server, service_key
from tests.shops import open_shop

__all__ = ["google_server", "service_key"]
PASSES = 1000


class Second:
    """A stopwatch that moves only when somebody waits."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
def second() -> Second:
    return Second()


@pytest.fixture
def app(make_app: Callable[..., Flask], google_server: Google, tmp_path: Path, second: Second) -> Flask:
    app = make_app(**google_server.settings(tmp_path))
    wallet = GoogleWallet(
        ISSUER,
        read_credentials(tmp_path / "google.json"),
        api_url=google_server.url,
        pace=Pace(20, second.now, second.wait),
    )
    app.extensions[EXTENSION].services.google_wallet_service._gateway = wallet
    return app


@pytest.fixture
def desk(app: Flask) -> Desk:
    return desk_of(open_shop(app, cooldown_minutes=0))


def test_many_passes_change_their_colour_at_googles_pace(
    app: Flask, desk: Desk, google_server: Google, clock: FrozenClock, second: Second
) -> None:
    services: Services = app.extensions[EXTENSION].services
    cards = [desk.enrol() for _ in range(PASSES)]
    with app.app_context(), transaction():
        for card in cards:
            services.google_wallet_service.offer(desk.vendor_id, card.id)
    jobs.sweep_passes(app, services)
    assert len(google_server.objects) == PASSES
    clock.move(minutes=5)
    desk.write(lambda s: s.program_service.update(desk.vendor_id, ProgramUpdate(card_color="#5B2352")))
    calls, began = len(google_server.seen), second.at
    # The till goes on meanwhile: its stamp waits for none of this.
    desk.stamp(cards[0].code)
    jobs.sweep_passes(app, services)
    took, told = second.at - began, len(google_server.seen) - calls
    assert PASSES + 1 <= told <= PASSES + 3, "one call a pass, and one for the class"
    assert (told - 1) / 20 <= took <= told / 20 * 1.05
    heroes = {one["heroImage"]["sourceUri"]["uri"] for one in google_server.objects.values()}
    assert all("5B2352" in hero for hero in heroes)
    assert google_server.calls["PATCH loyaltyClass"] == 1
