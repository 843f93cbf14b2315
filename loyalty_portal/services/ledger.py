"""The only writer of `loyalty_transactions` and of a card's balances. SQLAlchemy Core: two statements an entry."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, bindparam, exists, insert, select, update
from sqlalchemy.orm import Session, scoped_session

from loyalty_portal.clock import local_day
from loyalty_portal.database import after_commit
from loyalty_portal.enums import EntryKind, PassState
from loyalty_portal.errors import CardNotFound
from loyalty_portal.models import (
    Customer,
    EntryNote,
    LoyaltyCard,
    LoyaltyProgram,
    LoyaltyTransaction,
    WalletPass,
    Webhook,
)
from loyalty_portal.schemas.counter import EntryView, Origin
from loyalty_portal.schemas.programs import RewardView
from loyalty_portal.services import chain
from loyalty_portal.services.rules import ExpiryRule, StampRules, VisitState

cards = LoyaltyCard.__table__
entries = LoyaltyTransaction.__table__
notes = EntryNote.__table__
programs = LoyaltyProgram.__table__
customers = Customer.__table__
webhooks = Webhook.__table__
passes = WalletPass.__table__

AnySession = Session | scoped_session[Any]
CardRef = str | int
"""A card by its code, or by its id."""
Enqueue = Callable[..., object]
"""Puts a job into the queue by its name; never fails."""


def no_queue(*_: Any) -> None:
    """For services that run without a worker: the sweep finds what there is to do."""


@dataclass(slots=True)
class CardState:
    """A card's row as it stands under its lock, with its person's name and its program's rules."""

    id: int
    vendor_id: int
    program_id: int
    customer_id: int
    code: str
    link_token: str
    stamps_target: int | None
    reward_description: str | None
    reward_value_cents: int | None
    reward_cost_cents: int | None
    stamp_count: int
    total_stamps_earned: int
    stamps_redeemed: int
    points_balance: int
    total_points_earned: int
    points_redeemed: int
    points_remainder: int
    visit_started_at: datetime | None
    visit_stamps: int
    visit_purchases: int
    stamp_day: date | None
    stamps_today: int
    visited_at: datetime | None
    seq: int
    head_hash: str
    revision: int
    is_active: bool
    closed_at: datetime | None
    last_activity_at: datetime
    created_at: datetime
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    loyalty_type: str
    program_is_active: bool
    program_archived_at: datetime | None
    cooldown_minutes: int
    max_daily_stamps: int
    max_stamps_per_visit: int
    program_target: int | None
    program_reward: str | None
    program_reward_value_cents: int | None
    program_reward_cost_cents: int | None
    points_per_euro: int | None
    points_rewards: str
    max_purchase_cents: int | None
    expiry_months: int | None
    expiry_since: datetime | None
    program_activated_at: datetime | None
    has_webhooks: bool
    has_passes: bool

    @property
    def visit(self) -> VisitState:
        return VisitState(
            self.visit_started_at, self.visit_stamps, self.stamp_day, self.stamps_today, self.visit_purchases
        )

    def rules(self, zone: str) -> StampRules:
        return StampRules(self.cooldown_minutes, self.max_daily_stamps, self.max_stamps_per_visit, zone)

    def expiry(self, zone: str) -> ExpiryRule:
        since = [at for at in (self.expiry_since, self.program_activated_at) if at is not None]
        return ExpiryRule(self.expiry_months, max(since, default=None), zone)

    @property
    def offered_rewards(self) -> list[RewardView]:
        """The program's catalogue as it is on offer."""
        rewards = map(RewardView.model_validate, json.loads(self.points_rewards))
        return [reward for reward in rewards if reward.is_active]

    @property
    def program_terms(self) -> dict[str, Any]:
        """The program's current terms, for a card that begins a new round."""
        return {
            "stamps_target": self.program_target or self.stamps_target,
            "reward_description": self.program_reward or self.reward_description,
            "reward_value_cents": self.program_reward_value_cents,
            "reward_cost_cents": self.program_reward_cost_cents,
        }

    @property
    def terms(self) -> str:
        """The terms the card is on, frozen into each entry."""
        return json.dumps(
            {
                "target": self.stamps_target,
                "reward": self.reward_description,
                "value": self.reward_value_cents,
                "cost": self.reward_cost_cents,
            },
            separators=(",", ":"),
            ensure_ascii=False,
        )


