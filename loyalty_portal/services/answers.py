"""The counter's two answers, made and kept in one place: the receipt and the refusal."""

from __future__ import annotations

from datetime import datetime

from loyalty_portal.enums import ProgramType
from loyalty_portal.schemas.counter import Answer, EntryView, Facts, Keyed, Origin, Receipt, Refusal
from loyalty_portal.services import rules
from loyalty_portal.services.idempotency import Idempotency
from loyalty_portal.services.ledger import CardState
from loyalty_portal.services.views import card_view

_STATUS = {"reward_unknown": 404}


class Answers:
    """Stores each answer under its key, in the transaction that made it."""

    def __init__(self, idempotency: Idempotency) -> None:
        self._idempotency = idempotency

    def known(self, origin: Origin, keyed: Keyed | None) -> Answer | None:
        """The answer that this key had. Asked for after the lock: who waited for it sees what was written meanwhile."""
        return self._idempotency.replay(origin.vendor_id, keyed)

    def receipt(
        self,
        card: CardState,
        entry: EntryView,
        origin: Origin,
        keyed: Keyed | None,
        now: datetime,
        before: datetime | None = None,
    ) -> Answer:
        """It was done."""
        answer = receipt(card, entry, origin.time_zone, now, before)
        return self._idempotency.store(origin.vendor_id, keyed, answer, card.id, now)

    def refusal(self, card: CardState, no: rules.No, origin: Origin, keyed: Keyed | None, now: datetime) -> Answer:
        """A rule says no."""
        refusal = Refusal(
            code=no.code,
            status=_STATUS.get(no.code, 409),
            facts=Facts(**no.facts),
            card=card_view(card, origin.time_zone, now),
        )
        return self._idempotency.store(origin.vendor_id, keyed, refusal, card.id, now)


def receipt(card: CardState, entry: EntryView, zone: str, now: datetime, before: datetime | None) -> Receipt:
    """The entry with its card. `before`: when the card was here before."""
    view = card_view(card, zone, now)
    affordable = any(reward.points_required <= card.points_balance for reward in card.offered_rewards)
    return Receipt(
        transaction=entry,
        card=view,
        reward_ready=view.rewards_ready > 0 or affordable,
        more_in_visit=rules.room_in_visit(card.visit, card.rules(zone), now),
        visited_before=before,
    )


def closed(card: CardState, *but_not: ProgramType) -> rules.No | None:
    """Whether nothing can be written on this card at all, or not by this service: `but_not` its program's types."""
    if card.closed_at is not None or not card.is_active:
        return rules.No("card_inactive", {})
    if not card.program_is_active or card.program_archived_at is not None:
        return rules.No("program_inactive", {})
    if card.loyalty_type in but_not:
        return rules.No("wrong_program_type", {})
    return None
