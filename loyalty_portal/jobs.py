"""The worker's jobs: thin, each opens a transaction and calls a service. A dead queue never fails a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import structlog
from flask import Flask
from huey import Huey, MemoryHuey, PostgresHuey, RedisHuey, SqliteHuey, crontab
from huey.serializer import SignedSerializer

from loyalty_portal.database import end_read, transaction
from loyalty_portal.gateways import Gateways
from loyalty_portal.gateways.mail import message
from loyalty_portal.gateways.webhooks import WebhookAnswer
from loyalty_portal.services import Services
from loyalty_portal.services.expiry_service import Expiring
from loyalty_portal.services.wallet_service import QUIET
from loyalty_portal.services.webhook_outbox import PAUSES
from loyalty_portal.web import mails, passes

log = structlog.get_logger(__name__)
Enqueue = Callable[..., None]
NAME = "stempel"
MOST_BATCHES = 10
SWEEP_SECONDS = 30
MAIL_RETRIES = {"retries": 8, "retry_delay": 30, "retry_backoff": 2}


def make_queue(url: str, secret: str) -> Huey:
    """The queue that a `QUEUE_URL` names: `sqlite:///file`, `redis://…`, `postgresql://…`, or `immediate:`,
    which runs each job at once (tests). Jobs are signed, so that a shared Redis can't slip one in.

    Raises `ValueError` for a URL that names none.
    """
    scheme = url.split(":", 1)[0]
    options: dict[str, Any] = {"serializer": SignedSerializer(secret=secret), "results": False}
    if scheme == "sqlite":
        return SqliteHuey(NAME, filename=url.removeprefix("sqlite:///"), **options)
    if scheme in {"redis", "rediss", "unix"}:
        patience = {} if scheme == "unix" else {"socket_connect_timeout": 2, "socket_timeout": 5}
        return RedisHuey(NAME, url=_with(url, patience), **options)
    if scheme.startswith("postgresql"):
        dsn = url.replace("postgresql+psycopg:", "postgresql:")
        return PostgresHuey(NAME, dsn=_with(dsn, {"connect_timeout": 3}), **options)
    if scheme == "immediate":
        return MemoryHuey(NAME, immediate=True, **options)
    raise ValueError(f"QUEUE_URL: {scheme} is not one of sqlite, redis, postgresql, immediate")


def _with(url: str, patience: dict[str, int]) -> str:
    """The URL with time-outs in seconds that it doesn't set itself: a queue that hangs must not hold a request."""
    missing = [f"{name}={seconds}" for name, seconds in patience.items() if f"{name}=" not in url]
    return f"{url}{'&' if '?' in url else '?'}{'&'.join(missing)}" if missing else url


