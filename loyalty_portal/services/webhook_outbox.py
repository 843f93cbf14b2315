"""From the ledger to the wire: the worker's side of webhooks. The ledger itself is the outbox (decision 0010).

`hand_on` makes deliveries of entries, `claim` takes some to send, `record` keeps what became of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, insert, or_, select, text, update

from loyalty_portal.clock import Clock
from loyalty_portal.enums import DeliveryState
from loyalty_portal.gateways.webhooks import Parcel, WebhookAnswer
from loyalty_portal.models import LoyaltyCard, LoyaltyTransaction, User, Vendor, VendorMember, Webhook, WebhookDelivery
from loyalty_portal.schemas.webhooks import SilencedView
from loyalty_portal.services import webhook_events
from loyalty_portal.services.ledger import AnySession
from loyalty_portal.services.vault import Vault
from loyalty_portal.services.webhook_service import chosen, end_waiting, note_silenced

webhooks = Webhook.__table__
deliveries = WebhookDelivery.__table__
entries = LoyaltyTransaction.__table__
cards = LoyaltyCard.__table__
members = VendorMember.__table__
users = User.__table__
vendors = Vendor.__table__

PAUSES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=4),
)
"""After the first failure, the second, …; the last goes on until `GIVE_UP`."""
GIVE_UP = timedelta(days=1)
SILENCE_AFTER = timedelta(days=3)
LEASE = timedelta(minutes=2)
"""How long a claimed delivery is left to who claimed it; a worker that died has then lost it."""
KEPT = timedelta(days=30)
BATCH = 20
PER_WEBHOOK = 8
AT_ONCE = 200
_WAITING = DeliveryState.WAITING.value


@dataclass(frozen=True, slots=True)
class Horizon:
    """What can be relied on. On PostgreSQL an entry can become visible after one with a higher id: all ids below
    `newest` were taken by transactions older than `xid`, and all transactions older than `oldest` have ended.
    SQLite has one writer at a time, so its `xid` is None: what isn't visible below `newest` never will be.
    """

    newest: int
    xid: int | None = None
    oldest: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery to send now. No parcel: its secret can't be read any more."""

    delivery_id: int
    webhook_id: int
    attempt: int
    parcel: Parcel | None


