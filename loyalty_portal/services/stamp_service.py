"""Stamps: give, redeem, take back. Each is one short transaction, opened by the door:

lock the card → look the key up again → ask the rules → append the entry and move the card → store the key.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select

from loyalty_portal.clock import Clock
from loyalty_portal.enums import EntryKind, ProgramType, StaffRole
from loyalty_portal.errors import ManagerRequired, NotFound
from loyalty_portal.schemas.counter import (
    Answer,
    EntryView,
    Facts,
    Keyed,
    Origin,
    Receipt,
    Refusal,
    StampCommand,
    VoidCommand,
)
from loyalty_portal.services import rules
from loyalty_portal.services.idempotency import Idempotency
from loyalty_portal.services.ledger import AnySession, CardState, Ledger, entries
from loyalty_portal.services.views import card_view


class StampService:
    """What the counter does with a stamp card."""

    def __init__(self, session: AnySession, clock: Clock, ledger: Ledger, idempotency: Idempotency) -> None:
        self._session = session
        self._clock = clock
        self._ledger = ledger
        self._idempotency = idempotency

    def earn(self, origin: Origin, code: str, command: StampCommand, keyed: Keyed | None = None) -> Answer:
        """Gives stamps to the card with this code, or says which rule forbids it. Raises `CardNotFound`."""
        card = self._ledger.lock(origin.vendor_id, code=code)
        if (known := self._idempotency.replay(origin.vendor_id, keyed)) is not None:
            return known
        now = self._clock.now()
        limits = card.rules(origin.time_zone)
        no = _closed(card) or rules.refuse_stamps(card.visit, limits, command.quantity, now)
        if no:
            return self._refuse(card, no, origin, keyed, now)
        visit = rules.after_stamps(card.visit, limits, command.quantity, now)
        changes = _visit_columns(visit) | {"total_stamps_earned": card.total_stamps_earned + command.quantity}
        entry = self._ledger.append(card, origin, EntryKind.STAMP_EARNED, now, stamps=command.quantity, changes=changes)
        return self._receipt(card, entry, origin, keyed, now)

    def redeem(self, origin: Origin, code: str, keyed: Keyed | None = None) -> Answer:
        """Takes the card's target away, gives the reward, and puts the card on the program's current terms."""
        card = self._ledger.lock(origin.vendor_id, code=code)
        if (known := self._idempotency.replay(origin.vendor_id, keyed)) is not None:
            return known
        now = self._clock.now()
        target = card.stamps_target or 0
        no = _closed(card)
        if no is None and card.stamp_count < target:
            no = rules.No("not_enough_stamps", {"balance": card.stamp_count, "needed": target})
        if no:
            return self._refuse(card, no, origin, keyed, now)
        changes = _program_terms(card) | {"stamps_redeemed": card.stamps_redeemed + target}
        entry = self._ledger.append(
            card,
            origin,
            EntryKind.STAMP_REDEEMED,
            now,
            stamps=-target,
            changes=changes,
            reward_name=card.reward_description,
            reward_retail_cents=card.reward_value_cents,
            reward_cost_cents=card.reward_cost_cents,
        )
        return self._receipt(card, entry, origin, keyed, now)

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
        if (known := self._idempotency.replay(origin.vendor_id, keyed)) is not None:
            return known
        now = self._clock.now()
        entry = self._session.execute(select(entries).where(entries.c.id == entry_id)).mappings().one()
        if no := _closed(card) or self._not_voidable(card, entry) or _too_late(origin, entry, command, now):
            return self._refuse(card, no, origin, keyed, now)
        if origin.staff_pin_id is None:
            origin = origin.model_copy(update={"staff_pin_id": entry["staff_pin_id"]})
        made = self._append_void(card, origin, entry, command, now)
        return self._receipt(card, made, origin, keyed, now)

    def may_undo(self, origin: Origin, entry: EntryView, now: datetime) -> bool:
        """Whether this till or key may still take the entry back without a PIN."""
        return (
            entry.kind in _VOIDABLE
            and entry.voided_by_id is None
            and (entry.source, entry.source_id) == (origin.source, origin.source_id)
            and now - entry.at <= rules.UNDO_WINDOW
        )

    def _append_void(
        self, card: CardState, origin: Origin, entry: Any, command: VoidCommand, now: datetime
    ) -> EntryView:
        stamps = -entry["stamps_delta"]
        if entry["kind"] == EntryKind.STAMP_EARNED:
            standing = self._ledger.standing_stamps(card.id, exclude=entry["id"])
            visit = rules.replayed(standing, card.rules(origin.time_zone))
            changes = _visit_columns(visit) | {"total_stamps_earned": card.total_stamps_earned + stamps}
        else:
            terms = json.loads(entry["terms"])
            changes = {
                "stamps_redeemed": card.stamps_redeemed - stamps,
                "stamps_target": terms["target"],
                "reward_description": terms["reward"],
                "reward_value_cents": terms["value"],
                "reward_cost_cents": terms["cost"],
            }
        return self._ledger.append(
            card,
            origin,
            EntryKind.STAMP_VOIDED,
            now,
            stamps=stamps,
            changes=changes,
            note=command.reason,
            voids_id=entry["id"],
        )

    def _not_voidable(self, card: CardState, entry: Any) -> rules.No | None:
        if entry["kind"] not in _VOIDABLE:
            return rules.No("not_voidable", {})
        voided = select(entries.c.id).where(entries.c.voids_id == entry["id"])
        if self._session.execute(voided).first():
            return rules.No("already_voided", {})
        if entry["kind"] == EntryKind.STAMP_EARNED:
            void = entries.alias("void")
            spent_since = (
                select(entries.c.id)
                .outerjoin(void, void.c.voids_id == entries.c.id)
                .where(
                    entries.c.card_id == card.id,
                    entries.c.seq > entry["seq"],
                    entries.c.kind == EntryKind.STAMP_REDEEMED.value,
                    void.c.id.is_(None),
                )
            )
            if card.stamp_count < entry["stamps_delta"] or self._session.execute(spent_since).first():
                return rules.No("not_voidable", {})
        return None

    def _receipt(self, card: CardState, entry: EntryView, origin: Origin, keyed: Keyed | None, now: datetime) -> Answer:
        view = card_view(card, origin.time_zone, now)
        receipt = Receipt(
            transaction=entry,
            card=view,
            reward_ready=view.rewards_ready > 0,
            more_in_visit=rules.room_in_visit(card.visit, card.rules(origin.time_zone), now),
        )
        return self._idempotency.store(origin.vendor_id, keyed, receipt, card.id, now)

    def _refuse(self, card: CardState, no: rules.No, origin: Origin, keyed: Keyed | None, now: datetime) -> Answer:
        refusal = Refusal(code=no.code, facts=Facts(**no.facts), card=card_view(card, origin.time_zone, now))
        return self._idempotency.store(origin.vendor_id, keyed, refusal, card.id, now)


_VOIDABLE = frozenset({EntryKind.STAMP_EARNED, EntryKind.STAMP_REDEEMED})


def _closed(card: CardState) -> rules.No | None:
    """Whether nothing can be written on this card at all."""
    if card.closed_at is not None or not card.is_active:
        return rules.No("card_inactive", {})
    if not card.program_is_active or card.program_archived_at is not None:
        return rules.No("program_inactive", {})
    if card.loyalty_type == ProgramType.POINTS:
        return rules.No("wrong_program_type", {})
    return None


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


def _visit_columns(visit: rules.VisitState) -> dict[str, Any]:
    return {
        "visit_started_at": visit.visit_started_at,
        "visit_stamps": visit.visit_stamps,
        "stamp_day": visit.stamp_day,
        "stamps_today": visit.stamps_today,
    }


def _program_terms(card: CardState) -> dict[str, Any]:
    return {
        "stamps_target": card.program_target or card.stamps_target,
        "reward_description": card.program_reward or card.reward_description,
        "reward_value_cents": card.program_reward_value_cents,
        "reward_cost_cents": card.program_reward_cost_cents,
    }
