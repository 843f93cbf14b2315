"""Points: give, redeem, adjust. The same short transaction as a stamp's; a purchase's reference is one statement more.

Points are whole; the hundredths that a purchase leaves stay on the card (`points_remainder`) and count at the next.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from loyalty_portal.clock import Clock
from loyalty_portal.enums import EntryKind, ProgramType, StaffRole
from loyalty_portal.errors import Invalid, ManagerRequired
from loyalty_portal.models import PurchaseReference
from loyalty_portal.schemas.counter import AdjustPoints, Answer, Keyed, Origin, PointsCommand, RedeemPoints
from loyalty_portal.services import rules
from loyalty_portal.services.answers import Answers, closed
from loyalty_portal.services.ledger import AnySession, CardRef, CardState, Ledger, entries, visit_columns

references = PurchaseReference.__table__
MOST_POINTS = 1_000_000_000
"""What a card can hold; the database holds that line too."""


class PointsService:
    """What the counter does with a card that collects points."""

    def __init__(self, session: AnySession, clock: Clock, ledger: Ledger, answers: Answers) -> None:
        self._session = session
        self._clock = clock
        self._ledger = ledger
        self._answers = answers

    def earn(self, origin: Origin, code: CardRef, command: PointsCommand, keyed: Keyed | None = None) -> Answer:
        """Gives the points of a purchase, or points as they are, or says which rule forbids it.

        Raises `CardNotFound`, `ManagerRequired` for a purchase that staff may not book alone, and `Invalid` for
        more points than a card can hold.
        """
        card = self._ledger.lock(origin.vendor_id, code=code)
        if (known := self._answers.known(origin, keyed)) is not None:
            return known
        now = self._clock.now()
        limits = card.rules(origin.time_zone)
        if no := closed(card, ProgramType.STAMPS) or rules.refuse_purchase(card.visit, limits, now):
            return self._answers.refusal(card, no, origin, keyed, now)
        rate = card.points_per_euro or 0
        _need_manager(origin, rules.is_large(command.amount_cents, command.points, card.max_purchase_cents, rate))
        points, remainder = command.points or 0, card.points_remainder
        if command.amount_cents is not None:
            points, remainder = rules.points_for(command.amount_cents, rate, remainder)
        _fit(card, points, "amount_cents" if command.amount_cents is not None else "points")
        if no := self._book(origin.vendor_id, command.reference):
            return self._answers.refusal(card, no, origin, keyed, now)
        before = card.visit_started_at
        visit = rules.after_purchase(card.visit, limits, now)
        entry = self._ledger.append(
            card,
            origin,
            EntryKind.POINTS_EARNED,
            now,
            points=points,
            remainder=remainder - card.points_remainder,
            changes=visit_columns(visit) | {"total_points_earned": card.total_points_earned + points},
            amount_cents=command.amount_cents,
            reference=command.reference,
        )
        return self._answers.receipt(card, entry, origin, keyed, now, before)

    def redeem(self, origin: Origin, code: CardRef, command: RedeemPoints, keyed: Keyed | None = None) -> Answer:
        """Takes a reward's points away and keeps the reward as it was: its name, its worth, its cost."""
        card = self._ledger.lock(origin.vendor_id, code=code)
        if (known := self._answers.known(origin, keyed)) is not None:
            return known
        now = self._clock.now()
        reward = next((reward for reward in card.offered_rewards if reward.id == command.reward_id), None)
        no = closed(card, ProgramType.STAMPS)
        if no is None and reward is None:
            no = rules.No("reward_unknown", {})
        if no is None and reward is not None:
            no = _too_few(card, reward.points_required)
        if no or reward is None:
            return self._answers.refusal(card, no or rules.No("reward_unknown", {}), origin, keyed, now)
        entry = self._ledger.append(
            card,
            origin,
            EntryKind.POINTS_REDEEMED,
            now,
            points=-reward.points_required,
            changes={"points_redeemed": card.points_redeemed + reward.points_required},
            reward_id=reward.id,
            reward_name=reward.name,
            reward_retail_cents=reward.value_cents,
            reward_cost_cents=reward.cost_cents,
        )
        return self._answers.receipt(card, entry, origin, keyed, now)

    def adjust(self, origin: Origin, code: CardRef, command: AdjustPoints, keyed: Keyed | None = None) -> Answer:
        """Corrects the balance, up or down, never below nothing. Raises `ManagerRequired`."""
        card = self._ledger.lock(origin.vendor_id, code=code)
        if (known := self._answers.known(origin, keyed)) is not None:
            return known
        now = self._clock.now()
        _need_manager(origin, True)
        if no := closed(card, ProgramType.STAMPS) or _too_few(card, -command.points):
            return self._answers.refusal(card, no, origin, keyed, now)
        _fit(card, command.points, "points")
        entry = self._ledger.append(
            card, origin, EntryKind.POINTS_ADJUSTED, now, points=command.points, note=command.reason
        )
        return self._answers.receipt(card, entry, origin, keyed, now)

    def _book(self, vendor_id: int, reference: str | None) -> rules.No | None:
        """Takes the reference for this purchase, or names the entry that has it.

        Two tills that book one reference at once meet in the UNIQUE: the second waits for the first and then
        writes nothing.
        """
        if reference is None:
            return None
        taken = self._session.execute(
            self._insert()
            .values(vendor_id=vendor_id, reference=reference)
            .on_conflict_do_nothing(index_elements=["vendor_id", "reference"])
            .returning(references.c.id)
        ).first()
        return None if taken else rules.No("reference_used", {"transaction_id": self._booked(vendor_id, reference)})

    def _insert(self) -> Any:
        bind = self._session.get_bind()
        return postgresql.insert(references) if bind.dialect.name == "postgresql" else sqlite.insert(references)

    def _booked(self, vendor_id: int, reference: str) -> int | None:
        void = entries.alias("void")
        found: int | None = self._session.execute(
            select(entries.c.id)
            .outerjoin(void, void.c.voids_id == entries.c.id)
            .where(entries.c.vendor_id == vendor_id, entries.c.reference == reference, void.c.id.is_(None))
        ).scalar()
        return found


def _need_manager(origin: Origin, needed: bool) -> None:
    if needed and origin.staff_role is not StaffRole.MANAGER:
        raise ManagerRequired("pin")


def _too_few(card: CardState, needed: int) -> rules.No | None:
    if card.points_balance >= needed:
        return None
    return rules.No("not_enough_points", {"balance": card.points_balance, "needed": needed})


def _fit(card: CardState, points: int, field: str) -> None:
    if card.points_balance + points > MOST_POINTS:
        raise Invalid(errors=[{"field": field, "type": "int_parsing_size", "ctx": {}}])
