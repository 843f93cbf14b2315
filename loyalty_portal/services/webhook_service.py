"""Webhooks as their owner handles them: added, checked, changed, given new secrets, switched, ended, looked at."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, insert, select, update

from loyalty_portal.clock import Clock
from loyalty_portal.enums import DeliveryState, EventType
from loyalty_portal.errors import Invalid, NotFound
from loyalty_portal.gateways.webhooks import AddressRefused, WebhookGateway
from loyalty_portal.models import LoyaltyTransaction, SecurityEvent, Webhook, WebhookDelivery
from loyalty_portal.schemas.webhooks import DeliveryView, WebhookCommand, WebhookRow, WebhookView
from loyalty_portal.services import webhook_events
from loyalty_portal.services.ledger import AnySession
from loyalty_portal.services.vault import Vault

webhooks = Webhook.__table__
deliveries = WebhookDelivery.__table__
entries = LoyaltyTransaction.__table__
MOST = 10
"""How many webhooks a vendor may have."""
BOTH_SIGN = timedelta(hours=24)
_QUIET = {"failure_count": 0, "failing_since": None, "silenced_at": None}


class WebhookService:
    """The vendor's webhooks. `gateway` only judges addresses here; sending is the worker's."""

    def __init__(self, session: AnySession, clock: Clock, vault: Vault, gateway: WebhookGateway) -> None:
        self._session = session
        self._clock = clock
        self._vault = vault
        self._gateway = gateway

    def check(self, command: WebhookCommand) -> None:
        """Resolves the address, with no transaction open. Raises `Invalid` for one that isn't sent to."""
        try:
            self._gateway.check(command.url)
        except AddressRefused as refused:
            kind = "https" if refused.reason == "url" else f"webhook_{refused.reason}"
            raise _wrong("url", kind) from refused

    def webhooks(self, vendor_id: int) -> list[WebhookRow]:
        """The owner's list, the oldest first."""
        waiting = func.count(deliveries.c.id).filter(deliveries.c.state == DeliveryState.WAITING.value)
        mine = and_(deliveries.c.webhook_id == webhooks.c.id, deliveries.c.vendor_id == webhooks.c.vendor_id)
        rows = self._session.execute(
            select(webhooks, waiting.label("waiting"), func.max(deliveries.c.delivered_at).label("last_delivered_at"))
            .select_from(webhooks.outerjoin(deliveries, mine))
            .where(webhooks.c.vendor_id == vendor_id, webhooks.c.archived_at.is_(None))
            .group_by(webhooks.c.id)
            .order_by(webhooks.c.id)
        )
        return [WebhookRow.model_validate(_plain(row), from_attributes=False) for row in rows]

    def silenced(self, vendor_id: int) -> list[str]:
        """The addresses that were switched off because nothing arrived, until their owner switches them."""
        mine = (
            webhooks.c.vendor_id == vendor_id,
            webhooks.c.archived_at.is_(None),
            webhooks.c.silenced_at.is_not(None),
        )
        return list(self._session.execute(select(webhooks.c.url).where(*mine).order_by(webhooks.c.id)).scalars())

    def get(self, vendor_id: int, webhook_id: int) -> WebhookView:
        row = self._session.execute(select(webhooks).where(*_one(vendor_id, webhook_id))).first()
        if row is None:
            raise NotFound
        return WebhookView.model_validate(_plain(row), from_attributes=False)

    def create(self, vendor_id: int, command: WebhookCommand) -> tuple[WebhookView, str]:
        """A new webhook and its secret, which is shown this once. It hears of what happens from now on.

        Raises `Invalid` when the vendor has as many as it may.
        """
        standing = select(func.count()).where(webhooks.c.vendor_id == vendor_id, webhooks.c.archived_at.is_(None))
        if self._session.execute(standing).scalar_one() >= MOST:
            raise _wrong("url", "webhook_limit", limit=MOST)
        secret = webhook_events.new_secret()
        values = _QUIET | {
            "vendor_id": vendor_id,
            "url": command.url,
            "events": _words(command.events),
            "secret": self._vault.close(secret),
            "is_active": True,
            "floor_id": self._present(vendor_id),
            "created_at": self._clock.now(),
        }
        webhook_id = self._session.execute(insert(webhooks).values(values).returning(webhooks.c.id)).scalar_one()
        return self.get(vendor_id, webhook_id), secret

    def update(self, vendor_id: int, webhook_id: int, command: WebhookCommand) -> None:
        """Changes address and events; what waits goes to the new address."""
        self._change(vendor_id, webhook_id, {"url": command.url, "events": _words(command.events)})

    def rotate(self, vendor_id: int, webhook_id: int) -> str:
        """A new secret, shown this once. The one before it signs too for a day, or until it is ended."""
        row = self._locked(vendor_id, webhook_id)
        secret = webhook_events.new_secret()
        changes = {
            "secret": self._vault.close(secret),
            "previous_secret": row.secret,
            "previous_until": self._clock.now() + BOTH_SIGN,
        }
        self._change(vendor_id, webhook_id, changes)
        return secret

    def end_previous(self, vendor_id: int, webhook_id: int) -> None:
        """The secret before the present one signs no more."""
        self._change(vendor_id, webhook_id, {"previous_secret": None, "previous_until": None})

    def switch(self, vendor_id: int, webhook_id: int, *, on: bool) -> None:
        """Off ends what waits. On starts at the present: what happened in between isn't sent."""
        row = self._locked(vendor_id, webhook_id)
        if row.is_active == on:
            return
        changes: dict[str, Any] = {"is_active": on}
        if on:
            present = self._present(vendor_id)
            changes |= _QUIET | {"floor_id": present, "next_floor_id": None, "barrier": None}
        self._change(vendor_id, webhook_id, changes)
        if not on:
            self._end_waiting(webhook_id)

    def archive(self, vendor_id: int, webhook_id: int) -> None:
        """Ends a webhook for good; its secrets are forgotten, its deliveries stay until they are old."""
        now = self._clock.now()
        changes = {"is_active": False, "archived_at": now, "previous_secret": None, "previous_until": None}
        self._change(vendor_id, webhook_id, changes | {"secret": ""})
        self._end_waiting(webhook_id)

    def try_out(self, vendor_id: int, webhook_id: int) -> None:
        """Puts a test event in the way. Raises `NotFound` when the webhook is off."""
        if not self.get(vendor_id, webhook_id).is_active:
            raise NotFound
        now = self._clock.now()
        event_id = webhook_events.new_event_id()
        values = {
            "vendor_id": vendor_id,
            "webhook_id": webhook_id,
            "event_id": event_id,
            "kind": EventType.WEBHOOK_TEST.value,
            "payload": webhook_events.trial_event(event_id, vendor_id, now),
            "state": DeliveryState.WAITING.value,
            "attempts": 0,
            "began_at": now,
            "next_at": now,
            "created_at": now,
        }
        self._session.execute(insert(deliveries).values(values))

    def deliveries(self, vendor_id: int, webhook_id: int, *, skip: int = 0, limit: int = 25) -> list[DeliveryView]:
        """What went or goes out, newest first."""
        rows = self._session.execute(
            select(deliveries)
            .where(deliveries.c.vendor_id == vendor_id, deliveries.c.webhook_id == webhook_id)
            .order_by(deliveries.c.id.desc())
            .offset(skip)
            .limit(limit)
        )
        return [DeliveryView.model_validate(row) for row in rows]

    def send_again(self, vendor_id: int, webhook_id: int, delivery_id: int) -> None:
        """Puts a delivery in the way anew, with the same event id, for a day. Raises `NotFound` when it is on its way
        or the webhook is off.
        """
        if not self.get(vendor_id, webhook_id).is_active:
            raise NotFound
        now = self._clock.now()
        waiting = DeliveryState.WAITING.value
        row = self._session.execute(
            update(deliveries)
            .where(
                deliveries.c.vendor_id == vendor_id,
                deliveries.c.webhook_id == webhook_id,
                deliveries.c.id == delivery_id,
                deliveries.c.state != waiting,
            )
            .values(state=waiting, attempts=0, began_at=now, next_at=now, delivered_at=None)
            .returning(deliveries.c.id)
        ).first()
        if row is None:
            raise NotFound

    def renew_encryption(self) -> int:
        """Closes the secrets under the present SECRET_KEY, so that older keys can be given up; answers how many."""
        columns = (webhooks.c.id, webhooks.c.secret, webhooks.c.previous_secret)
        count = 0
        for row in self._session.execute(select(*columns).where(webhooks.c.archived_at.is_(None))).all():
            for name in ("secret", "previous_secret"):
                closed = getattr(row, name)
                renewed = self._vault.renewed(closed) if closed else None
                if renewed is not None:
                    # Only while it is the same: the owner may be rotating it.
                    where = (webhooks.c.id == row.id, webhooks.c[name] == closed)
                    self._session.execute(update(webhooks).where(*where).values({name: renewed}))
                    count += 1
        return count

    # Inside

    def _present(self, vendor_id: int) -> int:
        newest = select(func.max(entries.c.id)).where(entries.c.vendor_id == vendor_id)
        return self._session.execute(newest).scalar_one() or 0

    def _locked(self, vendor_id: int, webhook_id: int) -> Any:
        row = self._session.execute(select(webhooks).where(*_one(vendor_id, webhook_id)).with_for_update()).first()
        if row is None:
            raise NotFound
        return row

    def _change(self, vendor_id: int, webhook_id: int, changes: dict[str, Any]) -> None:
        row = self._session.execute(
            update(webhooks).where(*_one(vendor_id, webhook_id)).values(changes).returning(webhooks.c.id)
        ).first()
        if row is None:
            raise NotFound

    def _end_waiting(self, webhook_id: int) -> None:
        self._session.execute(end_waiting(webhook_id))


