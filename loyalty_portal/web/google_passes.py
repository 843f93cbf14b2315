"""The way to a save link: Google knows class and object before it is given."""

from __future__ import annotations

from loyalty_portal.database import end_read, transaction
from loyalty_portal.errors import WalletAway
from loyalty_portal.services import Services
from loyalty_portal.web import passes

RETRY_SECONDS = 15


def save_link(services: Services, vendor_id: int, card_id: int) -> str:
    """Where a customer saves a card. Raises `NotFound` where Google is off, and `WalletAway`."""
    google = services.google_wallet_service
    _ = google.gateway
    with transaction():
        google.offer(vendor_id, card_id)
    task = google.task(vendor_id, card_id)
    is_current = google.is_current(task)
    end_read()
    if not is_current:
        _bring(services, vendor_id, card_id)
        task = google.task(vendor_id, card_id)
        end_read()
        if not task.object_seen:
            raise WalletAway(retry_after=RETRY_SECONDS)
    return google.save_link(task)


def _bring(services: Services, vendor_id: int, card_id: int) -> None:
    """What the worker does for a card's passes, at once: its customer waits."""
    with transaction():
        services.google_wallet_service.need(vendor_id, card_id)
        claims = services.wallet_service.claim(card_id=card_id)
    passes.bring(services, claims)