def register_tasks(app: Flask, queue: Huey, services: Services, gateways: Gateways, sender: str) -> Enqueue:
    """Makes the tasks known to the queue and answers the function that puts one into it."""

    def send_mail(to: str, subject: str, body: str) -> None:
        gateways.mail.send(message(sender, to, subject, body))

    def send_contact_link(link_id: int) -> None:
        with app.app_context():
            view = services.enrolment_service.link(link_id)
            end_read()
            if view is None or view.is_sent:
                return
            subject, body = mails.contact_link(view, services.enrolment_service.link_token(view.id, view.nonce))
            send_mail(view.email, subject, body)
            with transaction():
                services.enrolment_service.mark_sent(link_id)

    def sweep_contact_links() -> None:
        """Finds what a crash or a dead queue left behind."""
        with app.app_context():
            unsent = services.enrolment_service.unsent_links()
        for link_id in unsent:
            enqueue("send_contact_link", link_id)

    def deliver_webhooks(vendor_id: int) -> None:
        with app.app_context():
            _deliver(services, gateways, vendor_id, enqueue, again)

    def sweep_webhooks() -> None:
        """Hands on what a crash, a dead queue or a pause left behind."""
        with app.app_context():
            busy = services.webhook_outbox.busy_vendors()
            end_read()
        for vendor_id in busy:
            enqueue("deliver_webhooks", vendor_id)

    def tidy_webhooks() -> None:
        with app.app_context(), transaction():
            services.webhook_outbox.prune()
            services.webhook_service.renew_encryption()

    def bring_passes(card_id: int) -> None:
        """Brings a card's passes to the present; one that was brought just now waits for those stamps that follow."""
        with app.app_context():
            if not _bring(services, card_id):
                later(card_id)

    def later(card_id: int) -> None:
        with app.app_context():
            is_waiting = services.wallet_service.is_resting(card_id)
            end_read()
        if is_waiting and not queue.immediate:
            try:
                tasks["bring_passes"].schedule((card_id,), delay=QUIET.seconds)
            except Exception:
                log.exception("queue_unreachable", job="bring_passes")

    def expire_cards() -> None:
        """Once a night in each shop's own zone: the hours after it are there for a worker that was down."""
        with app.app_context():
            due = services.expiry_service.programs(at_night=True)
            end_read()
            for program in due:
                _expire(services, program)

    def again(vendor_id: int) -> None:
        """The first pause is shorter than the sweep's minute."""
        try:
            tasks["deliver_webhooks"].schedule((vendor_id,), delay=PAUSES[0].seconds)
        except Exception:
            log.exception("queue_unreachable", job="deliver_webhooks")

    tasks = {
        "bring_passes": queue.task(name="bring_passes")(bring_passes),
        "deliver_webhooks": queue.task(name="deliver_webhooks")(deliver_webhooks),
        "sweep_webhooks": queue.periodic_task(crontab(minute="*"), name="sweep_webhooks")(sweep_webhooks),
        "tidy_webhooks": queue.periodic_task(crontab(minute="17", hour="3"), name="tidy_webhooks")(tidy_webhooks),
        "expire_cards": queue.periodic_task(crontab(minute="20"), name="expire_cards")(expire_cards),
        "send_mail": queue.task(name="send_mail", **MAIL_RETRIES)(send_mail),
        # Tried again by the sweep alone, which knows what went out: retries of the queue's own would pile up on it.
        "send_contact_link": queue.task(name="send_contact_link")(send_contact_link),
    }
    queue.periodic_task(crontab(minute="*"), name="sweep_contact_links")(sweep_contact_links)

    def enqueue(name: str, *args: Any, **kwargs: Any) -> None:
        try:
            tasks[name](*args, **kwargs)
        except KeyError:
            raise
        except Exception:
            # What the job would have done can be found again in the database: the sweep does it.
            log.exception("queue_unreachable", job=name)

    return enqueue


def sweep_passes(app: Flask, services: Services) -> None:
    """Finds the passes that a crash, a dead queue or a pause left behind."""
    with app.app_context():
        while _bring(services):
            pass


@contextmanager
def sweeping(app: Flask, services: Services, seconds: float = SWEEP_SECONDS) -> Iterator[None]:
    """Sweeps passes beside the worker. The queue's own timer knows minutes only, and may be down or emptied.

    Where several workers sweep at once, each claims other passes.
    """
    stop = Event()

    def sweep() -> None:
        while not stop.wait(seconds):
            try:
                sweep_passes(app, services)
            except Exception:
                log.exception("sweep_failed", sweep="passes")

    thread = Thread(target=sweep, name="sweep_passes", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)


def _bring(services: Services, card_id: int | None = None) -> int:
    """Brings a batch of passes to the present; how many were tried."""
    wallets = services.wallet_service
    if not wallets.on:
        return 0
    with transaction():
        claims = wallets.claim(card_id=card_id)
    passes.bring(services, claims)
    return len(claims)


def _expire(services: Services, program: Expiring) -> None:
    """Batch by batch, each in a transaction of its own: the till never waits for more than one."""
    after: int | None = 0
    while after is not None:
        with transaction():
            batch = services.expiry_service.expire(program, after)
        after = batch.last_card_id


def _deliver(
    services: Services,
    gateways: Gateways,
    vendor_id: int,
    enqueue: Enqueue,
    again: Callable[[int], None],
) -> None:
    """Hands the vendor's new entries on and sends what is due, in batches; what is left after `MOST_BATCHES` is
    another job's, so that one vendor doesn't hold a worker.
    """
    outbox = services.webhook_outbox
    has_more = True
    while has_more:
        with transaction():
            has_more = outbox.hand_on(vendor_id)
    for _ in range(MOST_BATCHES):
        with transaction():
            claims = outbox.claim(vendor_id)
        if not claims:
            return
        answers = iter(gateways.webhooks.send_all([claim.parcel for claim in claims if claim.parcel]))
        for claim in claims:
            answer = next(answers) if claim.parcel else WebhookAnswer(error="secret_lost")
            with transaction():
                silenced = outbox.record(claim, answer)
            if silenced is not None:
                for to, subject, body in mails.webhook_silenced(silenced):
                    enqueue("send_mail", to, subject, body)
        if any(claim.attempt == 1 for claim in claims):
            again(vendor_id)
    enqueue("deliver_webhooks", vendor_id)