_FROM_OTHERS = {
    "first_name": customers.c.first_name,
    "last_name": customers.c.last_name,
    "email": customers.c.email,
    "phone": customers.c.phone,
    "loyalty_type": programs.c.loyalty_type,
    "program_is_active": programs.c.is_active,
    "program_archived_at": programs.c.archived_at,
    "cooldown_minutes": programs.c.cooldown_minutes,
    "max_daily_stamps": programs.c.max_daily_stamps,
    "max_stamps_per_visit": programs.c.max_stamps_per_visit,
    "program_target": programs.c.stamps_target,
    "program_reward": programs.c.stamps_reward_description,
    "program_reward_value_cents": programs.c.stamps_reward_value_cents,
    "program_reward_cost_cents": programs.c.stamps_reward_cost_cents,
    "points_per_euro": programs.c.points_per_euro,
    "points_rewards": programs.c.points_rewards,
    "max_purchase_cents": programs.c.max_purchase_cents,
    "expiry_months": programs.c.expiry_months,
    "expiry_since": programs.c.expiry_since,
    "program_activated_at": programs.c.activated_at,
    # Read with the card, so that a shop without webhooks pays for nothing more.
    "has_webhooks": exists().where(webhooks.c.vendor_id == cards.c.vendor_id, webhooks.c.is_active),
    "has_passes": exists().where(passes.c.card_id == cards.c.id, passes.c.state != PassState.REMOVED.value),
}
_COLUMNS = [
    _FROM_OTHERS[field.name].label(field.name) if field.name in _FROM_OTHERS else cards.c[field.name]
    for field in dataclass_fields(CardState)
]
# Core rows bypass the session's identity map, so what comes back is always the database's present.
CARD_STATE = select(*_COLUMNS).select_from(
    cards.join(programs, programs.c.id == cards.c.program_id).join(customers, customers.c.id == cards.c.customer_id)
)


_VISITS = (
    EntryKind.STAMP_EARNED,
    EntryKind.STAMP_REDEEMED,
    EntryKind.POINTS_EARNED,
    EntryKind.POINTS_REDEEMED,
)
_GIFTS = (EntryKind.POINTS_ADJUSTED, EntryKind.STAMPS_ADJUSTED, EntryKind.BALANCE_IMPORTED)


def _renews(kind: str, stamps: int, points: int) -> bool:
    """Whether expiry counts anew from an entry: the customer was there, or was given something."""
    return kind in _VISITS or (kind in _GIFTS and (stamps > 0 or points > 0))


def visit_columns(visit: VisitState) -> dict[str, Any]:
    """A card's memory of its visit, as its columns."""
    return {
        "visit_started_at": visit.visit_started_at,
        "visit_stamps": visit.visit_stamps,
        "visit_purchases": visit.visit_purchases,
        "stamp_day": visit.stamp_day,
        "stamps_today": visit.stamps_today,
    }


def _asked(query: Any) -> tuple[Any, Any]:
    """The query for a card by its code and by its id, each with the vendor."""
    own = query.where(cards.c.vendor_id == bindparam("vendor"))
    return own.where(cards.c.code == bindparam("card")), own.where(cards.c.id == bindparam("card"))


# Statements of the hot path are built once: SQLAlchemy then finds their SQL without walking through them again.
_READ = _asked(CARD_STATE)
_LOCK = _asked(CARD_STATE.with_for_update(of=cards))
_APPEND = insert(entries).returning(entries.c.id)


@lru_cache(maxsize=64)
def _mover(columns: tuple[str, ...]) -> Any:
    """The statement that moves these columns of a card."""
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    return update(cards).where(cards.c.id == bindparam("this_card")).values(values)


