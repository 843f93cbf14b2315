"""What can go wrong, as codes and facts. The sentences are in `web/messages.py`.

An error is raised and rolls back; a refusal by a rule (`schemas.counter.Refusal`) is returned and kept.
"""

from __future__ import annotations

from typing import Any, ClassVar


class DomainError(Exception):
    """An error with a `code`, an HTTP `status`, perhaps the `field` it belongs to, and facts for the sentence."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(self, field: str | None = None, **facts: Any) -> None:
        super().__init__(self.code)
        self.field = field
        self.facts = facts


class Invalid(DomainError):
    """The input doesn't fit. `facts["errors"]`: a list of {"field", "type", "ctx"}."""

    code, status = "invalid", 422


class BadJson(DomainError):
    """The body is no JSON object."""

    code, status = "bad_json", 400


class UnsupportedMediaType(DomainError):
    code, status = "unsupported_media_type", 415


class Unauthenticated(DomainError):
    code, status = "unauthenticated", 401


class Forbidden(DomainError):
    code, status = "forbidden", 403


class NotFound(DomainError):
    """Not there, or another vendor's: the same answer."""

    code, status = "not_found", 404


class CardNotFound(NotFound):
    """No card of this vendor has the code: a wrong check character, unknown, or another vendor's, all alike."""


class PinRequired(DomainError):
    code, status = "pin_required", 422


class PinRejected(DomainError):
    """No active staff member has this PIN. Facts: `tries_left`."""

    code, status = "pin_rejected", 403


class ManagerRequired(DomainError):
    code, status = "manager_required", 403


class PinLocked(DomainError):
    """Too many wrong PINs from this till or key. Facts: `retry_at`."""

    code, status = "pin_locked", 423


class RateLimited(DomainError):
    """Facts: `retry_after` in seconds."""

    code, status = "rate_limited", 429


class IdempotencyConflict(DomainError):
    """The key was used with another request."""

    code, status = "idempotency_conflict", 409


class IdempotencyInProgress(DomainError):
    """The first request with this key hasn't finished. Facts: `retry_after` in seconds."""

    code, status = "idempotency_in_progress", 409


class WalletAway(DomainError):
    """The wallet's own servers can't be reached or don't do what is asked. Facts: `retry_after` in seconds."""

    code, status = "wallet_away", 503


class CallbackDenied(DomainError):
    """A message that claims to come from a wallet's servers and doesn't hold."""

    code, status = "callback_denied", 400


class Busy(DomainError):
    """The database was locked for too long; nothing was written. Facts: `retry_after` in seconds."""

    code, status = "busy", 503


class ProgramExists(DomainError):
    code, status = "program_exists", 409


class SlugTaken(DomainError):
    code, status = "slug_taken", 409


class PinRefused(DomainError):
    """A new PIN is too common or in use; which of the two isn't said."""

    code, status = "pin_refused", 422


class PictureRefused(DomainError):
    """Facts: `reason`, one of `format`, `size`, `pixels`, `broken`, `animated`."""

    code, status = "picture_refused", 422


class EmailTaken(DomainError):
    code, status = "email_taken", 409


class PairingRefused(DomainError):
    """The pairing code is unknown, used or too old."""

    code, status = "pairing_refused", 404


class LinkExpired(DomainError):
    """A mailed link is unknown, used or too old."""

    code, status = "link_expired", 404


class SchemaOutdated(DomainError):
    """The database lacks a migration, a table or a trigger. Facts: `missing`."""

    code, status = "schema_outdated", 503
