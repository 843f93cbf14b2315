"""What Google tells when a pass is saved or removed: signed with ECv2SigningOnly, and believed only when it holds.

Root keys (from Google) sign an intermediate key, which signs the message; each signature is over the parts with their
lengths in front. Knows no models.
"""

from __future__ import annotations

import base64
import binascii
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from loyalty_portal.clock import Clock

log = structlog.get_logger(__name__)
KEYS_URL = "https://pay.google.com/gp/m/issuer/keys"
PROTOCOL = "ECv2SigningOnly"
SENDER = "GooglePayPasses"
KEPT = timedelta(days=1)
"""How long fetched keys are used without asking again."""
MOST_ASKED, WITHIN = 3, timedelta(minutes=5)
"""However many forgeries arrive, Google's keys are asked for no more often than this."""
SECONDS = 5
MOST_SIGNATURES, MOST_KEYS = 10, 20
LONGEST_NONCE = 200


class CallbackRefused(Exception):
    """It isn't from Google, isn't for us, or is too old. `reason`: `malformed`, `signature`, `expired`, `stranger`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeysAway(Exception):
    """Google's root keys can't be had at the moment, and none are known."""


@dataclass(frozen=True, slots=True)
class Callback:
    """What happened to a pass. `is_saved`: saved, else removed. `expires_at`: no copy is believed from then on."""

    class_id: str
    object_id: str
    is_saved: bool
    nonce: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _RootKey:
    key: ec.EllipticCurvePublicKey
    expires_at: datetime


class RootKeys:
    """Google's root keys: kept, asked for again when they are old or don't fit, but never for every request."""

    def __init__(self, clock: Clock, url: str = KEYS_URL) -> None:
        self._clock = clock
        self._url = url
        self._keys: list[_RootKey] = []
        self._fetched_at: datetime | None = None
        self._asked_at: list[datetime] = []
        self._lock = threading.Lock()

    def known(self) -> list[ec.EllipticCurvePublicKey]:
        """The keys that haven't expired; asked for when there are none or they were kept long enough.

        Raises `KeysAway`.
        """
        now = self._clock.now()
        is_old = self._fetched_at is None or now - self._fetched_at > KEPT
        if is_old or not self._valid(now):
            self._ask(now)
        if not (found := self._valid(now)):
            raise KeysAway
        return found

    def renewed(self) -> list[ec.EllipticCurvePublicKey] | None:
        """The keys as they are now, when a signature didn't fit the known ones; None where they were asked for often
        enough.
        """
        now = self._clock.now()
        return self._valid(now) if self._ask(now) else None

    def _valid(self, now: datetime) -> list[ec.EllipticCurvePublicKey]:
        return [one.key for one in self._keys if one.expires_at > now]

    def _ask(self, now: datetime) -> bool:
        """Fetches the keys, unless that was done or tried often enough just now; answers whether it did."""
        with self._lock:
            self._asked_at = [at for at in self._asked_at if timedelta() <= now - at < WITHIN]
            if len(self._asked_at) >= MOST_ASKED:
                return False
            self._asked_at.append(now)
        try:
            answer = httpx.get(self._url, timeout=SECONDS, trust_env=False)
            answer.raise_for_status()
            keys = root_keys(answer.json())
        except (httpx.HTTPError, ValueError) as error:
            log.warning("google_keys_away", kind=type(error).__name__)
            return False
        self._keys, self._fetched_at = keys, now
        return True


def root_keys(document: Any) -> list[_RootKey]:
    """The ECv2SigningOnly keys of Google's document; what can't be read is left out. Raises `ValueError`."""
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("no list of keys")
    found = []
    for item in document["keys"][:MOST_KEYS]:
        if isinstance(item, dict) and item.get("protocolVersion") == PROTOCOL:
            try:
                found.append(_RootKey(_public_key(item.get("keyValue")), _moment(item.get("keyExpiration"))))
            except CallbackRefused:
                log.warning("google_key_unreadable")
    return found


def verify(envelope: Any, issuer_id: str, keys: RootKeys, now: datetime) -> Callback:
    """The message in an envelope, when all holds: both signatures, for this issuer, not expired, of its classes.

    Raises `CallbackRefused` and `KeysAway`.
    """
    signature, signed_key, key_signatures, message = _opened(envelope)
    parts = (SENDER, PROTOCOL, signed_key)
    if not any_signed(keys.known(), key_signatures, parts):
        fresh = keys.renewed()
        if fresh is None or not any_signed(fresh, key_signatures, parts):
            raise CallbackRefused("signature")
    intermediate = _object(signed_key)
    if _moment(intermediate.get("keyExpiration")) <= now:
        raise CallbackRefused("expired")
    # The recipient is who we are, not who the message says it is for: else any issuer's message would do.
    if not any_signed([_public_key(intermediate.get("keyValue"))], [signature], (SENDER, issuer_id, PROTOCOL, message)):
        raise CallbackRefused("signature")
    return _read(_object(message), issuer_id, now)


def any_signed(keys: Sequence[ec.EllipticCurvePublicKey], signatures: Sequence[bytes], parts: Sequence[str]) -> bool:
    """Whether one of the keys made one of the signatures over these parts."""
    data = signed_bytes(*parts)
    for key in keys:
        for signature in signatures:
            try:
                key.verify(signature, data, ec.ECDSA(SHA256()))
            except InvalidSignature:
                continue
            return True
    return False


def signed_bytes(*parts: str) -> bytes:
    """What is signed: each part after its length in bytes of UTF-8, as four bytes, the lowest first."""
    encoded = [part.encode("utf-8") for part in parts]
    return b"".join(len(part).to_bytes(4, "little") + part for part in encoded)


def _opened(envelope: Any) -> tuple[bytes, str, list[bytes], str]:
    if not isinstance(envelope, dict) or envelope.get("protocolVersion") != PROTOCOL:
        raise CallbackRefused("malformed")
    middle = envelope.get("intermediateSigningKey")
    if not isinstance(middle, dict) or not isinstance(middle.get("signatures"), list):
        raise CallbackRefused("malformed")
    signatures = [_bytes(one) for one in middle["signatures"][:MOST_SIGNATURES]]
    return _bytes(envelope.get("signature")), _text(middle.get("signedKey")), signatures, _text(
        envelope.get("signedMessage")
    )  # fmt: skip


def _read(message: dict[str, Any], issuer_id: str, now: datetime) -> Callback:
    class_id, object_id, nonce = (_text(message.get(name)) for name in ("classId", "objectId", "nonce"))
    if not nonce or len(nonce) > LONGEST_NONCE:
        raise CallbackRefused("malformed")
    if message.get("eventType") not in {"save", "del"}:
        raise CallbackRefused("malformed")
    expires_at = _moment(message.get("expTimeMillis"))
    if expires_at <= now:
        raise CallbackRefused("expired")
    if not all(one.startswith(f"{issuer_id}.") for one in (class_id, object_id)):
        raise CallbackRefused("stranger")
    return Callback(class_id, object_id, message["eventType"] == "save", nonce, expires_at)


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise CallbackRefused("malformed") from None
    if not isinstance(found, dict):
        raise CallbackRefused("malformed")
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str) or (not value.isascii() and _is_broken(value)) or "\0" in value:
        raise CallbackRefused("malformed")
    return value


def _is_broken(value: str) -> bool:
    """Whether it holds half of a surrogate pair, which no UTF-8 does."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(_text(value), validate=True)
    except (binascii.Error, ValueError):
        raise CallbackRefused("malformed") from None


def _public_key(value: Any) -> ec.EllipticCurvePublicKey:
    try:
        key = load_der_public_key(_bytes(value))
    except Exception:
        raise CallbackRefused("malformed") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CallbackRefused("malformed")
    return key


def _moment(milliseconds: Any) -> datetime:
    """A moment given in milliseconds since 1970, as text or number."""
    try:
        if isinstance(milliseconds, bool) or not isinstance(milliseconds, str | int):
            raise ValueError
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise CallbackRefused("malformed") from None
