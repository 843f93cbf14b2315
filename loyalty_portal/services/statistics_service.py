"""Figures, always net of voids and in the vendor's time zone."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import case, func, select

from loyalty_portal.clock import Clock, local_day
from loyalty_portal.enums import EntryKind
from loyalty_portal.models import LoyaltyCard, LoyaltyTransaction
from loyalty_portal.schemas.statistics import DayCount, Today, VendorFigures
from loyalty_portal.services.ledger import AnySession

entries = LoyaltyTransaction.__table__
cards = LoyaltyCard.__table__
_void = entries.alias("void")
_NET = entries.outerjoin(_void, _void.c.voids_id == entries.c.id)
_STAMPS = func.coalesce(
    func.sum(case((entries.c.kind == EntryKind.STAMP_EARNED.value, entries.c.stamps_delta), else_=0)), 0
)
_GIVEN = entries.c.kind.in_([EntryKind.STAMP_REDEEMED.value, EntryKind.POINTS_REDEEMED.value])
_REWARDS = func.coalesce(func.sum(case((_GIVEN, 1), else_=0)), 0)
_POINTS = func.coalesce(
    func.sum(case((entries.c.kind == EntryKind.POINTS_EARNED.value, entries.c.points_delta), else_=0)), 0
)
_POINTS_REDEEMED = func.coalesce(
    func.sum(case((entries.c.kind == EntryKind.POINTS_REDEEMED.value, -entries.c.points_delta), else_=0)), 0
)


class StatisticsService:
    """Reads the ledger; adds nothing to the stamp's transaction."""

    def __init__(self, session: AnySession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def today(self, vendor_id: int, zone: str) -> Today:
        """Stamps, points and rewards given since local midnight."""
        day = local_day(self._clock.now(), zone)
        row = self._session.execute(
            select(_STAMPS.label("stamps"), _REWARDS.label("rewards"), _POINTS.label("points"))
            .select_from(_NET)
            .where(entries.c.vendor_id == vendor_id, entries.c.local_day == day, _void.c.id.is_(None))
        ).one()
        return Today(stamps=row.stamps, rewards=row.rewards, points=row.points)

    def overview(self, vendor_id: int, zone: str, days: int = 28) -> VendorFigures:
        """The dashboard's counts: what was given on each of the last `days` local days, oldest first, and cards."""
        last = local_day(self._clock.now(), zone)
        first = last - timedelta(days=days - 1)
        rows = self._session.execute(
            select(
                entries.c.local_day,
                _STAMPS.label("stamps"),
                _REWARDS.label("rewards"),
                _POINTS.label("points"),
                _POINTS_REDEEMED.label("points_redeemed"),
            )
            .select_from(_NET)
            .where(entries.c.vendor_id == vendor_id, entries.c.local_day >= first, _void.c.id.is_(None))
            .group_by(entries.c.local_day)
        )
        found: dict[date, DayCount] = {
            row.local_day: DayCount(
                day=row.local_day,
                stamps=row.stamps,
                rewards=row.rewards,
                points=row.points,
                points_redeemed=row.points_redeemed,
            )
            for row in rows
        }
        each = [first + timedelta(days=number) for number in range(days)]
        counts = self._session.execute(
            select(
                func.count().label("cards"),
                func.coalesce(func.sum(case((cards.c.stamp_count >= cards.c.stamps_target, 1), else_=0)), 0).label(
                    "full_cards"
                ),
                func.coalesce(
                    func.sum(case((cards.c.created_at >= self._clock.now() - timedelta(days=days), 1), else_=0)), 0
                ).label("new_cards"),
            ).where(cards.c.vendor_id == vendor_id, cards.c.closed_at.is_(None))
        ).one()
        return VendorFigures(
            days=[found.get(day, DayCount(day=day, stamps=0, rewards=0)) for day in each],
            cards=counts.cards,
            full_cards=counts.full_cards,
            new_cards=counts.new_cards,
        )
