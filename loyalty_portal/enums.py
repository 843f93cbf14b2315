"""Words that all rooms share. Their values are stored and sent, so they never change."""

from __future__ import annotations

from enum import StrEnum


class ProgramType(StrEnum):
    STAMPS = "stamps"
    POINTS = "points"
    HYBRID = "hybrid"


class EntryKind(StrEnum):
    """What a ledger entry records."""

    CARD_CREATED = "card_created"
    CARD_MERGED = "card_merged"
    STAMP_EARNED = "stamp_earned"
    STAMP_REDEEMED = "stamp_redeemed"
    STAMP_VOIDED = "stamp_voided"
    POINTS_EARNED = "points_earned"
    POINTS_REDEEMED = "points_redeemed"
    POINTS_VOIDED = "points_voided"
    POINTS_ADJUSTED = "points_adjusted"
    STAMPS_ADJUSTED = "stamps_adjusted"
    BALANCE_IMPORTED = "balance_imported"
    STAMPS_EXPIRED = "stamps_expired"
    POINTS_EXPIRED = "points_expired"
    CARD_DEACTIVATED = "card_deactivated"
    CARD_ACTIVATED = "card_activated"
    CUSTOMER_ERASED = "customer_erased"


class Source(StrEnum):
    """Where an entry was made. `source_id` is the till's, the API key's or the user's id."""

    COUNTER = "counter"
    API = "api"
    PORTAL = "portal"
    SYSTEM = "system"


class StaffRole(StrEnum):
    STAFF = "staff"
    MANAGER = "manager"


class MemberRole(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"


class PassPlatform(StrEnum):
    APPLE = "apple"
    GOOGLE = "google"


class PassState(StrEnum):
    OFFERED = "offered"
    SAVED = "saved"
    REMOVED = "removed"
    FAILING = "failing"


class PassHealth(StrEnum):
    """How a pass stands towards its card."""

    CURRENT = "current"
    WAITING = "waiting"
    FAILING = "failing"
    REMOVED = "removed"


class PictureKind(StrEnum):
    LOGO = "logo"
    HERO = "hero"


class EventType(StrEnum):
    """What a webhook hears of. `WEBHOOK_TEST` is sent by hand only."""

    CARD_ENROLLED = "card.enrolled"
    STAMP_EARNED = "stamp.earned"
    POINTS_EARNED = "points.earned"
    REWARD_REDEEMED = "reward.redeemed"
    ENTRY_VOIDED = "entry.voided"
    WEBHOOK_TEST = "webhook.test"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


LANGUAGES = {"en": "English", "fr": "Français", "de": "Deutsch", "lb": "Lëtzebuergesch"}
"""The languages spoken, by ISO 639-1 code, each with its own name."""

LANGUAGE_ALIASES = {"lu": "lb"}
"""`lu` is Luba-Katanga, but often written for Luxembourgish: accepted, stored as `lb`."""


def language(code: str | None) -> str | None:
    """The language meant by `code` (`fr-LU`, `LU`, …), or None when it isn't spoken here."""
    if not code:
        return None
    short = code.replace("_", "-").split("-")[0].strip().lower()
    short = LANGUAGE_ALIASES.get(short, short)
    return short if short in LANGUAGES else None