def end_waiting(webhook_id: int) -> Any:
    """The statement that gives up what still waits for this webhook."""
    return (
        update(deliveries)
        .where(deliveries.c.webhook_id == webhook_id, deliveries.c.state == DeliveryState.WAITING.value)
        .values(state=DeliveryState.FAILED.value, next_at=None)
    )


def note_silenced(webhook: Any, now: datetime) -> Any:
    """The statement that notes that a webhook was switched off because nothing arrived."""
    facts = json.dumps({"webhook_id": webhook.id, "url": webhook.url})
    values = {"vendor_id": webhook.vendor_id, "kind": "webhook_silenced", "facts": facts, "at": now}
    return insert(SecurityEvent.__table__).values(values)


def chosen(words: str) -> tuple[EventType, ...]:
    """The events as the table keeps them, in one text with spaces between."""
    return tuple(EventType(word) for word in words.split())


def _words(events: tuple[EventType, ...]) -> str:
    return " ".join(event.value for event in events)


def _plain(row: Any) -> dict[str, Any]:
    return dict(row._mapping) | {"events": chosen(row.events)}


def _one(vendor_id: int, webhook_id: int) -> tuple[Any, ...]:
    return webhooks.c.vendor_id == vendor_id, webhooks.c.id == webhook_id, webhooks.c.archived_at.is_(None)


def _wrong(field: str, kind: str, **ctx: int) -> Invalid:
    return Invalid(errors=[{"field": field, "type": kind, "ctx": ctx}])
