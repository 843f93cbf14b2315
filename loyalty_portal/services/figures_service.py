"""The figures of a program and of the platform, all from the ledger, net of voids, in the vendor's time zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import Integer, case, cast, func, select

from loyalty_portal.clock import Clock, day_end, day_start, local_day
from loyalty_portal.enums import EntryKind
from loyalty_portal.models import LoyaltyCard, LoyaltyProgram, LoyaltyTransaction, Vendor
from loyalty_portal.schemas.programs import ProgramView, RewardView
from loyalty_portal.schemas.statistics import PeriodFigures, PlatformFigures, ProgramFigures
from loyalty_portal.services.ledger import AnySession

entries = LoyaltyTransaction.__table__
cards = LoyaltyCard.__table__
programs = LoyaltyProgram.__table__
vendors = Vendor.__table__
ACTIVITY_DAYS = 30
_void = entries.alias("void")
_NET = entries.outerjoin(_void, _void.c.voids_id == entries.c.id)
_ALWAYS = entries.c.id.is_not(None)
_VISITS = (EntryKind.STAMP_EARNED, EntryKind.STAMP_REDEEMED, EntryKind.POINTS_EARNED, EntryKind.POINTS_REDEEMED)
_REWARDS = (EntryKind.STAMP_REDEEMED, EntryKind.POINTS_REDEEMED)


class FiguresService:
    """Reads; writes nothing."""

    def __init__(self, session: AnySession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def program(
        self, program: ProgramView, zone: str, first: date | None = None, last: date | None = None
    ) -> ProgramFigures:
        """A program's figures. The period runs from `first` to `last`, without them from the month's first to today."""
        today = local_day(self._clock.now(), zone)
        month = today.replace(day=1)
        last = last or today
        first = first or min(month, last)
        in_month = entries.c.local_day >= month
        in_period = entries.c.local_day.between(first, last)
        since = today - timedelta(days=ACTIVITY_DAYS - 1)
        sums = (
            select(
                *_totals(),
                _stamps(EntryKind.STAMP_EARNED, in_month).label("stamps_this_month"),
                _count(_REWARDS, in_month).label("redemptions_this_month"),
                _cards(entries.c.local_day >= since).label("cards_with_activity_30d"),
                _stamps(EntryKind.STAMP_EARNED, in_period).label("period_stamps"),
                _count(_REWARDS, in_period).label("period_redemptions"),
                _points(EntryKind.POINTS_EARNED, in_period).label("period_points"),
                _points(EntryKind.POINTS_REDEEMED, in_period).label("period_points_redeemed"),
                _cards(in_period).label("period_cards"),
            )
            .select_from(_NET)
            .where(entries.c.vendor_id == program.vendor_id, entries.c.program_id == program.id, _void.c.id.is_(None))
        )
        row = self._session.execute(sums).mappings().one()
        held = self._held(program, first, last, zone)
        worth, owed = _liability(held, program.offered_rewards)
        total = sum(group.cards for group in held)
        return ProgramFigures(
            **{name: row[name] for name in row if name in ProgramFigures.model_fields},
            total_cards=total,
            active_cards=sum(group.cards for group in held if group.is_active),
            average_stamps_per_card=round(row["total_stamps_issued"] / total, 2) if total else 0.0,
            average_points_per_card=round(row["total_points_issued"] / total, 2) if total else 0.0,
            estimated_liability_cents=worth,
            owed_now_cents=owed,
            period=PeriodFigures(
                first=first,
                last=last,
                stamps_issued=row["period_stamps"],
                redemptions=row["period_redemptions"],
                points_issued=row["period_points"],
                points_redeemed=row["period_points_redeemed"],
                active_cards=row["period_cards"],
                new_cards=sum(group.new_cards for group in held),
            ),
        )

    def platform(self) -> PlatformFigures:
        """The platform in counts. Thirty days are counted in UTC: vendors live in several zones."""
        since = local_day(self._clock.now(), "UTC") - timedelta(days=ACTIVITY_DAYS - 1)
        sums = select(*_totals(), _cards(entries.c.local_day >= since).label("cards_with_activity_30d"))
        row = self._session.execute(sums.select_from(_NET).where(_void.c.id.is_(None))).mappings().one()
        return PlatformFigures(
            **row,
            **self._switched("vendors", vendors, vendors.c.id.is_not(None)),
            **self._switched("programs", programs, programs.c.archived_at.is_(None)),
            **self._switched("cards", cards, cards.c.closed_at.is_(None)),
        )

    def _switched(self, what: str, table: Any, fits: Any) -> dict[str, int]:
        """How many rows there are, and how many of them are switched on."""
        on = func.coalesce(func.sum(case((table.c.is_active, 1), else_=0)), 0)
        row = self._session.execute(select(func.count(), on).select_from(table).where(fits)).one()
        return {f"total_{what}": row[0], f"active_{what}": row[1]}

    def _held(self, program: ProgramView, first: date, last: date, zone: str) -> Sequence[Any]:
        """What the open cards hold, in groups of the same terms."""
        rewards = program.offered_rewards
        cheapest = min((reward.points_required for reward in rewards), default=1)
        is_new = cards.c.created_at.between(day_start(first, zone), day_end(last, zone))
        target = func.coalesce(cards.c.stamps_target, 1)
        return self._session.execute(
            select(
                cards.c.is_active,
                cards.c.stamps_target,
                cards.c.reward_value_cents,
                func.count().label("cards"),
                func.sum(case((is_new, 1), else_=0)).label("new_cards"),
                func.sum(cards.c.stamp_count).label("stamps"),
                func.sum(_whole(cards.c.stamp_count, target)).label("rewards"),
                func.sum(cards.c.points_balance).label("points"),
                func.sum(_whole(cards.c.points_balance, cheapest)).label("point_rewards"),
            )
            .where(
                cards.c.vendor_id == program.vendor_id,
                cards.c.program_id == program.id,
                cards.c.closed_at.is_(None),
            )
            .group_by(cards.c.is_active, cards.c.stamps_target, cards.c.reward_value_cents)
        ).all()


def _whole(amount: Any, divisor: Any) -> Any:
    """Division of whole numbers, rounded down, on both engines."""
    return cast((amount - amount % divisor) / divisor, Integer)


def _sum(column: Any, kinds: Sequence[EntryKind], fits: Any) -> Any:
    wanted = entries.c.kind.in_([kind.value for kind in kinds]) & fits
    return func.coalesce(func.sum(case((wanted, column), else_=0)), 0)


def _stamps(kind: EntryKind, fits: Any) -> Any:
    return _sum(func.abs(entries.c.stamps_delta), (kind,), fits)


def _points(kind: EntryKind, fits: Any) -> Any:
    return _sum(func.abs(entries.c.points_delta), (kind,), fits)


def _count(kinds: Sequence[EntryKind], fits: Any) -> Any:
    return _sum(1, kinds, fits)


def _cards(fits: Any) -> Any:
    """Cards whose customer was there."""
    wanted = entries.c.kind.in_([kind.value for kind in _VISITS]) & fits
    return func.count(case((wanted, entries.c.card_id)).distinct())


def _totals() -> list[Any]:
    return [
        _stamps(EntryKind.STAMP_EARNED, _ALWAYS).label("total_stamps_issued"),
        _stamps(EntryKind.STAMP_REDEEMED, _ALWAYS).label("total_stamps_redeemed"),
        _points(EntryKind.POINTS_EARNED, _ALWAYS).label("total_points_issued"),
        _points(EntryKind.POINTS_REDEEMED, _ALWAYS).label("total_points_redeemed"),
    ]


def _liability(held: Sequence[Any], rewards: list[RewardView]) -> tuple[int, int]:
    """(collected so far, owed now) in cents, rounded once. Exact in between."""
    worth, owed = Fraction(0), 0
    per_point = max((Fraction(reward.value_cents or 0, reward.points_required) for reward in rewards), default=0)
    cheapest = min(rewards, key=lambda reward: reward.points_required, default=None)
    for group in held:
        if not group.is_active:
            continue
        value = group.reward_value_cents or 0
        if group.stamps_target:
            worth += Fraction(int(group.stamps) * value, group.stamps_target)
            owed += int(group.rewards) * value
        worth += int(group.points) * per_point
        owed += int(group.point_rewards) * ((cheapest.value_cents or 0) if cheapest else 0)
    return int(worth + Fraction(1, 2)), owed