class Ledger:
    """Locks cards, appends entries, and moves the balances in the same breath."""

    def __init__(self, session: AnySession, enqueue: Enqueue = no_queue) -> None:
        self._session = session
        self._enqueue = enqueue

    def read(self, vendor_id: int, *, code: str | None = None, card_id: int | None = None) -> CardState:
        """The card without a lock. Raises `CardNotFound` for another vendor's too."""
        return self._one(_READ, vendor_id, code, card_id)

    def lock(self, vendor_id: int, *, code: CardRef | None = None, card_id: int | None = None) -> CardState:
        """The card under its lock, fresh. SQLite holds its one write lock already."""
        return self._one(_LOCK, vendor_id, code, card_id)

    def _one(self, query: tuple[Any, Any], vendor_id: int, code: CardRef | None, card_id: int | None) -> CardState:
        by_code, by_id = query
        asked = {"vendor": vendor_id, "card": card_id if code is None else code}
        row: Row[Any] | None = self._session.execute(by_code if isinstance(code, str) else by_id, asked).first()
        if row is None:
            raise CardNotFound("code")
        return CardState(*tuple(row))

    def append(
        self,
        card: CardState,
        origin: Origin,
        kind: EntryKind,
        now: datetime,
        *,
        stamps: int = 0,
        points: int = 0,
        remainder: int = 0,
        changes: dict[str, Any] | None = None,
        note: str | None = None,
        **facts: Any,
    ) -> EntryView:
        """Writes one entry and the card that follows from it; `card` is brought up to date in place.

        `changes` are further columns of the card; `facts` further columns of the entry.
        """
        salt = secrets.token_hex(16) if note else ""
        entry: dict[str, Any] = {
            "vendor_id": card.vendor_id,
            "program_id": card.program_id,
            "card_id": card.id,
            "seq": card.seq + 1,
            "kind": kind.value,
            "stamps_delta": stamps,
            "points_delta": points,
            "remainder_delta": remainder,
            "stamps_after": card.stamp_count + stamps,
            "points_after": card.points_balance + points,
            "amount_cents": None,
            "reward_id": None,
            "reward_name": None,
            "reward_retail_cents": None,
            "reward_cost_cents": None,
            "terms": card.terms,
            "staff_pin_id": origin.staff_pin_id,
            "source": origin.source.value,
            "source_id": origin.source_id,
            "acting_user_id": origin.acting_user_id,
            "is_override": False,
            "reference": None,
            "voids_id": None,
            "batch_id": None,
            "note_digest": hashlib.sha256((salt + note).encode()).hexdigest() if note else None,
            "local_day": local_day(now, origin.time_zone),
            "at": now,
        } | facts
        entry["prev_hash"] = card.head_hash
        entry["hash"] = chain.entry_hash(card.head_hash, entry)
        entry["hash_version"] = chain.HASH_VERSION
        entry_id = self._session.execute(_APPEND, entry).scalar_one()
        if note:
            values = {"vendor_id": card.vendor_id, "entry_id": entry_id, "salt": salt, "text": note}
            self._session.execute(insert(notes).values(values))
        self._move(card, entry, changes or {}, now)
        if card.has_webhooks:
            vendor_id = card.vendor_id
            after_commit(lambda: self._enqueue("deliver_webhooks", vendor_id), once=("webhooks", vendor_id))
        if card.has_passes:
            card_id = card.id
            after_commit(lambda: self._enqueue("bring_passes", card_id), once=("passes", card_id))
        return _view(entry_id, entry, origin.staff_name, note)

    def _move(self, card: CardState, entry: dict[str, Any], changes: dict[str, Any], now: datetime) -> None:
        moved = {
            "stamp_count": entry["stamps_after"],
            "points_balance": entry["points_after"],
            "points_remainder": card.points_remainder + entry["remainder_delta"],
            "seq": entry["seq"],
            "head_hash": entry["hash"],
            "revision": card.revision + 1,
            "last_activity_at": max(now, card.last_activity_at),
        } | changes
        if _renews(entry["kind"], entry["stamps_delta"], entry["points_delta"]):
            moved["visited_at"] = max(now, card.visited_at or now)
        self._session.execute(_mover(tuple(moved)), moved | {"this_card": card.id})
        for name, value in moved.items():
            if name in CardState.__slots__:
                setattr(card, name, value)

    def standing(self, card_id: int, *, exclude: int, most: int = 200) -> list[tuple[datetime, int]]:
        """The stamps and purchases that stand once the entry `exclude` is gone, oldest of the last `most` first:
        (at, how many stamps; 0 for a purchase). Those of cards that were merged into this one count, too.
        """
        merged = select(cards.c.id).where(cards.c.merged_into_id == card_id)
        rows = self._session.execute(
            _standing(entries.c.at, entries.c.stamps_delta)
            .where(
                (entries.c.card_id == card_id) | entries.c.card_id.in_(merged),
                entries.c.kind.in_([EntryKind.STAMP_EARNED.value, EntryKind.POINTS_EARNED.value]),
                entries.c.id != exclude,
            )
            .order_by(entries.c.at.desc(), entries.c.id.desc())
            .limit(most)
        ).all()
        return [(row.at, row.stamps_delta) for row in reversed(rows)]

    def last_visit(self, card_id: int, *, exclude: int) -> datetime | None:
        """When the customer last was there, by what stands once the entry `exclude` is gone."""
        gift = entries.c.kind.in_([kind.value for kind in _GIFTS]) & (
            (entries.c.stamps_delta > 0) | (entries.c.points_delta > 0)
        )
        visit = entries.c.kind.in_([kind.value for kind in _VISITS])
        found: datetime | None = self._session.execute(
            _standing(entries.c.at)
            .where(entries.c.card_id == card_id, entries.c.id != exclude, visit | gift)
            .order_by(entries.c.seq.desc())
            .limit(1)
        ).scalar()
        return found


def _standing(*columns: Any) -> Any:
    """Entries that weren't voided."""
    void = entries.alias("void")
    return select(*columns).outerjoin(void, void.c.voids_id == entries.c.id).where(void.c.id.is_(None))


def _view(entry_id: int, entry: dict[str, Any], staff_name: str | None, note: str | None) -> EntryView:
    known = {name: entry[name] for name in EntryView.model_fields if name in entry}
    return EntryView(id=entry_id, staff_name=staff_name, note=note, **known)
