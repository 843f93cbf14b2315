"""Stamps: give and redeem. Each is one short transaction, opened by the door:

lock the card → look the key up again → ask the rules → append the entry and move the card → store the key.
"""

from __future__ import annotations

from loyalty_portal.clock import Clock
from loyalty_portal.enums import EntryKind, ProgramType
from loyalty_portal.schemas.counter import Answer, Keyed, Origin, StampCommand
from loyalty_portal.services import rules
from loyalty_portal.services.answers import Answers, closed
from loyalty_portal.services.ledger import CardRef, Ledger, visit_columns


class StampService:
    """What the counter does with a stamp card."""

    def __init__(self, clock: Clock, ledger: Ledger, answers: Answers) -> None:
        self._clock = clock
        self._ledger = ledger
        self._answers = answers

    def earn(self, origin: Origin, code: CardRef, command: StampCommand, keyed: Keyed | None = None) -> Answer:
        """Gives stamps to the card with this code, or says which rule forbids it. Raises `CardNotFound`."""
        card = self._ledger.lock(origin.vendor_id, code=code)
        if (known := self._answers.known(origin, keyed)) is not None:
            return known
        now = self._clock.now()
        limits = card.rules(origin.time_zone)
        no = closed(card, ProgramType.POINTS) or rules.refuse_stamps(card.visit, limits, command.quantity, now)
        if no:
            return self._answers.refusal(card, no, origin, keyed, now)
        before = card.visit_started_at
        visit = rules.after_stamps(card.visit, limits, command.quantity, now)
        changes = visit_columns(visit) | {"total_stamps_earned": card.total_stamps_earned + command.quantity}
        entry = self._ledger.append(
            card, origin, EntryKind.STAMP_EARNED, now, stamps=command.quantity, changes=changes, note=command.note
        )
        return self._answers.receipt(card, entry, origin, keyed, now, before)

    def redeem(self, origin: Origin, code: CardRef, keyed: Keyed | None = None) -> Answer:
        """Takes the card's target away, gives the reward, and puts the card on the program's current terms."""
        card = self._ledger.lock(origin.vendor_id, code=code)
        if (known := self._answers.known(origin, keyed)) is not None:
            return known
        now = self._clock.now()
        target = card.stamps_target or 0
        no = closed(card, ProgramType.POINTS)
        if no is None and card.stamp_count < target:
            no = rules.No("not_enough_stamps", {"balance": card.stamp_count, "needed": target})
        if no:
            return self._answers.refusal(card, no, origin, keyed, now)
        changes = card.program_terms | {"stamps_redeemed": card.stamps_redeemed + target}
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
        return self._answers.receipt(card, entry, origin, keyed, now)
