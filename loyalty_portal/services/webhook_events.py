"""What a webhook is told: events made of ledger entries, their JSON, and its signature. Pure functions."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime
from typing import Any

from loyalty_portal.enums import EntryKind, EventType

EVENT_OF = {
    EntryKind.CARD_CREATED: EventType.CARD_ENROLLED,
    EntryKind.STAMP_EARNED: EventType.STAMP_EARNED,
    EntryKind.POINTS_EARNED: EventType.POINTS_EARNED,
    EntryKind.STAMP_REDEEMED: EventType.REWARD_REDEEMED,
    EntryKind.POINTS_REDEEMED: EventType.REWARD_REDEEMED,
    EntryKind.STAMP_VOIDED: EventType.ENTRY_VOIDED,
    EntryKind.POINTS_VOIDED: EventType.ENTRY_VOIDED,
}
_COPIED = (
    "id card_id kind stamps_delta points_delta stamps_after points_after amount_cents source voids_id reference".split()
)


def event_of(kind: str) -> EventType:
    """The event of an entry's kind; only kinds of `EVENT_OF` have one."""
    return EVENT_OF[EntryKind(kind)]


def new_event_id() -> str:
    return f"evt_{secrets.token_hex(16)}"


def new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def entry_event(event_id: str, vendor_id: int, entry: Any) -> str:
    """The JSON of an entry, a row with its card's `code`. Balances are those after the entry, whenever it is sent.

    Nobody is named: neither the customer nor who stood at the counter, and no note.
    """
    transaction: dict[str, Any] = {name: getattr(entry, name) for name in _COPIED}
    has_reward = entry.reward_name is not None
    transaction["reward"] = {"id": entry.reward_id, "name": entry.reward_name} if has_reward else None
    transaction["staff"] = {"id": entry.staff_pin_id} if entry.staff_pin_id is not None else None
    transaction["at"] = _moment(entry.at)
    card = {
        "id": entry.card_id,
        "code": entry.code,
        "stamp_count": entry.stamps_after,
        "points_balance": entry.points_after,
    }
    return _event(event_id, event_of(entry.kind), vendor_id, entry.at, {"transaction": transaction, "card": card})


def trial_event(event_id: str, vendor_id: int, at: datetime) -> str:
    """The JSON of an event that nothing happened for."""
    return _event(event_id, EventType.WEBHOOK_TEST, vendor_id, at, {})


def signature(sealed_with: list[str], body: str, at: datetime) -> str:
    """`t=<unix seconds>,v1=<hex>[,v1=<hex>]`: HMAC-SHA256 over `<t>.<body>`, once with each secret."""
    seconds = int(at.timestamp())
    signed = f"{seconds}.{body}".encode()
    marks = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in sealed_with]
    return ",".join([f"t={seconds}", *(f"v1={mark}" for mark in marks)])


def _event(event_id: str, kind: EventType, vendor_id: int, at: datetime, data: dict[str, Any]) -> str:
    event = {"id": event_id, "type": kind, "created_at": _moment(at), "vendor_id": vendor_id, "data": data}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
