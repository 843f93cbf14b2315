"""From the ledger to other people's servers: what is sent, signed, tried again, given up, and never lost or doubled."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db, transaction
from loyalty_portal.enums import EventType, Source
from loyalty_portal.errors import Invalid, NotFound
from loyalty_portal.gateways.webhooks import WebhookAnswer, WebhookGateway
from loyalty_portal.schemas.cards import Enrolment
from loyalty_portal.schemas.counter import Origin, StampCommand
from loyalty_portal.schemas.webhooks import OFFERED, WebhookCommand
from loyalty_portal.services import webhook_outbox
from loyalty_portal.services.vault import Vault
from loyalty_portal.services.webhook_outbox import PAUSES, Horizon, moved_floors
from loyalty_portal.web.current import EXTENSION
from tests.receivers import MakeApp, Receiver, answers, cuts, is_silent_until, make_app, receiver
from tests.shops import Postbox, Shop, open_shop

__all__ = ["make_app", "receiver"]
DOCS = Path(__file__).parents[2] / "docs" / "webhooks.md"


def enrol(shop: Shop, **person: Any) -> str:
    with shop.app.app_context(), transaction():
        card, _ = shop.services.enrolment_service.enrol(shop.origin, Enrolment(**person))
    return card.code


def hook(shop: Shop, receiver: Receiver, *events: EventType, path: str = "/") -> tuple[int, str]:
    """Adds a webhook; answers its id and secret."""
    command = WebhookCommand(url=f"http://127.0.0.1:{receiver.port}{path}", events=events or OFFERED)
    with shop.app.app_context(), transaction():
        view, secret = shop.services.webhook_service.create(shop.vendor.id, command)
    return view.id, secret


def sweep(app: Flask) -> None:
    app.extensions[EXTENSION].enqueue("sweep_webhooks")


def within(shop: Shop, action: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """One transaction, as the worker has them."""
    with shop.app.app_context(), transaction():
        return action(*args, **kwargs)


def said(receiver: Receiver) -> list[tuple[str, int]]:
    """What arrived: (event, entry)."""
    found = [json.loads(seen.body) for seen in receiver.seen]
    return [(event["type"], event["data"]["transaction"]["id"]) for event in found]


def deliveries(shop: Shop, webhook_id: int) -> list[Any]:
    with shop.app.app_context():
        return shop.services.webhook_service.deliveries(shop.vendor.id, webhook_id)


def wait_for_others(shop: Shop) -> None:
    """Until every transaction that runs on the server now has ended, whoever's it is: the floor waits for them too."""
    if shop.rows("SELECT 1 FROM webhooks") and "postgresql" in shop.app.config["SQLALCHEMY_DATABASE_URI"]:
        mine = int(shop.rows("SELECT pg_current_xact_id()::text AS number")[0].number)
        oldest = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS number"
        for _ in range(3000):
            if int(shop.rows(oldest)[0].number) > mine:
                return
            threading.Event().wait(0.02)
        raise AssertionError("a transaction of somebody else doesn't end")


def documented() -> Callable[..., bool]:
    """The check that docs/webhooks.md shows."""
    [code] = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    return names["is_ours"]  # type: ignore[no-any-return]


# What is sent


def test_an_event_for_each_kind_of_entry(app: Flask, receiver: Receiver) -> None:
    shop = open_shop(app, stamps_target=2)
    hook(shop, receiver)
    code = enrol(shop, first_name="Tom", email="tom@example.com")
    stamp = shop.stamp(code, 3)
    shop.redeem(code)
    shop.undo(shop.stamp(code))
    assert [kind for kind, _ in said(receiver)] == [
        "card.enrolled",
        "stamp.earned",
        "reward.redeemed",
        "stamp.earned",
        "entry.voided",
    ]
    first = receiver.seen[1]
    assert json.loads(first.body) == {
        "id": first.headers["Stempel-Event-Id"],
        "type": "stamp.earned",
        "created_at": "2026-11-16T07:12:00Z",
        "vendor_id": shop.vendor.id,
        "data": {
            "transaction": {
                "id": stamp,
                "card_id": 1,
                "kind": "stamp_earned",
                "stamps_delta": 3,
                "points_delta": 0,
                "stamps_after": 3,
                "points_after": 0,
                "amount_cents": None,
                "source": "counter",
                "voids_id": None,
                "reference": None,
                "reward": None,
                "staff": None,
                "at": "2026-11-16T07:12:00Z",
            },
            "card": {"id": 1, "code": code, "stamp_count": 3, "points_balance": 0},
        },
    }
    assert first.headers["Content-Type"] == "application/json"
    assert first.headers["Stempel-Event"] == "stamp.earned"
    assert not any("Tom" in seen.body or "tom@" in seen.body for seen in receiver.seen)
    assert len({seen.headers["Stempel-Event-Id"] for seen in receiver.seen}) == 5


