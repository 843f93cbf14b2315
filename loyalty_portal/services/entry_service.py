"""An entry after it was made: its receipt, and taking it back. One place decides by kind, for stamps and points."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from loyalty_portal.clock import Clock
from loyalty_portal.enums import EntryKind, StaffRole
from loyalty_portal.errors import ManagerRequired, NotFound
from loyalty_portal.models import PurchaseReference
from loyalty_portal.schemas.counter import Answer, EntryView, Keyed, Origin, Receipt, VoidCommand
from loyalty_portal.services import rules
from loyalty_portal.services.answers import Answers, closed, receipt
from loyalty_portal.services.ledger import AnySession, CardState, Ledger, entries, visit_columns

references = PurchaseReference.__table__

_STAMPS = {EntryKind.STAMP_EARNED, EntryKind.STAMP_REDEEMED}
_POINTS = {EntryKind.POINTS_EARNED, EntryKind.POINTS_REDEEMED, EntryKind.POINTS_ADJUSTED}
VOIDABLE = frozenset(_STAMPS | _POINTS)
"""The kinds that can be taken back. What was voided, merged or expired can't be."""


class EntryService:
    """Takes entries back by opposite ones; nothing is ever changed or removed."""

    def __init__(self, session: AnySession, clock: Clock, ledger: Ledger, answers: Answers) -> None:
        self._session = session
        self._clock = clock
        self._ledger = ledger
        self._answers = answers

    def void(self, origin: Origin, entry_id: int, command: VoidCommand, keyed: Keyed | None = None) -> Answer:
        """Takes an entry back by an opposite one. Within a minute by the till or key that made it; later with a
        manager's PIN and a reason. Raises `NotFound`, `ManagerRequired`.
        """
        card_id = self._session.execute(
            select(entries.c.card_id).where(entries.c.vendor_id == origin.vendor_id, entries.c.id == entry_id)
        ).scalar()
        if card_id is None:
            raise NotFound
        card = self._ledger.lock(origin.vendor_id, card_id=card_id)
        if (known := self._answers.known(origin, keyed)) is not None:
            return known
        now = self._clock.now()
        entry = self._session.execute(select(entries).where(entries.c.id == entry_id)).mappings().one()
        if no := closed(card) or self._not_voidable(card, entry) or _too_late(origin, entry, command, now):
            return self._answers.refusal(card, no, origin, keyed, now)
        if origin.staff_pin_id is None:
            origin = origin.model_copy(update={"staff_pin_id": entry["staff_pin_id"]})
        made = self._append(card, origin, entry, command, now)
        return self._answers.receipt(card, made, origin, keyed, now)

    def receipt(self, origin: Origin, entry: EntryView) -> Receipt:
        """The receipt of an entry that was made before, with its card as it stands now."""
        card = self._ledger.read(origin.vendor_id, card_id=entry.card_id)
        before = self._session.execute(
            select(entries.c.at)
            .where(
                entries.c.card_id == card.id,
                entries.c.seq < entry.seq,
                entries.c.kind.in_([EntryKind.STAMP_EARNED.value, EntryKind.POINTS_EARNED.value]),
            )
            .order_by(entries.c.seq.desc())
            .limit(1)
        ).scalar()
        return receipt(card, entry, origin.time_zone, self._clock.now(), before)

    def may_undo(self, origin: Origin, entry: EntryView, now: datetime) -> bool:
        """Whether this till or key may still take the entry back without a PIN."""
        return (
            entry.kind in VOIDABLE
            and entry.voided_by_id is None
            and (entry.source, entry.source_id) == (origin.source, origin.source_id)
            and now - entry.at <= rules.UNDO_WINDOW
        )

    def _append(self, card: CardState, origin: Origin, entry: Any, command: VoidCommand, now: datetime) -> EntryView:
        kind = EntryKind.STAMP_VOIDED if entry["kind"] in _STAMPS else EntryKind.POINTS_VOIDED
        points, remainder = _points_back(card, entry) or (0, 0)
        return self._ledger.append(
            card,
            origin,
            kind,
            now,
            stamps=-entry["stamps_delta"],
            points=points,
            remainder=remainder,
            changes=self._changes(card, origin, entry, points),
            note=command.reason,
            voids_id=entry["id"],
        )

    def _changes(self, card: CardState, origin: Origin, entry: Any, points: int) -> dict[str, Any]:
        """The card's further columns: its visit, its totals, its terms as they were before the entry."""
        changes: dict[str, Any] = {"visited_at": self._ledger.last_visit(card.id, exclude=entry["id"])}
        kind = entry["kind"]
        if kind in {EntryKind.STAMP_EARNED, EntryKind.POINTS_EARNED}:
            standing = self._ledger.standing(card.id, exclude=entry["id"])
            changes |= visit_columns(rules.replayed(standing, card.rules(origin.time_zone)))
        if kind == EntryKind.STAMP_EARNED:
            changes["total_stamps_earned"] = card.total_stamps_earned - entry["stamps_delta"]
        elif kind == EntryKind.POINTS_EARNED:
            changes["total_points_earned"] = card.total_points_earned + points
            self._free(entry)
        elif kind == EntryKind.POINTS_REDEEMED:
            changes["points_redeemed"] = card.points_redeemed - points
        elif kind == EntryKind.STAMP_REDEEMED:
            terms = json.loads(entry["terms"])
            changes |= {
                "stamps_redeemed": card.stamps_redeemed + entry["stamps_delta"],
                "stamps_target": terms["target"],
                "reward_description": terms["reward"],
                "reward_value_cents": terms["value"],
                "reward_cost_cents": terms["cost"],
            }
        return changes

    def _free(self, entry: Any) -> None:
        """The purchase can be booked again."""
        if entry["reference"] is not None:
            self._session.execute(
                delete(references).where(
                    references.c.vendor_id == entry["vendor_id"], references.c.reference == entry["reference"]
                )
            )

    def _not_voidable(self, card: CardState, entry: Any) -> rules.No | None:
        if entry["kind"] not in VOIDABLE:
            return rules.No("not_voidable", {})
        if self._session.execute(select(entries.c.id).where(entries.c.voids_id == entry["id"])).first():
            return rules.No("already_voided", {})
        kind = entry["kind"]
        if kind == EntryKind.STAMP_EARNED:
            taken = card.stamp_count < entry["stamps_delta"]
            since = {EntryKind.STAMP_REDEEMED, EntryKind.STAMPS_EXPIRED}
        elif kind in _POINTS and entry["points_delta"] * 100 + entry["remainder_delta"] > 0:
            # Points are alike: as long as the balance covers it, what was spent since were other points.
            taken = _points_back(card, entry) is None
            since = {EntryKind.POINTS_EXPIRED}
        else:
            return None
        return rules.No("not_voidable", {}) if taken or self._stands_since(card, entry, since) else None

    def _stands_since(self, card: CardState, entry: Any, kinds: set[EntryKind]) -> bool:
        """Whether an entry of these kinds came after and still stands."""
        void = entries.alias("void")
        found = self._session.execute(
            select(entries.c.id)
            .outerjoin(void, void.c.voids_id == entries.c.id)
            .where(
                entries.c.card_id == card.id,
                entries.c.seq > entry["seq"],
                entries.c.kind.in_([kind.value for kind in kinds]),
                void.c.id.is_(None),
            )
            .limit(1)
        )
        return found.first() is not None


def _points_back(card: CardState, entry: Any) -> tuple[int, int] | None:
    return rules.points_taken_back(
        card.points_balance, card.points_remainder, entry["points_delta"], entry["remainder_delta"]
    )


def _too_late(origin: Origin, entry: Any, command: VoidCommand, now: datetime) -> rules.No | None:
    """Past the minute, or from elsewhere, a void needs a manager and a reason."""
    same_place = (entry["source"], entry["source_id"]) == (origin.source.value, origin.source_id)
    if same_place and now - entry["at"] <= rules.UNDO_WINDOW:
        return None
    if origin.staff_role is StaffRole.STAFF:
        raise ManagerRequired("pin")
    if origin.staff_role is not StaffRole.MANAGER or not command.reason:
        return rules.No("void_too_late", {})
    return None
