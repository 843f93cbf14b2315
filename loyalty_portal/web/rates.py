"""How often an API key or, on public routes, an address may ask. Every answer says what is left."""

from __future__ import annotations

from functools import lru_cache

import structlog
from flask import Response, current_app, g
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter, RateLimiter

from loyalty_portal.clock import SystemClock
from loyalty_portal.errors import RateLimited
from loyalty_portal.web.current import actor, settings
from loyalty_portal.web.extensions import caller, limiter

log = structlog.get_logger(__name__)
BY_ADDRESS = 240
"""Requests a minute of one address that sends no valid key."""
_ALONE = "loyalty_portal_rates"


def count() -> None:
    """Counts this request. Raises `RateLimited`."""
    if not limiter.enabled:
        return
    limit, whom = _limit()
    allowed, remaining, reset_at = _hit(limit, whom)
    # `limits` counts by the machine's clock.
    wait = max(1, round(reset_at - SystemClock().now().timestamp()))
    g.rate = {"Limit": limit.amount, "Remaining": remaining, "Reset": wait}
    if not allowed:
        raise RateLimited(retry_after=wait)


def tell(response: Response) -> Response:
    """Puts the usual headers on an answer that was counted."""
    for name, value in g.get("rate", {}).items():
        response.headers[f"RateLimit-{name}"] = response.headers[f"X-RateLimit-{name}"] = str(value)
    return response


def _limit() -> tuple[RateLimitItem, str]:
    if actor.key is not None:
        return _a_minute(settings.API_RATE_LIMIT), f"key:{actor.key.id}"
    return _a_minute(min(BY_ADDRESS, settings.API_RATE_LIMIT)), f"address:{caller()}"


@lru_cache(maxsize=8)
def _a_minute(amount: int) -> RateLimitItem:
    return parse(f"{amount} per minute")


def _hit(limit: RateLimitItem, whom: str) -> tuple[bool, int, float]:
    """(allowed, left, when the window opens again). Without the shared storage this process counts for itself."""
    try:
        return _ask(limiter.limiter, limit, whom)
    except Exception:
        log.exception("rate_limit_storage_unreachable")
        alone = current_app.extensions.setdefault(_ALONE, MovingWindowRateLimiter(MemoryStorage()))
        return _ask(alone, limit, whom)


def _ask(strategy: RateLimiter, limit: RateLimitItem, whom: str) -> tuple[bool, int, float]:
    allowed = strategy.hit(limit, "api", whom)
    stats = strategy.get_window_stats(limit, "api", whom)
    return allowed, max(0, stats.remaining), stats.reset_time
