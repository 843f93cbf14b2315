"""The rules hold when many ask at once: threads and processes on one database, over many rounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from multiprocessing.pool import Pool
from typing import Any

import pytest
from flask import Flask

from loyalty_portal.clock import FrozenClock
from loyalty_portal.schemas.counter import Origin
from tests.crowd import Crowd, Job, processes, rounds
from tests.desk import Desk, desk_of
from tests.shops import Shop, open_shop

TAPS = 50
# One worker at a time: each burst takes dozens of the server's connections.
pytestmark = pytest.mark.xdist_group("crowd")


@pytest.fixture(scope="module")
def others() -> Iterator[Pool]:
    with processes() as found:
        yield found


@pytest.fixture
def crowd(app: Flask, clock: FrozenClock, others: Pool) -> Crowd:
    return Crowd(app, clock, others)


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return desk_of(shop)


def job(desk: Desk, name: str, origin: Origin | None = None, **arguments: Any) -> Job:
    return name, origin or desk.origin(), arguments


def sound(desk: Desk) -> None:
    """Every balance is the sum of its entries and every chain is whole."""
    report = desk.read(lambda s: s.ledger_audit.verify())
    assert report.ok, report.broken


def entries_of(desk: Desk, card_id: int, kind: str) -> int:
    query = "SELECT COUNT(*) FROM loyalty_transactions WHERE card_id = :card AND kind = :kind"
    return int(desk.row(query, card=card_id, kind=kind)[0])


@pytest.mark.parametrize(
    ("cooldown", "visit", "daily", "allowed", "refused"),
    [(15, 1, 5, 1, "cooling_down"), (15, 3, 5, 3, "cooling_down"), (0, 1, 5, 5, "daily_limit")],
)
def test_fifty_taps_give_what_the_rules_allow(
    app: Flask,
    clock: FrozenClock,
    crowd: Crowd,
    cooldown: int,
    visit: int,
    daily: int,
    allowed: int,
    refused: str,
) -> None:
    desk = desk_of(
        open_shop(app, cooldown_minutes=cooldown, max_stamps_per_visit=visit, max_daily_stamps=daily, stamps_target=50)
    )
    card = desk.enrol()
    for number in range(1, rounds(4) + 1):
        said = Counter(crowd([job(desk, "earn", code=card.code) for _ in range(TAPS)]))
        kinds = Counter(kind for kind, _ in said.elements())
        assert kinds == {"receipt": allowed, "refusal": TAPS - allowed}
        assert said["refusal", refused] == TAPS - allowed
        assert desk.card(card.id).stamp_count == allowed * number
        clock.move(days=1)
    sound(desk)


def test_one_key_gives_one_stamp_and_one_answer(desk: Desk, clock: FrozenClock, crowd: Crowd) -> None:
    card = desk.enrol()
    for number in range(rounds(4)):
        for taps in (2, 20):
            key = f"{number}-{taps}"
            said = set(crowd([job(desk, "earn", code=card.code, key=key) for _ in range(taps)]))
            assert len(said) == 1
            ((kind, entry_id),) = said
            assert kind == "receipt"
            assert desk.last_entry_id(card.id) == entry_id
            clock.move(days=1)
    assert entries_of(desk, card.id, "stamp_earned") == 2 * rounds(4)
    sound(desk)


def test_one_key_on_two_cards_is_a_conflict_for_one_of_them(desk: Desk, clock: FrozenClock, crowd: Crowd) -> None:
    one, other = desk.enrol(), desk.enrol()
    for number in range(rounds(4)):
        jobs = [job(desk, "earn", code=card.code, key=f"{number}") for card in (one, other) for _ in range(10)]
        said = Counter(crowd(jobs))
        assert said["error", "idempotency_conflict"] == 10
        assert len([kind for kind, _ in said if kind == "receipt"]) == 1
        clock.move(days=1)
    stamps = [entries_of(desk, card.id, "stamp_earned") for card in (one, other)]
    assert sum(stamps) == rounds(4)
    sound(desk)


def test_a_hundred_wrong_pins_are_evaluated_five_times(desk: Desk, clock: FrozenClock, crowd: Crowd) -> None:
    desk.add_staff("Luca", "2580")
    for level in range(1, rounds(2) + 1):
        said = Counter(crowd([job(desk, "pin", pin=f"{3000 + number}") for number in range(100)]))
        assert said["error", "pin_rejected"] == 5
        assert said["error", "pin_rejected"] + said["error", "pin_locked"] + said["error", "rate_limited"] == 100
        guard = desk.row(
            "SELECT pin_tries, pin_wrong, pin_lock_level FROM counter_devices WHERE id = :id", id=desk.till_id
        )
        assert tuple(guard) == (0, 0, min(level, 6))
        # The right one isn't looked at either.
        assert crowd([job(desk, "pin", pin="2580")]) == [("error", "pin_locked")]
        until = desk.read(lambda s: s.device_service.till(desk.vendor_id, desk.till_id)).pin_locked_until
        assert until is not None
        clock.set(until)
    assert crowd([job(desk, "pin", pin="2580")])[0][0] == "done"


def test_right_pins_at_once_lock_nobody_out(desk: Desk, crowd: Crowd) -> None:
    desk.add_staff("Luca", "2580")
    for _ in range(rounds(2)):
        said = Counter(kind for kind, _ in crowd([job(desk, "pin", pin="2580") for _ in range(40)]))
        assert said["done"] >= 5
    guard = desk.row("SELECT pin_tries, pin_wrong, pin_lock_level FROM counter_devices WHERE id = :id", id=desk.till_id)
    assert tuple(guard) == (0, 0, 0)


def test_one_reward_is_given_once(app: Flask, clock: FrozenClock, crowd: Crowd) -> None:
    desk = desk_of(open_shop(app, stamps_target=2))
    card = desk.enrol()
    for _ in range(rounds(4)):
        desk.stamp(card.code, 3)
        ready = desk.card(card.id).rewards_ready
        said = Counter(kind for kind, _ in crowd([job(desk, "redeem", code=card.code) for _ in range(30)]))
        assert said == {"receipt": ready, "refusal": 30 - ready}
        clock.move(days=1)
    assert desk.card(card.id).stamp_count == (3 * rounds(4)) % 2
    sound(desk)


def test_stamps_and_rewards_at_once_add_up(app: Flask, clock: FrozenClock, crowd: Crowd) -> None:
    desk = desk_of(open_shop(app, stamps_target=3, cooldown_minutes=0, max_daily_stamps=20))
    card = desk.enrol()
    for _ in range(rounds(3)):
        names = ["earn", "redeem"] * 20
        said = crowd([job(desk, name, code=card.code) for name in names])
        assert {kind for kind, _ in said} <= {"receipt", "refusal"}
        clock.move(days=1)
    seen = desk.card(card.id)
    assert seen.total_stamps_earned == 20 * rounds(3)
    assert seen.stamp_count == seen.total_stamps_earned - seen.stamps_redeemed
    sound(desk)


def test_two_merges_at_once_move_the_stamps_once(desk: Desk, clock: FrozenClock, crowd: Crowd) -> None:
    for _ in range(rounds(4)):
        one, other = desk.enrol(), desk.enrol()
        desk.stamp(one.code, 2)
        desk.stamp(other.code, 3)
        # Both ways at once: whoever comes second finds one of them closed.
        jobs = [
            job(desk, "merge", from_id=first, into_id=second)
            for first, second in [(one.id, other.id), (other.id, one.id)] * 5
        ]
        said = crowd(jobs)
        assert {kind for kind, _ in said} == {"done"}
        cards = [desk.card(one.id), desk.card(other.id)]
        assert sorted(card.stamp_count for card in cards) == [0, 5]
        assert sorted(card.is_closed for card in cards) == [False, True]
        clock.move(days=1)
    sound(desk)


def test_one_key_makes_one_card(desk: Desk, crowd: Crowd) -> None:
    for number in range(rounds(4)):
        before = desk.row("SELECT COUNT(*) FROM loyalty_cards")[0]
        said = set(crowd([job(desk, "enrol", key=f"join {number}", first_name="Zoé") for _ in range(12)]))
        assert len(said) == 1 and next(iter(said))[0] == "done"
        assert desk.row("SELECT COUNT(*) FROM loyalty_cards")[0] == before + 1
    assert desk.row("SELECT COUNT(*) FROM customers")[0] == rounds(4)
    sound(desk)


def test_one_address_proven_on_two_cards_at_once_leaves_one(desk: Desk, clock: FrozenClock, crowd: Crowd) -> None:
    for number in range(rounds(4)):
        address = f"zoe{number}@example.com"
        cards = [desk.enrol(email=address) for _ in range(3)]
        for card in cards:
            desk.stamp(card.code)
        links = desk.shop.rows("SELECT id, nonce FROM contact_links WHERE email = :email", email=address)
        service = desk.services.enrolment_service
        said = crowd([job(desk, "open_link", token=service.link_token(link.id, link.nonce)) for link in links])
        assert {kind for kind, _ in said} == {"done"}
        after = [desk.card(card.id) for card in cards]
        assert sorted(card.stamp_count for card in after) == [0, 0, 3]
        (left,) = (card for card in after if not card.is_closed)
        assert {token for _, token in said} == {left.link_token}
        clock.move(days=1)
    sound(desk)


def test_a_link_opened_many_times_at_once_works_once(desk: Desk, crowd: Crowd) -> None:
    for number in range(rounds(2)):
        desk.enrol(email=f"zoe{number}@example.com")
        link = desk.row("SELECT id, nonce FROM contact_links ORDER BY id DESC")
        token = desk.services.enrolment_service.link_token(link.id, link.nonce)
        said = Counter(kind for kind, _ in crowd([job(desk, "open_link", token=token) for _ in range(10)]))
        assert said == {"done": 1, "error": 9}


def test_many_cards_at_once_wait_and_do_not_fail(desk: Desk, clock: FrozenClock, crowd: Crowd) -> None:
    """No honest request hears that the database is locked."""
    cards = [desk.enrol() for _ in range(20)]
    for _ in range(rounds(2)):
        said = Counter(kind for kind, _ in crowd([job(desk, "earn", code=card.code) for card in cards * 3]))
        assert said == {"receipt": 60}
        clock.move(days=1)
    sound(desk)
