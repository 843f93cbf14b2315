"""The chain of hashes through a card's entries: each carries the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from loyalty_portal.models.types import moment_text

HASH_VERSION = 1
FIELDS = [
    "vendor_id",
    "program_id",
    "card_id",
    "seq",
    "kind",
    "stamps_delta",
    "points_delta",
    "remainder_delta",
    "stamps_after",
    "points_after",
    "amount_cents",
    "reward_id",
    "reward_name",
    "reward_retail_cents",
    "reward_cost_cents",
    "terms",
    "staff_pin_id",
    "source",
    "source_id",
    "acting_user_id",
    "is_override",
    "reference",
    "voids_id",
    "batch_id",
    "note_digest",
    "local_day",
    "at",
]
"""What is hashed, in this order. The row's own id is not: card and seq name it."""


def plain(value: Any) -> Any:
    """A value as it stands in the canonical form: moments and days are ISO text."""
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def canonical(entry: Mapping[str, Any]) -> str:
    """The entry as a JSON array: "v1", then the fields; no spaces, no floats, UTC with microseconds."""
    return json.dumps(["v1", *(plain(entry[name]) for name in FIELDS)], separators=(",", ":"), ensure_ascii=False)


def entry_hash(prev_hash: str, entry: Mapping[str, Any]) -> str:
    """SHA-256 over the hash before and the canonical entry, in hex."""
    return hashlib.sha256((prev_hash + canonical(entry)).encode()).hexdigest()


def genesis(vendor_id: int, card_code: str, nonce: str) -> str:
    """The hash that a card's first entry continues. It is the card's own, so no entry can move to another card."""
    text = json.dumps(["v1", "genesis", vendor_id, card_code, nonce], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