class WebhookOutbox:
    """Each method is for a transaction of its own; nothing here waits for the network."""

    def __init__(self, session: AnySession, clock: Clock, vault: Vault) -> None:
        self._session = session
        self._clock = clock
        self._vault = vault

    def busy_vendors(self) -> list[int]:
        """Vendors with entries to hand on or deliveries that are due."""
        fresh = exists().where(entries.c.vendor_id == webhooks.c.vendor_id, entries.c.id > webhooks.c.floor_id)
        due = exists().where(
            deliveries.c.webhook_id == webhooks.c.id,
            deliveries.c.state == _WAITING,
            deliveries.c.next_at <= self._clock.now(),
        )
        found = select(webhooks.c.vendor_id).where(webhooks.c.is_active, or_(fresh, due)).distinct()
        return list(self._session.execute(found.order_by(webhooks.c.vendor_id)).scalars())

    def hand_on(self, vendor_id: int) -> bool:
        """Makes deliveries of the vendor's new entries; answers whether there may be more."""
        newest = self._newest(vendor_id)
        rows = self._session.execute(
            select(webhooks)
            .where(webhooks.c.vendor_id == vendor_id, webhooks.c.is_active)
            .order_by(webhooks.c.id)
            .with_for_update()
        ).all()
        if not rows:
            return False
        horizon = self._horizon(newest)
        more = [self._hand_on(row, horizon) for row in rows]
        return any(more)

    def claim(self, vendor_id: int) -> list[Claim]:
        """Takes due deliveries to send, oldest first, a few of each webhook. Nobody else gets them for `LEASE`."""
        now = self._clock.now()
        due = (deliveries.c.state == _WAITING, deliveries.c.next_at <= now)
        place = func.row_number().over(
            partition_by=deliveries.c.webhook_id, order_by=(deliveries.c.next_at, deliveries.c.id)
        )
        ranked = (
            select(deliveries.c.id, deliveries.c.next_at, place.label("place"))
            .join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
            .where(deliveries.c.vendor_id == vendor_id, webhooks.c.is_active, *due)
            .subquery()
        )
        first = select(ranked.c.id).where(ranked.c.place <= PER_WEBHOOK).order_by(ranked.c.next_at).limit(BATCH)
        rows = self._session.execute(
            select(deliveries, webhooks.c.url, webhooks.c.secret, webhooks.c.previous_secret, webhooks.c.previous_until)
            .join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
            .where(deliveries.c.id.in_(first), *due)
            .order_by(deliveries.c.id)
            .with_for_update(of=deliveries, skip_locked=True)
        ).all()
        taken = update(deliveries).where(deliveries.c.id.in_([row.id for row in rows]))
        self._session.execute(taken.values(attempts=deliveries.c.attempts + 1, next_at=now + LEASE))
        return [self._claim(row, now) for row in rows]

    def record(self, claim: Claim, answer: WebhookAnswer) -> SilencedView | None:
        """Keeps what became of a claim; whom to tell when the webhook is switched off for it.

        A failure of a claim that isn't the latest any more changes nothing: another attempt is under way.
        """
        now = self._clock.now()
        # The webhook before its deliveries, as everyone locks them.
        webhook = self._session.execute(
            select(webhooks).where(webhooks.c.id == claim.webhook_id).with_for_update()
        ).one()
        query = select(deliveries).where(deliveries.c.id == claim.delivery_id, deliveries.c.state == _WAITING)
        row = self._session.execute(query.with_for_update()).first()
        if row is None or (row.attempts != claim.attempt and not answer.is_ok):
            return None
        said = {"last_status": answer.status, "last_error": answer.error, "last_answer": answer.text}
        changes = _delivered(now) if answer.is_ok else _failed(row, now)
        self._session.execute(update(deliveries).where(deliveries.c.id == row.id).values(said | changes))
        return self._note(webhook, answer, now)

    def prune(self) -> int:
        """Forgets finished deliveries that are old, below the floor only: above it they say what was handed on."""
        old = self._clock.now() - KEPT
        mine = webhooks.c.id == deliveries.c.webhook_id
        handed_on = exists().where(mine, webhooks.c.floor_id >= deliveries.c.entry_id)
        gone = self._session.execute(
            delete(deliveries)
            .where(
                deliveries.c.state != _WAITING,
                deliveries.c.began_at < old,
                or_(deliveries.c.entry_id.is_(None), handed_on),
            )
            .returning(deliveries.c.id)
        )
        return len(gone.all())

    # Inside

    @property
    def _has_one_writer(self) -> bool:
        return self._session.get_bind().dialect.name == "sqlite"

    def _newest(self, vendor_id: int) -> int:
        """The highest visible entry, read while this transaction has no number yet: its number must be the younger."""
        newest = select(func.max(entries.c.id)).where(entries.c.vendor_id == vendor_id)
        if not self._has_one_writer:
            assigned = self._session.execute(text("SELECT pg_current_xact_id_if_assigned()::text")).scalar()
            if assigned is not None:
                raise RuntimeError("something was written before the ledger's horizon was read")
        return self._session.execute(newest).scalar_one() or 0

    def _horizon(self, newest: int) -> Horizon:
        if self._has_one_writer:
            return Horizon(newest)
        numbers = "SELECT pg_current_xact_id()::text, pg_snapshot_xmin(pg_current_snapshot())::text"
        xid, oldest = self._session.execute(text(numbers)).one()
        return Horizon(newest, int(xid), int(oldest))

    def _hand_on(self, webhook: Any, horizon: Horizon) -> bool:
        kinds = [kind.value for kind, event in webhook_events.EVENT_OF.items() if event in chosen(webhook.events)]
        known = exists().where(deliveries.c.webhook_id == webhook.id, deliveries.c.entry_id == entries.c.id)
        found = self._session.execute(
            select(entries, cards.c.code)
            .join(cards, cards.c.id == entries.c.card_id)
            .where(
                entries.c.vendor_id == webhook.vendor_id,
                entries.c.id > webhook.floor_id,
                entries.c.kind.in_(kinds),
                ~known,
            )
            .order_by(entries.c.id)
            .limit(AT_ONCE)
        ).all()
        if found:
            self._session.execute(insert(deliveries), [self._delivery(webhook, entry) for entry in found])
        is_full = len(found) == AT_ONCE
        floors = moved_floors(webhook, horizon, found[-1].id if is_full else None)
        if any(floors[name] != getattr(webhook, name) for name in floors):
            self._session.execute(update(webhooks).where(webhooks.c.id == webhook.id).values(floors))
        return is_full

    def _delivery(self, webhook: Any, entry: Any) -> dict[str, Any]:
        event_id = webhook_events.new_event_id()
        now = self._clock.now()
        return {
            "vendor_id": webhook.vendor_id,
            "webhook_id": webhook.id,
            "entry_id": entry.id,
            "event_id": event_id,
            "kind": webhook_events.event_of(entry.kind).value,
            "payload": webhook_events.entry_event(event_id, webhook.vendor_id, entry),
            "state": _WAITING,
            "attempts": 0,
            "began_at": now,
            "next_at": now,
            "created_at": now,
        }

    def _claim(self, row: Any, now: datetime) -> Claim:
        is_rotating = row.previous_until is not None and row.previous_until > now
        closed = [row.secret, row.previous_secret] if is_rotating else [row.secret]
        secrets = [secret for secret in map(self._vault.open, closed) if secret is not None]
        if not secrets:
            return Claim(row.id, row.webhook_id, row.attempts + 1, None)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Stempel-Webhooks/1",
            "Stempel-Event": row.kind,
            "Stempel-Event-Id": row.event_id,
            "Stempel-Signature": webhook_events.signature(secrets, row.payload, now),
        }
        parcel = Parcel(row.url, headers, row.payload.encode())
        return Claim(row.id, row.webhook_id, row.attempts + 1, parcel)

    def _note(self, webhook: Any, answer: WebhookAnswer, now: datetime) -> SilencedView | None:
        """Counts failures in a row; three days of nothing else switch the webhook off."""
        this = update(webhooks).where(webhooks.c.id == webhook.id)
        if answer.is_ok:
            if webhook.failure_count:
                self._session.execute(this.values(failure_count=0, failing_since=None))
            return None
        since = webhook.failing_since or now
        self._session.execute(this.values(failure_count=webhook.failure_count + 1, failing_since=since))
        if not webhook.is_active or now - since < SILENCE_AFTER:
            return None
        self._session.execute(this.values(is_active=False, silenced_at=now))
        self._session.execute(end_waiting(webhook.id))
        self._session.execute(note_silenced(webhook, now))
        return self._silenced(webhook)

    def _silenced(self, webhook: Any) -> SilencedView:
        vendor = self._session.execute(select(vendors).where(vendors.c.id == webhook.vendor_id)).one()
        readers = self._session.execute(
            select(users.c.email, users.c.locale)
            .join(members, members.c.user_id == users.c.id)
            .where(members.c.vendor_id == webhook.vendor_id, users.c.active)
            .order_by(users.c.id)
        )
        told = tuple((reader.email, reader.locale or vendor.locale) for reader in readers)
        return SilencedView(vendor_name=vendor.name, url=webhook.url, readers=told)


