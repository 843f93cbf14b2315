"""Bringing claimed passes to the present: by the worker, and at once where a customer waits for the save link."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from loyalty_portal.database import end_read, transaction
from loyalty_portal.schemas.wallets import Brought, PassClaim
from loyalty_portal.services import Services

log = structlog.get_logger(__name__)


def bring(services: Services, claims: Sequence[PassClaim]) -> None:
    """Tells the wallets and records what they said, each pass in a transaction of its own."""
    wallets = services.wallet_service
    for claim in claims:
        platform = wallets.platform(claim.platform)
        brought = _brought(services, claim)
        with transaction():
            platform.settle(claim, brought)
            wallets.record(claim, brought)


def _brought(services: Services, claim: PassClaim) -> Brought:
    """Tells the wallet, with no transaction open. One pass that can't be made doesn't hold up the others."""
    platform = services.wallet_service.platform(claim.platform)
    try:
        prepared = platform.prepare(claim)
        end_read()
        return platform.bring(claim, prepared)
    except Exception:
        end_read()
        log.exception("pass_failed", platform=claim.platform.value)
        return Brought(error="internal")
