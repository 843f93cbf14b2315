"""Rows become views here, in one place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from loyalty_portal.clock import local_day
from loyalty_portal.schemas.cards import CardHit, CardView
from loyalty_portal.services import rules
from loyalty_portal.services.ledger import CardState


def card_view(card: CardState, zone: str, now: datetime) -> CardView:
    """A card as everyone sees it. `zone` is the vendor's."""
    limits = card.rules(zone)
    last_day = None
    if card.closed_at is None and (card.stamp_count or card.points_balance):
        last_day = rules.expires_on(card.visited_at or card.created_at, card.expiry(zone))
    return CardView(
        id=card.id,
        vendor_id=card.vendor_id,
        program_id=card.program_id,
        customer_id=card.customer_id,
        code=card.code,
        link_token=card.link_token,
        first_name=card.first_name,
        last_name=card.last_name,
        email=card.email,
        phone=card.phone,
        stamp_count=card.stamp_count,
        stamps_target=card.stamps_target,
        stamps_shown=rules.stamps_shown(card.stamp_count, card.stamps_target),
        rewards_ready=rules.rewards_ready(card.stamp_count, card.stamps_target),
        reward_description=card.reward_description,
        reward_value_cents=card.reward_value_cents,
        total_stamps_earned=card.total_stamps_earned,
        stamps_redeemed=card.stamps_redeemed,
        points_balance=card.points_balance,
        total_points_earned=card.total_points_earned,
        points_redeemed=card.points_redeemed,
        points_remainder=card.points_remainder,
        stamps_today=rules.stamps_of_today(card.visit, limits, now),
        next_stamp_at=rules.next_stamp_at(card.visit, limits, now),
        room_in_visit=rules.room_in_visit(card.visit, limits, now),
        next_purchase_at=rules.next_purchase_at(card.visit, limits, now),
        expires_on=last_day,
        expires_soon=rules.expires_soon(last_day, now, zone) and not _was_here(card, zone, now),
        last_visit_at=card.visit_started_at,
        last_activity_at=card.last_activity_at,
        is_active=card.is_active and card.closed_at is None,
        is_closed=card.closed_at is not None,
        revision=card.revision,
        created_at=card.created_at,
    )


def _was_here(card: CardState, zone: str, now: datetime) -> bool:
    """Whether the customer came today: then there is nothing to warn of yet."""
    return card.visited_at is not None and local_day(card.visited_at, zone) == local_day(now, zone)


def card_hit(row: Any) -> CardHit:
    """A card in a list, from a row of `CARD_HITS`."""
    return CardHit(
        id=row.id,
        code=row.code,
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        email_verified=row.email_verified_at is not None,
        phone=row.phone,
        stamp_count=row.stamp_count,
        stamps_shown=rules.stamps_shown(row.stamp_count, row.stamps_target),
        stamps_target=row.stamps_target,
        rewards_ready=rules.rewards_ready(row.stamp_count, row.stamps_target),
        points_balance=row.points_balance,
        last_visit_at=row.visit_started_at,
        last_activity_at=row.last_activity_at,
        is_active=row.is_active,
        created_at=row.created_at,
    )