def moved_floors(webhook: Any, horizon: Horizon, scanned: int | None) -> dict[str, int | None]:
    """Where the webhook's floor stands after a scan, which stopped at the entry `scanned` or (None) saw all.

    The floor rises to an id only when every transaction that may still write below it has ended.
    """
    settled = webhook.floor_id
    if horizon.xid is None:
        settled = max(settled, horizon.newest)
    elif webhook.barrier is not None and webhook.barrier <= horizon.oldest:
        settled = webhook.next_floor_id
    floor = settled if scanned is None else min(settled, scanned)
    kept = {"floor_id": floor, "next_floor_id": webhook.next_floor_id, "barrier": webhook.barrier}
    if horizon.xid is None:
        return kept | {"next_floor_id": None, "barrier": None}
    # A barrier from the future is another server's, from before a backup was restored.
    is_done = webhook.barrier is None or floor >= webhook.next_floor_id or webhook.barrier > horizon.xid
    if not is_done:
        return kept
    if horizon.newest <= floor:
        return kept | {"next_floor_id": None, "barrier": None}
    return kept | {"next_floor_id": horizon.newest, "barrier": horizon.xid}


def pause(attempts: int) -> timedelta:
    """How long to wait after this many attempts."""
    return PAUSES[min(attempts, len(PAUSES)) - 1]


def _delivered(now: datetime) -> dict[str, Any]:
    return {"state": DeliveryState.DELIVERED.value, "next_at": None, "delivered_at": now}


def _failed(row: Any, now: datetime) -> dict[str, Any]:
    next_at = now + pause(row.attempts)
    if next_at > row.began_at + GIVE_UP:
        return {"state": DeliveryState.FAILED.value, "next_at": None}
    return {"next_at": next_at}