def test_only_the_events_that_were_ticked_and_only_from_now_on(shop: Shop, receiver: Receiver) -> None:
    code = enrol(shop)
    shop.stamp(code)
    hook(shop, receiver, EventType.ENTRY_VOIDED)
    shop.undo(shop.stamp(code))
    sweep(shop.app)
    assert [kind for kind, _ in said(receiver)] == ["entry.voided"]


def test_what_is_rolled_back_is_not_sent(shop: Shop, receiver: Receiver) -> None:
    code = enrol(shop)
    hook(shop, receiver)
    with shop.app.app_context(), pytest.raises(ZeroDivisionError), transaction():
        shop.services.stamp_service.earn(shop.origin, code, StampCommand())
        raise ZeroDivisionError
    sweep(shop.app)
    assert receiver.seen == []


def test_a_long_list_is_handed_on_in_parts(shop: Shop, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_outbox, "AT_ONCE", 2)
    monkeypatch.setattr(webhook_outbox, "BATCH", 3)
    hook(shop, receiver, EventType.STAMP_EARNED)
    code = enrol(shop)
    with shop.app.app_context(), transaction():
        for _ in range(5):
            shop.services.stamp_service.earn(shop.origin, code, StampCommand())
    assert len(receiver.seen) == 5
    assert len({entry for _, entry in said(receiver)}) == 5


def test_two_webhooks_hear_of_the_same_entry_with_ids_of_their_own(shop: Shop, receiver: Receiver) -> None:
    code = enrol(shop)
    hook(shop, receiver, path="/a")
    hook(shop, receiver, path="/b")
    shop.stamp(code)
    assert sorted(seen.path for seen in receiver.seen) == ["/a", "/b"]
    assert len({seen.headers["Stempel-Event-Id"] for seen in receiver.seen}) == 2


# A shop without webhooks pays nothing


def test_a_shop_without_webhooks_has_neither_a_statement_nor_a_job_more(shop: Shop, receiver: Receiver) -> None:
    code = enrol(shop)
    statements: list[str] = []
    jobs: list[str] = []
    portal = shop.app.extensions[EXTENSION]
    enqueue = portal.enqueue
    portal.enqueue = lambda name, *args: (jobs.append(name), enqueue(name, *args))
    with shop.app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    shop.stamp(code)
    assert jobs == []
    writes = [text for text in statements if not text.startswith("BEGIN")]
    # The locked read asks along; nothing else knows of webhooks.
    assert [index for index, text in enumerate(writes) if "webhook" in text] == [0]
    before = len(writes)
    hook(shop, receiver)
    statements.clear()
    shop.stamp(code)
    assert jobs == ["deliver_webhooks"]
    assert before == 3


def test_a_dead_queue_fails_no_stamp_and_the_sweep_sends(make_app: MakeApp, receiver: Receiver) -> None:
    app = make_app(QUEUE_URL="redis://127.0.0.1:1/0")
    shop = open_shop(app)
    hook(shop, receiver, EventType.STAMP_EARNED)
    entry = shop.stamp(enrol(shop))
    assert receiver.seen == []
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    sweep(make_app(DATABASE_URL=url))
    assert said(receiver) == [("stamp.earned", entry)]


# Signatures


