"""Passes in wallets, behind their cards and brought to the present: the worker's side of both wallets.

A stamp raises its card's revision; a pass knows which revision (and which design of the program) its wallet has seen.
So whatever crashes, a pass that is behind can be found again: by the card's job, or by the sweep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, case, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from loyalty_portal.clock import Clock
from loyalty_portal.enums import PassHealth, PassPlatform, PassState
from loyalty_portal.errors import NotFound
from loyalty_portal.models import LoyaltyCard, LoyaltyProgram, WalletCounter, WalletPass
from loyalty_portal.schemas.wallets import Brought, PassClaim, PassView, PlatformTotals
from loyalty_portal.services.ledger import AnySession

passes = WalletPass.__table__
counters = WalletCounter.__table__
cards = LoyaltyCard.__table__
programs = LoyaltyProgram.__table__

PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
)
"""After the first failure, the second, …; the last goes on for ever: a wallet may be away for days."""
LEASE = timedelta(minutes=2)
"""How long a claimed pass is left to who claimed it; a worker that died has then lost it."""
QUIET = timedelta(seconds=30)
"""The least time between two updates of one pass: ten stamps in a minute are two or three."""
BATCH = 20
_SINCE = timedelta(days=1)

_BEHIND = or_(passes.c.seen_revision < cards.c.revision, passes.c.seen_design < programs.c.design_revision)
_WITH_CARDS = passes.join(cards, cards.c.id == passes.c.card_id).join(programs, programs.c.id == cards.c.program_id)
_SINCE_WHEN = case((passes.c.seen_revision < cards.c.revision, cards.c.last_activity_at), else_=programs.c.updated_at)
_STANDING = select(
    passes,
    cards.c.revision,
    programs.c.design_revision,
    _SINCE_WHEN.label("waiting_since"),
    _BEHIND.label("is_behind"),
).select_from(_WITH_CARDS)


class WalletPlatform(Protocol):
    """One of the wallets, as the worker needs it.

    `prepare` reads what is to be shown, `bring` tells the wallet with no transaction open, `settle` keeps what belongs
    to the platform alone, in the transaction that records the outcome.
    """

    platform: PassPlatform

    @property
    def is_on(self) -> bool: ...

    def prepare(self, claim: PassClaim) -> Any: ...

    def bring(self, claim: PassClaim, prepared: Any) -> Brought: ...

    def settle(self, claim: PassClaim, brought: Brought) -> None: ...


class WalletService:
    """The rows of `wallet_passes`. Nothing here waits for the network."""

    def __init__(self, session: AnySession, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._platforms: dict[PassPlatform, WalletPlatform] = {}

    def register(self, platform: WalletPlatform) -> None:
        """Makes a wallet known; one that isn't on is never asked."""
        self._platforms[platform.platform] = platform

    def platform(self, name: PassPlatform) -> WalletPlatform:
        return self._platforms[name]

    @property
    def on(self) -> list[PassPlatform]:
        """The wallets that are set up."""
        return [name for name, platform in self._platforms.items() if platform.is_on]

    # Passes of a card

    def offer(self, vendor_id: int, card_id: int, platform: PassPlatform) -> int:
        """The card's pass in this wallet, made when there is none; its id. One that was removed is offered anew."""
        if (row := self._find(vendor_id, card_id, platform)) is None:
            try:
                with self._session.begin_nested():
                    return self._make(vendor_id, card_id, platform)
            except IntegrityError:
                row = self._find(vendor_id, card_id, platform)
        if row is None:
            raise NotFound
        if row.state == PassState.REMOVED.value:
            self.mark(row.id, PassState.OFFERED)
        return int(row.id)

    def mark(self, pass_id: int, state: PassState) -> None:
        """Keeps what the customer did with the pass. One that comes back is tried at once."""
        changes: dict[str, Any] = {"state": state.value, "updated_at": self._clock.now()}
        if state is not PassState.REMOVED:
            changes |= {"next_try_at": None}
        self._session.execute(update(passes).where(passes.c.id == pass_id).values(changes))

    def of_card(self, vendor_id: int, card_id: int) -> list[PassView]:
        """How the card's passes stand, of the wallets that are on."""
        query = _STANDING.where(passes.c.vendor_id == vendor_id, passes.c.card_id == card_id, self._is_on())
        return [_view(row) for row in self._session.execute(query.order_by(passes.c.platform))]

    def send_again(self, vendor_id: int, card_id: int) -> None:
        """Forgets the pauses and shows the card anew, whatever its passes have seen."""
        self._again(and_(passes.c.vendor_id == vendor_id, passes.c.card_id == card_id))

    def retry_failing(self) -> None:
        """Forgets the pauses of all passes that fail."""
        self._again(passes.c.last_error.is_not(None))

    # The worker

    def claim(self, *, card_id: int | None = None) -> list[PassClaim]:
        """Takes some passes that are behind: the card's, or any. Nobody else gets them for `LEASE`.

        Each gets a change tag that is higher than all that anybody can have seen before.
        """
        now = self._clock.now()
        # A failure waits for its own pause, a success for `QUIET`.
        rested = or_(passes.c.brought_at.is_(None), passes.c.brought_at <= now - QUIET, passes.c.attempts > 0)
        due = or_(passes.c.next_try_at.is_(None), passes.c.next_try_at <= now)
        query = _STANDING.where(_BEHIND, passes.c.state != PassState.REMOVED.value, self._is_on(), due, rested)
        if card_id is not None:
            query = query.where(passes.c.card_id == card_id)
        rows = self._session.execute(
            query.order_by(passes.c.next_try_at, passes.c.id).limit(BATCH).with_for_update(of=passes, skip_locked=True)
        ).all()
        for platform in sorted({row.platform for row in rows}):
            self._tag([row for row in rows if row.platform == platform], platform, now)
        return [_claim(row) for row in rows]

    def is_resting(self, card_id: int) -> bool:
        """Whether a pass of the card is behind and only waits because it was brought just now."""
        resting = and_(passes.c.brought_at > self._clock.now() - QUIET, passes.c.attempts == 0)
        query = _STANDING.where(
            passes.c.card_id == card_id, _BEHIND, passes.c.state != PassState.REMOVED.value, self._is_on(), resting
        )
        return self._session.execute(query).first() is not None

    def record(self, claim: PassClaim, brought: Brought) -> None:
        """Keeps what became of a claim; one that was taken over meanwhile changes nothing."""
        now = self._clock.now()
        this = update(passes).where(passes.c.id == claim.pass_id, passes.c.attempts == claim.attempt)
        if brought.error is not None:
            wait = max(pause(claim.attempt), brought.wait or timedelta())
            self._session.execute(this.values(last_error=brought.error, next_try_at=now + wait, updated_at=now))
            return
        self._session.execute(
            this.values(
                seen_revision=claim.revision,
                seen_design=claim.design,
                attempts=0,
                last_error=None,
                next_try_at=None,
                brought_at=now,
                delay_ms=max(0, round((now - claim.waiting_since) / timedelta(milliseconds=1))),
                updated_at=now,
            )
        )

    # What the admin sees

    def totals(self) -> list[PlatformTotals]:
        """How each wallet's passes stand."""
        failing = passes.c.last_error.is_not(None)
        is_behind = _BEHIND.label("is_behind")
        rows = self._session.execute(
            select(passes.c.platform, passes.c.state, passes.c.last_error, is_behind)
            .add_columns(func.count().label("number"), func.min(_SINCE_WHEN).label("oldest"))
            .select_from(_WITH_CARDS)
            .group_by(passes.c.platform, passes.c.state, failing, passes.c.last_error, is_behind)
        ).all()
        return [self._totals(name, [row for row in rows if row.platform == name.value]) for name in PassPlatform]

    # Inside

    def _is_on(self) -> ColumnElement[bool]:
        return passes.c.platform.in_([name.value for name in self.on])

    def _find(self, vendor_id: int, card_id: int, platform: PassPlatform) -> Any:
        return self._session.execute(
            select(passes.c.id, passes.c.state).where(
                passes.c.vendor_id == vendor_id, passes.c.card_id == card_id, passes.c.platform == platform.value
            )
        ).first()

    def _make(self, vendor_id: int, card_id: int, platform: PassPlatform) -> int:
        now = self._clock.now()
        made = self._session.execute(
            insert(passes)
            .values(
                vendor_id=vendor_id,
                card_id=card_id,
                platform=platform.value,
                state=PassState.OFFERED.value,
                seen_revision=0,
                attempts=0,
                changed_at=now.replace(microsecond=0),
                created_at=now,
                updated_at=now,
            )
            .returning(passes.c.id)
        )
        return int(made.scalar_one())

    def _again(self, which: ColumnElement[bool]) -> None:
        anew = {"seen_revision": 0, "seen_design": 0, "attempts": 0, "next_try_at": None, "brought_at": None}
        self._session.execute(
            update(passes).where(which, passes.c.state != PassState.REMOVED.value).values(anew | {"last_error": None})
        )

    def _tag(self, rows: Sequence[Any], platform: str, now: datetime) -> None:
        """The counter's row is held to the end of the transaction, so tags become visible in their order."""
        counter = update(counters).where(counters.c.platform == platform)
        last = self._session.execute(
            counter.values(last_tag=counters.c.last_tag + len(rows)).returning(counters.c.last_tag)
        ).scalar()
        if last is None:
            # The first of all: whoever else makes it at once fails, and the sweep comes again.
            last = len(rows)
            self._session.execute(insert(counters).values(platform=platform, last_tag=last))
        second = now.replace(microsecond=0)
        for tag, row in enumerate(rows, last - len(rows) + 1):
            at = max(second, row.changed_at + timedelta(seconds=1)) if row.changed_at else second
            values = {"change_tag": tag, "changed_at": at, "sent_revision": row.revision}
            values |= {"attempts": row.attempts + 1, "next_try_at": now + LEASE}
            self._session.execute(update(passes).where(passes.c.id == row.id).values(values))

    def _totals(self, name: PassPlatform, rows: Sequence[Any]) -> PlatformTotals:
        counted: Counter[str] = Counter()
        failures: Counter[str] = Counter()
        oldest: datetime | None = None
        for row in rows:
            health = _health(row)
            counted[health.value] += row.number
            if health is PassHealth.FAILING:
                failures[row.last_error] += row.number
            if health in {PassHealth.FAILING, PassHealth.WAITING}:
                oldest = min(oldest, row.oldest) if oldest else row.oldest
        return PlatformTotals(
            platform=name,
            oldest_waiting_at=oldest,
            failures=dict(failures.most_common()),
            p95_delay_ms=self._slow(name),
            **counted,
        )

    def _slow(self, name: PassPlatform) -> int | None:
        """The delay, in milliseconds, that 19 of 20 passes of the last day stayed below."""
        recent = and_(passes.c.platform == name.value, passes.c.brought_at > self._clock.now() - _SINCE)
        number = self._session.execute(select(func.count()).select_from(passes).where(recent)).scalar_one()
        query = select(passes.c.delay_ms).where(recent).order_by(passes.c.delay_ms).offset(number * 95 // 100).limit(1)
        return self._session.execute(query).scalar()


def pause(attempts: int) -> timedelta:
    """How long to wait after this many attempts."""
    return PAUSES[min(attempts, len(PAUSES)) - 1]


def _claim(row: Any) -> PassClaim:
    return PassClaim(
        pass_id=row.id,
        vendor_id=row.vendor_id,
        card_id=row.card_id,
        platform=PassPlatform(row.platform),
        state=PassState(row.state),
        attempt=row.attempts + 1,
        revision=row.revision,
        design=row.design_revision,
        is_new_design=row.seen_design < row.design_revision,
        waiting_since=row.waiting_since,
    )


def _health(row: Any) -> PassHealth:
    if row.state == PassState.REMOVED.value:
        return PassHealth.REMOVED
    if not row.is_behind:
        return PassHealth.CURRENT
    return PassHealth.FAILING if row.last_error is not None else PassHealth.WAITING


def _view(row: Any) -> PassView:
    return PassView(
        id=row.id,
        platform=PassPlatform(row.platform),
        health=_health(row),
        state=PassState(row.state),
        error=row.last_error,
        brought_at=row.brought_at,
        next_try_at=row.next_try_at,
    )
