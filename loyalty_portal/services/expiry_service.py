"""Expiry: what is on a card goes N months after the last visit, by entries that a nightly job writes in batches."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select

from loyalty_portal.clock import Clock, day_start, local_day
from loyalty_portal.enums import EntryKind, Source
from loyalty_portal.models import LoyaltyCard, LoyaltyProgram, Vendor
from loyalty_portal.schemas.base import View
from loyalty_portal.schemas.counter import Origin
from loyalty_portal.services import rules
from loyalty_portal.services.ledger import AnySession, CardState, Ledger

cards = LoyaltyCard.__table__
programs = LoyaltyProgram.__table__
vendors = Vendor.__table__
NIGHT = range(2, 5)
"""The local hours in which cards expire."""
BATCH = 50
"""Cards in one transaction: the till waits for a batch at most."""


class Expiring(View):
    """A program whose cards expire, in its vendor's zone."""

    program_id: int
    vendor_id: int
    time_zone: str
    expiry_months: int


class Batch(View):
    """What one transaction did: entries written, and the last card looked at (None: there are no more)."""

    entries: int
    last_card_id: int | None


class ExpiryService:
    """Programs that are switched off don't expire anything: nobody could come."""

    def __init__(self, session: AnySession, clock: Clock, ledger: Ledger) -> None:
        self._session = session
        self._clock = clock
        self._ledger = ledger

    def programs(self, *, at_night: bool = False) -> list[Expiring]:
        """Every live program with a rule; `at_night` only those whose shop sleeps."""
        rows = self._session.execute(
            select(
                programs.c.id.label("program_id"),
                programs.c.vendor_id,
                vendors.c.time_zone,
                programs.c.expiry_months,
            )
            .select_from(programs.join(vendors, vendors.c.id == programs.c.vendor_id))
            .where(
                programs.c.expiry_months.is_not(None),
                programs.c.is_active,
                programs.c.archived_at.is_(None),
                vendors.c.is_active,
            )
            .order_by(programs.c.id)
        )
        found = [Expiring.model_validate(row) for row in rows]
        now = self._clock.now()
        return [each for each in found if not at_night or now.astimezone(ZoneInfo(each.time_zone)).hour in NIGHT]

    def expire(self, program: Expiring, after_card_id: int = 0, limit: int = BATCH) -> Batch:
        """Expires what is over on the next cards of the program. Asked again, it writes nothing again."""
        now = self._clock.now()
        today = local_day(now, program.time_zone)
        first_kept = rules.visits_expired_before(today, program.expiry_months)
        candidates = self._candidates(program, day_start(first_kept, program.time_zone), after_card_id, limit)
        written = sum(self._expire(program, card_id, today, now) for card_id in candidates)
        return Batch(entries=written, last_card_id=candidates[-1] if len(candidates) == limit else None)

    def _candidates(self, program: Expiring, visited_before: datetime, after_card_id: int, limit: int) -> list[int]:
        return list(
            self._session.execute(
                select(cards.c.id)
                .where(
                    cards.c.program_id == program.program_id,
                    cards.c.id > after_card_id,
                    cards.c.closed_at.is_(None),
                    or_(cards.c.stamp_count > 0, cards.c.points_balance > 0),
                    func.coalesce(cards.c.visited_at, cards.c.created_at) < visited_before,
                )
                .order_by(cards.c.id)
                .limit(limit)
            ).scalars()
        )

    def _expire(self, program: Expiring, card_id: int, today: date, now: datetime) -> int:
        """Looks again under the lock: the customer may have come meanwhile."""
        card = self._ledger.lock(program.vendor_id, card_id=card_id)
        last = rules.expires_on(card.visited_at or card.created_at, card.expiry(program.time_zone))
        if card.closed_at is not None or not card.program_is_active or last is None or last >= today:
            return 0
        origin = Origin(vendor_id=program.vendor_id, time_zone=program.time_zone, source=Source.SYSTEM)
        batch_id = f"expiry-{program.program_id}-{today.isoformat()}"
        return self._stamps(card, origin, now, batch_id) + self._points(card, origin, now, batch_id)

    def _stamps(self, card: CardState, origin: Origin, now: datetime, batch_id: str) -> int:
        if not card.stamp_count:
            return 0
        facts: dict[str, Any] = {"stamps": -card.stamp_count, "changes": card.program_terms, "batch_id": batch_id}
        self._ledger.append(card, origin, EntryKind.STAMPS_EXPIRED, now, **facts)
        return 1

    def _points(self, card: CardState, origin: Origin, now: datetime, batch_id: str) -> int:
        if not card.points_balance:
            return 0
        self._ledger.append(
            card,
            origin,
            EntryKind.POINTS_EXPIRED,
            now,
            points=-card.points_balance,
            remainder=-card.points_remainder,
            batch_id=batch_id,
        )
        return 1
