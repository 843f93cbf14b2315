"""Passes behind their cards are brought to the present: once a burst, again after failures, whatever crashed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from flask import Flask

from loyalty_portal import jobs
from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db, is_writing, transaction
from loyalty_portal.enums import PassHealth, PassPlatform, PassState
from loyalty_portal.schemas.programs import ProgramUpdate
from loyalty_portal.schemas.wallets import Brought, PassClaim
from loyalty_portal.services.wallet_service import LEASE, PAUSES, QUIET
from loyalty_portal.web.current import EXTENSION
from tests.desk import Desk, desk_of
from tests.shops import open_shop


@dataclass
class Wall:
    """A wallet that hangs on a wall: what it shows of each card, and the errors that it answers next."""

    desk: Desk
    is_on: bool = True
    platform: PassPlatform = PassPlatform.APPLE
    shown: dict[int, int] = field(default_factory=dict)
    updates: int = 0
    errors: list[Brought] = field(default_factory=list)
    died: bool = False
    arrived: Event = field(default_factory=Event)

    def prepare(self, claim: PassClaim) -> int:
        card = self.desk.services.card_service.get(claim.vendor_id, "Europe/Luxembourg", claim.card_id)
        return card.stamp_count

    def bring(self, claim: PassClaim, prepared: int) -> Brought:
        assert not is_writing() and not db.session().in_transaction()
        if self.died:
            raise SystemExit
        if self.errors:
            return self.errors.pop(0)
        self.shown[claim.card_id] = prepared
        self.updates += 1
        self.arrived.set()
        return Brought()

    def settle(self, claim: PassClaim, brought: Brought) -> None:
        assert is_writing()


@pytest.fixture
def desk(app: Flask) -> Desk:
    return desk_of(open_shop(app, cooldown_minutes=0, max_daily_stamps=100))


@pytest.fixture
def wall(desk: Desk) -> Wall:
    made = Wall(desk)
    desk.services.wallet_service.register(made)
    return made


def with_pass(desk: Desk) -> Any:
    card = desk.enrol()
    desk.write(lambda s: s.wallet_service.offer(desk.vendor_id, card.id, PassPlatform.APPLE))
    sweep(desk)
    return card


def sweep(desk: Desk) -> None:
    jobs.sweep_passes(desk.shop.app, desk.services)


def health(desk: Desk, card_id: int) -> list[PassHealth]:
    return [one.health for one in desk.read(lambda s: s.wallet_service.of_card(desk.vendor_id, card_id))]


def tag(desk: Desk, card_id: int) -> Any:
    return desk.row("SELECT change_tag, changed_at FROM wallet_passes WHERE card_id = :card", card=card_id)


def test_a_lone_stamp_reaches_the_wallet_at_once(desk: Desk, wall: Wall, clock: FrozenClock) -> None:
    card = with_pass(desk)
    clock.move(minutes=5)
    desk.stamp(card.code)
    assert wall.shown[card.id] == 1 and health(desk, card.id) == [PassHealth.CURRENT]


def test_ten_stamps_in_a_minute_are_a_few_updates_and_the_last_is_true(
    desk: Desk, wall: Wall, clock: FrozenClock
) -> None:
    card = with_pass(desk)
    clock.move(minutes=5)
    wall.updates = 0
    for second in range(60):
        if second % 6 == 0:
            desk.stamp(card.code)
        if second % 30 == 17:
            sweep(desk)
        clock.move(seconds=1)
    assert health(desk, card.id) == [PassHealth.WAITING]
    clock.move(seconds=30)
    sweep(desk)
    assert wall.shown[card.id] == 10 and 1 <= wall.updates <= 3
    assert health(desk, card.id) == [PassHealth.CURRENT]


def test_a_card_without_a_pass_asks_no_worker(desk: Desk, wall: Wall) -> None:
    desk.stamp(desk.enrol().code)
    assert wall.updates == 0


def test_failures_are_tried_again_with_growing_pauses(desk: Desk, wall: Wall, clock: FrozenClock) -> None:
    card = with_pass(desk)
    clock.move(minutes=5)
    wall.errors = [Brought(error="unreachable")] * (len(PAUSES) + 1)
    desk.stamp(card.code)
    assert health(desk, card.id) == [PassHealth.FAILING]
    for number, wait in enumerate([*PAUSES, PAUSES[-1]]):
        left = len(PAUSES) - number
        clock.set(clock.now() + wait - timedelta(seconds=1))
        sweep(desk)
        assert len(wall.errors) == left, "too early"
        clock.move(seconds=1)
        sweep(desk)
    assert wall.shown[card.id] == 1 and health(desk, card.id) == [PassHealth.CURRENT]


def test_a_wallet_that_asks_for_time_gets_it(desk: Desk, wall: Wall, clock: FrozenClock) -> None:
    card = with_pass(desk)
    clock.move(minutes=5)
    wall.errors = [Brought(error="busy", wait=timedelta(hours=2))]
    desk.stamp(card.code)
    clock.move(minutes=119)
    sweep(desk)
    assert wall.shown[card.id] == 0
    clock.move(minutes=1)
    sweep(desk)
    assert wall.shown[card.id] == 1


def test_what_a_worker_that_died_had_claimed_is_brought_later(desk: Desk, wall: Wall, clock: FrozenClock) -> None:
    card = with_pass(desk)
    clock.move(minutes=5)
    wall.died = True
    with pytest.raises(SystemExit):
        desk.stamp(card.code)
    wall.died = False
    sweep(desk)
    assert wall.shown[card.id] == 0
    clock.set(clock.now() + LEASE)
    sweep(desk)
    assert wall.shown[card.id] == 1


def test_a_stamp_during_an_update_is_not_lost(desk: Desk, wall: Wall, clock: FrozenClock) -> None:
    card = with_pass(desk)
    clock.move(minutes=5)
    wallets = desk.services.wallet_service
    wall.is_on = False
    desk.stamp(card.code)
    wall.is_on = True
    (claim,) = desk.write(lambda s: s.wallet_service.claim())
    wall.is_on = False
    desk.stamp(card.code)
    wall.is_on = True
    desk.write(lambda s: wallets.record(claim, Brought()))
    assert health(desk, card.id) == [PassHealth.WAITING]
    clock.set(clock.now() + QUIET)
    sweep(desk)
    assert wall.shown[card.id] == 2


def test_only_the_latest_claim_of_a_pass_is_recorded(desk: Desk, wall: Wall, clock: FrozenClock) -> None:
    card = with_pass(desk)
    clock.move(minutes=5)
    wall.is_on = False
    desk.stamp(card.code)
    wall.is_on = True
    (slow,) = desk.write(lambda s: s.wallet_service.claim())
    assert desk.write(lambda s: s.wallet_service.claim()) == []
    clock.set(clock.now() + LEASE)
    (quick,) = desk.write(lambda s: s.wallet_service.claim())
    desk.write(lambda s: s.wallet_service.record(quick, Brought()))
    desk.write(lambda s: s.wallet_service.record(slow, Brought(error="timeout")))
    assert health(desk, card.id) == [PassHealth.CURRENT]


def test_tags_and_seconds_grow_with_every_change(desk: Desk, wall: Wall) -> None:
    first, second = with_pass(desk), with_pass(desk)
    before = tag(desk, first.id), tag(desk, second.id)
    assert before[0].change_tag < before[1].change_tag
    desk.write(lambda s: s.wallet_service.send_again(desk.vendor_id, first.id))
    sweep(desk)
    after = tag(desk, first.id)
    assert after.change_tag > before[1].change_tag
    # The clock stands still, and yet a phone that compares seconds sees a change.
    assert str(after.changed_at) > str(before[0].changed_at)


def test_a_new_design_reaches_every_pass(desk: Desk, wall: Wall, clock: FrozenClock) -> None:
    made = [with_pass(desk) for _ in range(25)]
    clock.move(minutes=5)
    wall.updates = 0
    desk.write(lambda s: s.program_service.update(desk.vendor_id, ProgramUpdate(card_color="#123456")))
    assert {one for card in made for one in health(desk, card.id)} == {PassHealth.WAITING}
    sweep(desk)
    assert wall.updates == 25
    assert {one for card in made for one in health(desk, card.id)} == {PassHealth.CURRENT}


def test_a_removed_pass_rests_until_it_is_offered_again(desk: Desk, wall: Wall, clock: FrozenClock) -> None:
    card = with_pass(desk)
    clock.move(minutes=5)
    number = desk.read(lambda s: s.wallet_service.of_card(desk.vendor_id, card.id))[0].id
    desk.write(lambda s: s.wallet_service.mark(number, PassState.REMOVED))
    desk.stamp(card.code)
    sweep(desk)
    assert wall.shown[card.id] == 0 and health(desk, card.id) == [PassHealth.REMOVED]
    again = desk.write(lambda s: s.wallet_service.offer(desk.vendor_id, card.id, PassPlatform.APPLE))
    sweep(desk)
    assert again == number and wall.shown[card.id] == 1


def test_the_admin_sees_how_passes_stand(desk: Desk, wall: Wall, clock: FrozenClock) -> None:
    with_pass(desk)
    failing = with_pass(desk)
    clock.move(minutes=5)
    wall.errors = [Brought(error="forbidden")]
    desk.stamp(failing.code)
    since = clock.now()
    clock.move(seconds=2)
    apple, google = desk.read(lambda s: s.wallet_service.totals())
    assert (apple.current, apple.failing, apple.failures) == (1, 1, {"forbidden": 1})
    assert apple.oldest_waiting_at == since and apple.p95_delay_ms is not None
    assert google.current == 0 and google.oldest_waiting_at is None
    desk.write(lambda s: s.wallet_service.retry_failing())
    sweep(desk)
    assert wall.shown[failing.id] == 1


def test_the_worker_sweeps_beside_its_queue(desk: Desk, wall: Wall, clock: FrozenClock) -> None:
    card = with_pass(desk)
    clock.move(minutes=5)
    wall.is_on = False
    desk.stamp(card.code)
    wall.is_on = True
    wall.arrived.clear()
    app = desk.shop.app
    with jobs.sweeping(app, app.extensions[EXTENSION].services, seconds=0.01):
        assert wall.arrived.wait(10)
    assert wall.shown[card.id] == 1 and health(desk, card.id) == [PassHealth.CURRENT]


def test_another_shops_card_has_no_pass_here(desk: Desk, wall: Wall) -> None:
    card = with_pass(desk)
    assert desk.read(lambda s: s.wallet_service.of_card(desk.vendor_id + 1, card.id)) == []
    with desk.shop.app.app_context(), transaction():
        desk.services.wallet_service.send_again(desk.vendor_id + 1, card.id)
    assert health(desk, card.id) == [PassHealth.CURRENT]
