"""Idempotency keys: the same key gets the same answer for ever, and writes nothing again."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError

from loyalty_portal.errors import IdempotencyConflict
from loyalty_portal.models import IdempotencyKey
from loyalty_portal.schemas.counter import ANSWER, Answer, Keyed, Receipt
from loyalty_portal.services.ledger import AnySession

keys = IdempotencyKey.__table__
_KNOWN = select(keys.c.request_hash, keys.c.body).where(
    keys.c.vendor_id == bindparam("vendor"), keys.c.key == bindparam("asked")
)
_KEEP = insert(keys).inline()


class Idempotency:
    """Looks keys up before the lock and again after it, and stores them with the entry they belong to."""

    def __init__(self, session: AnySession, secret: str) -> None:
        self._session = session
        self._secret = secret.encode()

    def keyed(self, key: str, route: str, request: Mapping[str, Any]) -> Keyed:
        """The key with a keyed hash of what was asked for. The PIN has no place in `request`."""
        text = json.dumps([route, request], sort_keys=True, default=str, separators=(",", ":"))
        return Keyed(key=key, request_hash=hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest())

    def wait(self, vendor_id: int, keyed: Keyed | None) -> None:
        """Waits for another request with this key, where no card is there yet to be locked. SQLite has one writer."""
        if keyed is not None and self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(keyed.key, vendor_id))))

    def replay(self, vendor_id: int, keyed: Keyed | None) -> Answer | None:
        """The answer that this key had, or None when it is new.

        Raises `IdempotencyConflict` when the key was used with another request, or its answer was erased.
        """
        if keyed is None:
            return None
        row = self._session.execute(_KNOWN, {"vendor": vendor_id, "asked": keyed.key}).first()
        if row is None:
            return None
        if not hmac.compare_digest(row.request_hash, keyed.request_hash) or row.body is None:
            raise IdempotencyConflict
        return ANSWER.validate_json(row.body)

    def store(self, vendor_id: int, keyed: Keyed | None, answer: Answer, card_id: int | None, now: datetime) -> Answer:
        """Keeps the answer under the key, in the transaction that made it.

        Raises `IdempotencyConflict` when the key was used for another card at the same moment.
        """
        if keyed is None:
            return answer
        kept = {
            "vendor_id": vendor_id,
            "key": keyed.key,
            "request_hash": keyed.request_hash,
            "status": 201 if isinstance(answer, Receipt) else answer.status,
            "body": answer.model_dump_json(),
            "card_id": card_id,
            "created_at": now,
        }
        try:
            self._session.execute(_KEEP, kept)
        except IntegrityError as error:
            raise IdempotencyConflict from error
        return answer