def test_the_documented_check_accepts_ours_and_nothing_else(shop: Shop, receiver: Receiver, clock: FrozenClock) -> None:
    is_ours = documented()
    _, secret = hook(shop, receiver)
    enrol(shop)
    [seen] = receiver.seen
    header, body, now = seen.headers["Stempel-Signature"], seen.body.encode(), clock.now().timestamp()
    assert is_ours(secret, header, body, now)
    assert not is_ours(secret, header, body + b" ", now)
    assert not is_ours(secret + "x", header, body, now)
    assert not is_ours(secret, header, body, now + 301)
    assert not is_ours(secret, header.replace("t=1", "t=2"), body, now + 10**9)


def marks(receiver: Receiver, *secrets: str) -> list[bool]:
    """Whether the last request is signed by each of these, and by nothing else."""
    seen = receiver.seen[-1]
    stamp, *given = seen.headers["Stempel-Signature"].split(",")
    signed = f"{stamp.removeprefix('t=')}.{seen.body}".encode()
    found = [f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" in given for secret in secrets]
    assert len(given) == sum(found)
    return found


def test_both_secrets_sign_for_a_day(shop: Shop, receiver: Receiver, clock: FrozenClock) -> None:
    webhook, old = hook(shop, receiver)
    new = within(shop, shop.services.webhook_service.rotate, shop.vendor.id, webhook)
    code = enrol(shop)
    assert marks(receiver, old, new) == [True, True]
    clock.move(hours=23, minutes=59)
    shop.stamp(code)
    assert marks(receiver, old, new) == [True, True]
    clock.move(minutes=1)
    shop.undo(shop.stamp(code))
    assert marks(receiver, old, new) == [False, True]


def test_the_owner_ends_the_old_secret(shop: Shop, receiver: Receiver) -> None:
    webhook, old = hook(shop, receiver)
    new = within(shop, shop.services.webhook_service.rotate, shop.vendor.id, webhook)
    within(shop, shop.services.webhook_service.end_previous, shop.vendor.id, webhook)
    enrol(shop)
    assert marks(receiver, old, new) == [False, True]


def test_secrets_are_stored_encrypted_and_outlive_a_new_secret_key(make_app: MakeApp, receiver: Receiver) -> None:
    first = make_app(SECRET_KEY="one" * 20)
    shop = open_shop(first)
    _, secret = hook(shop, receiver)
    [row] = shop.rows("SELECT secret FROM webhooks")
    assert secret not in row.secret
    assert len(row.secret) > 60
    with first.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    second = make_app(SECRET_KEY="two" * 20, SECRET_KEY_FALLBACKS="one" * 20, DATABASE_URL=url)
    moved = Shop(second, shop.vendor, shop.program_id)
    code = enrol(moved)
    assert marks(receiver, secret) == [True]
    second.extensions[EXTENSION].enqueue("tidy_webhooks")
    third = make_app(SECRET_KEY="two" * 20, DATABASE_URL=url)
    Shop(third, shop.vendor, shop.program_id).stamp(code)
    assert marks(receiver, secret) == [True]


def test_a_lost_secret_key_is_said_and_nothing_unsigned_is_sent(make_app: MakeApp, receiver: Receiver) -> None:
    first = make_app(SECRET_KEY="one" * 20)
    shop = open_shop(first)
    webhook, _ = hook(shop, receiver)
    with first.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    lost = Shop(make_app(SECRET_KEY="two" * 20, DATABASE_URL=url), shop.vendor, shop.program_id)
    enrol(lost)
    assert receiver.seen == []
    [delivery] = deliveries(lost, webhook)
    assert (delivery.state, delivery.last_error) == ("waiting", "secret_lost")


def test_a_text_closed_for_one_purpose_does_not_open_for_another() -> None:
    closed = Vault(["key"], "one").close("text")
    assert Vault(["key"], "one").open(closed) == "text"
    assert Vault(["key"], "two").open(closed) is None
    assert Vault(["other", "key"], "one").open(closed) == "text"


# Trying again


def test_it_is_tried_again_with_growing_pauses_for_a_day(shop: Shop, receiver: Receiver, clock: FrozenClock) -> None:
    webhook, _ = hook(shop, receiver)
    receiver.otherwise = answers(503, b"later <b>please</b>")
    enrol(shop)
    began = clock.now()
    tried = [timedelta(0)]
    for _ in range(40):
        [delivery] = deliveries(shop, webhook)
        if delivery.next_at is None:
            break
        clock.set(delivery.next_at - timedelta(seconds=1))
        sweep(shop.app)
        assert len(receiver.seen) == len(tried)
        clock.move(seconds=1)
        sweep(shop.app)
        tried.append(clock.now() - began)
        assert len(receiver.seen) == len(tried)
    pauses = [after - before for before, after in pairwise(tried)]
    assert pauses == [*PAUSES, PAUSES[-1], PAUSES[-1], PAUSES[-1], PAUSES[-1]]
    assert timedelta(hours=20) < tried[-1] <= timedelta(days=1)
    [delivery] = deliveries(shop, webhook)
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("failed", len(tried), 503)
    assert delivery.last_answer == "later <b>please</b>"
    assert len({seen.body for seen in receiver.seen}) == 1


def test_a_failure_is_over_when_it_arrives(shop: Shop, receiver: Receiver, clock: FrozenClock) -> None:
    webhook, secret = hook(shop, receiver)
    receiver.plan = [answers(500), cuts, answers(302, Location="/elsewhere")]
    enrol(shop)
    for pause in PAUSES[:3]:
        assert within(shop, shop.services.webhook_service.get, shop.vendor.id, webhook).failing_since is not None
        clock.move(seconds=pause.total_seconds())
        sweep(shop.app)
    [delivery] = deliveries(shop, webhook)
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("delivered", 4, 200)
    assert delivery.delivered_at == clock.now()
    view = within(shop, shop.services.webhook_service.get, shop.vendor.id, webhook)
    assert (view.failure_count, view.failing_since) == (0, None)
    # Each attempt is signed anew: an old one would be refused for its age.
    assert documented()(
        secret, receiver.seen[-1].headers["Stempel-Signature"], receiver.seen[-1].body.encode(), clock.now().timestamp()
    )


def test_one_dead_address_delays_no_other(shop: Shop, receiver: Receiver) -> None:
    command = WebhookCommand(url="http://127.0.0.1:1/", events=OFFERED)
    within(shop, shop.services.webhook_service.create, shop.vendor.id, command)
    hook(shop, receiver, EventType.STAMP_EARNED)
    code = enrol(shop)
    entries = [shop.stamp(code) for _ in range(3)]
    assert [entry for _, entry in said(receiver)] == entries


def test_sent_again_by_hand_with_the_same_id(shop: Shop, receiver: Receiver, clock: FrozenClock) -> None:
    webhook, _ = hook(shop, receiver)
    enrol(shop)
    [delivery] = deliveries(shop, webhook)
    clock.move(days=2)
    within(shop, shop.services.webhook_service.send_again, shop.vendor.id, webhook, delivery.id)
    with pytest.raises(NotFound):
        within(shop, shop.services.webhook_service.send_again, shop.vendor.id, webhook, delivery.id)
    sweep(shop.app)
    assert len(receiver.seen) == 2
    assert receiver.seen[0].body == receiver.seen[1].body
    assert deliveries(shop, webhook)[0].state == "delivered"


def test_three_days_of_failures_switch_it_off_with_a_mail(
    shop: Shop, receiver: Receiver, clock: FrozenClock, postbox: Postbox
) -> None:
    webhook, _ = hook(shop, receiver)
    receiver.otherwise = answers(500)
    code = enrol(shop)
    for _ in range(3):
        clock.move(hours=23, minutes=59)
        shop.stamp(code)
    assert within(shop, shop.services.webhook_service.get, shop.vendor.id, webhook).is_active
    assert postbox.mails == []
    clock.move(minutes=10)
    shop.stamp(code)
    view = within(shop, shop.services.webhook_service.get, shop.vendor.id, webhook)
    assert (view.is_active, view.silenced_at) == (False, clock.now())
    assert {delivery.state for delivery in deliveries(shop, webhook)} == {"failed"}
    [mail] = postbox.mails
    assert mail["To"] == "anne@example.com"
    assert view.url in mail.get_content()
    assert [row.kind for row in shop.rows("SELECT kind FROM security_events")] == ["webhook_silenced"]
    count = len(receiver.seen)
    shop.stamp(code)
    sweep(shop.app)
    assert len(receiver.seen) == count
    # On again: from now on, and nothing of what was missed.
    within(shop, shop.services.webhook_service.switch, shop.vendor.id, webhook, on=True)
    receiver.otherwise = answers(200)
    clock.move(hours=1)
    last = shop.stamp(code)
    sweep(shop.app)
    assert [entry for _, entry in said(receiver)[count:]] == [last]


def test_old_deliveries_are_forgotten_and_not_sent_anew(shop: Shop, receiver: Receiver, clock: FrozenClock) -> None:
    webhook, _ = hook(shop, receiver)
    enrol(shop)
    clock.move(days=29)
    wait_for_others(shop)
    sweep(shop.app)
    shop.app.extensions[EXTENSION].enqueue("tidy_webhooks")
    assert len(deliveries(shop, webhook)) == 1
    clock.move(days=2)
    sweep(shop.app)
    shop.app.extensions[EXTENSION].enqueue("tidy_webhooks")
    assert deliveries(shop, webhook) == []
    sweep(shop.app)
    assert len(receiver.seen) == 1


# Nothing lost, nothing doubled


def test_a_worker_that_dies_while_sending_loses_nothing(shop: Shop, receiver: Receiver, clock: FrozenClock) -> None:
    code = enrol(shop)
    webhook, _ = hook(shop, receiver)
    portal = shop.app.extensions[EXTENSION]
    enqueue, portal.enqueue = portal.enqueue, lambda *_: None
    shop.stamp(code)
    outbox = shop.services.webhook_outbox
    within(shop, outbox.hand_on, shop.vendor.id)
    [claim] = within(shop, outbox.claim, shop.vendor.id)
    # It has sent, and dies before it can say so.
    assert claim.parcel is not None
    portal_gateway = WebhookGateway(allow_private=True)
    assert portal_gateway.send_all([claim.parcel])[0].is_ok
    portal.enqueue = enqueue
    sweep(shop.app)
    assert len(receiver.seen) == 1
    clock.move(minutes=2)
    sweep(shop.app)
    assert len(receiver.seen) == 2
    assert receiver.seen[0].body == receiver.seen[1].body
    [delivery] = deliveries(shop, webhook)
    assert (delivery.state, delivery.attempts) == ("delivered", 2)


WORKER = """
import sys
from datetime import datetime
from loyalty_portal.app import create_app
from loyalty_portal.clock import FrozenClock
from loyalty_portal.gateways import Gateways
from loyalty_portal.gateways.mail import ConsoleMail
from loyalty_portal.gateways.webhooks import WebhookGateway
from loyalty_portal.settings import load_settings
url, instance, at = sys.argv[1:]
settings = load_settings(DATABASE_URL=url, QUEUE_URL="immediate:", INSTANCE_DIR=instance, RATE_LIMITS=False)
gateways = Gateways(mail=ConsoleMail(), webhooks=WebhookGateway(allow_private=True, step_seconds=99, in_all_seconds=99))
app = create_app(settings, clock=FrozenClock(datetime.fromisoformat(at)), gateways=gateways)
app.extensions["loyalty_portal"].enqueue("sweep_webhooks")
"""


def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(
    shop: Shop, receiver: Receiver, clock: FrozenClock, tmp_path: Path
) -> None:
    """A process of its own, ended by SIGKILL while the other side has the event and hasn't answered."""
    code = enrol(shop)
    webhook, _ = hook(shop, receiver)
    portal = shop.app.extensions[EXTENSION]
    enqueue, portal.enqueue = portal.enqueue, lambda *_: None
    entry = shop.stamp(code)
    portal.enqueue = enqueue
    arrived = threading.Event()
    receiver.plan = [lambda request: (arrived.set(), is_silent_until(receiver.opened)(request))]
    with shop.app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    arguments = [sys.executable, "-c", WORKER, url, str(tmp_path), clock.now().isoformat()]
    worker = subprocess.Popen(arguments, cwd=DOCS.parents[1])
    try:
        assert arrived.wait(120)
    finally:
        worker.kill()
        worker.wait()
    sweep(shop.app)
    assert len(receiver.seen) == 1, "it may still be on its way"
    clock.move(minutes=2)
    sweep(shop.app)
    sweep(shop.app)
    assert said(receiver) == [("stamp.earned", entry)] * 2
    assert receiver.seen[0].body == receiver.seen[1].body
    [delivery] = deliveries(shop, webhook)
    assert (delivery.state, delivery.attempts) == ("delivered", 2)


def test_a_late_failure_does_not_undo_what_a_later_attempt_did(
    shop: Shop, receiver: Receiver, clock: FrozenClock
) -> None:
    webhook, _ = hook(shop, receiver)
    receiver.plan = [answers(500)]
    enrol(shop)
    outbox = shop.services.webhook_outbox
    clock.move(seconds=10)
    [slow] = within(shop, outbox.claim, shop.vendor.id)
    clock.move(minutes=2)
    [quick] = within(shop, outbox.claim, shop.vendor.id)
    within(shop, outbox.record, slow, WebhookAnswer(error="timeout"))
    [delivery] = deliveries(shop, webhook)
    assert (delivery.state, delivery.last_status) == ("waiting", 500)
    within(shop, outbox.record, quick, WebhookAnswer(status=200))
    within(shop, outbox.record, slow, WebhookAnswer(error="timeout"))
    assert deliveries(shop, webhook)[0].state == "delivered"


def test_two_workers_never_have_the_same_delivery(shop: Shop, receiver: Receiver, engine: str) -> None:
    hook(shop, receiver)
    shop.app.extensions[EXTENSION].enqueue = lambda *_: None
    code = enrol(shop)
    shop.stamp(code)
    outbox = shop.services.webhook_outbox
    within(shop, outbox.hand_on, shop.vendor.id)
    if engine == "sqlite":
        first = within(shop, outbox.claim, shop.vendor.id)
        second = within(shop, outbox.claim, shop.vendor.id)
    else:
        # The second asks while the first hasn't committed yet, and doesn't wait.
        with shop.app.app_context(), transaction():
            first = outbox.claim(shop.vendor.id)
            second = within(shop, outbox.claim, shop.vendor.id)
    assert (len(first), len(second)) == (2, 0)


@pytest.mark.parametrize("engine", ["postgresql"])
def test_an_entry_that_becomes_visible_after_a_later_one_is_sent(shop: Shop, receiver: Receiver) -> None:
    """PostgreSQL gives ids when rows are written and shows rows when they are committed."""
    early, late = enrol(shop), enrol(shop)
    hook(shop, receiver)

    def floor() -> int:
        return int(shop.rows("SELECT floor_id FROM webhooks")[0].floor_id)

    start = floor()
    with shop.app.app_context(), transaction():
        answer = shop.services.stamp_service.earn(shop.origin, early, StampCommand())
        slow = answer.transaction.id  # type: ignore[union-attr]
        quick = shop.stamp(late)
        assert quick > slow
        for _ in range(3):
            sweep(shop.app)
        assert [entry for _, entry in said(receiver)] == [quick]
        assert floor() == start
    assert [entry for _, entry in said(receiver)] == [quick, slow]
    for _ in range(2):
        wait_for_others(shop)
        sweep(shop.app)
    assert floor() == quick
    assert [entry for _, entry in said(receiver)] == [quick, slow]
    with shop.app.app_context():
        assert shop.services.webhook_outbox.busy_vendors() == []


@pytest.mark.parametrize("engine", ["postgresql"])
def test_the_horizon_is_read_before_anything_is_written(shop: Shop, receiver: Receiver) -> None:
    webhook, _ = hook(shop, receiver)
    with shop.app.app_context(), pytest.raises(RuntimeError), transaction():
        shop.services.webhook_service.end_previous(shop.vendor.id, webhook)
        shop.services.webhook_outbox.hand_on(shop.vendor.id)


class Row:
    """A webhook's floors."""

    def __init__(self, floor: int, next_floor: int | None = None, barrier: int | None = None) -> None:
        self.floor_id, self.next_floor_id, self.barrier = floor, next_floor, barrier


@pytest.mark.parametrize(
    ("row", "horizon", "scanned", "expected"),
    [
        # One writer: at once.
        (Row(5), Horizon(9), None, (9, None, None)),
        (Row(5), Horizon(9), 7, (7, None, None)),
        # First the barrier is noted.
        (Row(5), Horizon(9, 100, 90), None, (5, 9, 100)),
        # Someone older than the barrier still runs.
        (Row(5, 9, 100), Horizon(12, 110, 99), None, (5, 9, 100)),
        # Nobody does.
        (Row(5, 9, 100), Horizon(12, 110, 100), None, (9, 12, 110)),
        (Row(5, 9, 100), Horizon(9, 110, 105), None, (9, None, None)),
        # A scan that stopped early holds the floor, and the barrier is kept.
        (Row(5, 9, 100), Horizon(12, 110, 105), 7, (7, 9, 100)),
        (Row(5, 9, 100), Horizon(12, 110, 105), 11, (9, 12, 110)),
        # Nothing new, nothing to note.
        (Row(9), Horizon(9, 110, 105), None, (9, None, None)),
        # A number from another server, after a restore.
        (Row(5, 9, 10_000), Horizon(9, 110, 105), None, (5, 9, 110)),
    ],
)
def test_how_the_floor_rises(
    row: Row, horizon: Horizon, scanned: int | None, expected: tuple[int, int | None, int | None]
) -> None:
    floors = moved_floors(row, horizon, scanned)
    assert (floors["floor_id"], floors["next_floor_id"], floors["barrier"]) == expected


# Whose it is


def test_vendors_are_apart(app: Flask, receiver: Receiver) -> None:
    mine = open_shop(app)
    other = open_shop(app, "Bäckerei", "ben@example.com")
    webhook, _ = hook(mine, receiver)
    enrol(mine)
    enrol(other)
    assert len(receiver.seen) == 1
    [delivery] = deliveries(mine, webhook)
    service, theirs = other.services.webhook_service, other.vendor.id
    command = WebhookCommand(url="https://x.example.com/", events=OFFERED)
    for action in (
        lambda: service.get(theirs, webhook),
        lambda: service.update(theirs, webhook, command),
        lambda: service.rotate(theirs, webhook),
        lambda: service.end_previous(theirs, webhook),
        lambda: service.switch(theirs, webhook, on=False),
        lambda: service.archive(theirs, webhook),
        lambda: service.try_out(theirs, webhook),
        lambda: service.send_again(theirs, webhook, delivery.id),
    ):
        with pytest.raises(NotFound):
            within(other, action)
    assert deliveries(other, webhook) == []
    with app.app_context():
        assert service.webhooks(theirs) == []
        assert len(service.webhooks(mine.vendor.id)) == 1


def test_an_entry_made_in_the_portal_or_by_the_system_is_sent_too(shop: Shop, receiver: Receiver) -> None:
    hook(shop, receiver)
    origin = Origin(vendor_id=shop.vendor.id, time_zone="UTC", source=Source.SYSTEM)
    with shop.app.app_context(), transaction():
        shop.services.enrolment_service.enrol(origin, Enrolment())
    assert [kind for kind, _ in said(receiver)] == ["card.enrolled"]


def test_switched_off_and_archived_ones_are_silent(shop: Shop, receiver: Receiver) -> None:
    webhook, _ = hook(shop, receiver)
    receiver.otherwise = answers(500)
    code = enrol(shop)
    within(shop, shop.services.webhook_service.switch, shop.vendor.id, webhook, on=False)
    assert deliveries(shop, webhook)[0].state == "failed"
    with pytest.raises(NotFound):
        within(shop, shop.services.webhook_service.try_out, shop.vendor.id, webhook)
    shop.stamp(code)
    within(shop, shop.services.webhook_service.archive, shop.vendor.id, webhook)
    shop.stamp(code)
    sweep(shop.app)
    assert len(receiver.seen) == 1
    assert [row.secret for row in shop.rows("SELECT secret FROM webhooks")] == [""]
    with pytest.raises(NotFound):
        within(shop, shop.services.webhook_service.get, shop.vendor.id, webhook)


def test_ten_are_enough(shop: Shop, receiver: Receiver) -> None:
    for _ in range(10):
        hook(shop, receiver)
    with pytest.raises(Invalid):
        hook(shop, receiver)
