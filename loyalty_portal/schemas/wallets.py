"""Passes in wallets: what a platform is asked to bring up to date, and how passes stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from loyalty_portal.enums import PassHealth, PassPlatform, PassState
from loyalty_portal.schemas.base import View


@dataclass(frozen=True, slots=True)
class PassClaim:
    """A pass to bring to the present now. `attempt` counts from 1 and says whether the claim is still the latest."""

    pass_id: int
    vendor_id: int
    card_id: int
    platform: PassPlatform
    state: PassState
    attempt: int
    revision: int
    design: int
    is_new_design: bool
    waiting_since: datetime


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a claim. `error` is a short word, None when the wallet has seen it; `gone` are push tokens that
    nobody listens at any more, each with the moment it ended. `wait`: at least so long until the next try.
    """

    error: str | None = None
    wait: timedelta | None = None
    gone: list[tuple[str, datetime]] = field(default_factory=list)


class PassView(View):
    """A card's pass in one wallet."""

    id: int
    platform: PassPlatform
    health: PassHealth
    state: PassState
    error: str | None
    brought_at: datetime | None
    next_try_at: datetime | None


class PlatformTotals(View):
    """How a wallet's passes stand in all."""

    platform: PassPlatform
    current: int = 0
    waiting: int = 0
    failing: int = 0
    removed: int = 0
    oldest_waiting_at: datetime | None = None
    p95_delay_ms: int | None = None
    failures: dict[str, int] = {}
