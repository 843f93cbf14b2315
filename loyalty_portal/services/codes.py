"""The short code of a card, read aloud and typed at counters, and other secrets that are made by chance."""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32 characters: no I, L, O or U."""

_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", " ": "", "-": "", "\u00a0": "", "\u202f": ""})
QR_PREFIX = "LC"


def check_character(seven: str) -> str:
    """The eighth character: the sum of position (1 to 7) times value, modulo 31."""
    total = sum(weight * ALPHABET.index(character) for weight, character in enumerate(seven, start=1))
    return ALPHABET[total % 31]


def new_code() -> str:
    """Seven random characters and their check character."""
    seven = "".join(secrets.choice(ALPHABET) for _ in range(7))
    return seven + check_character(seven)


def read_code(text: str) -> str | None:
    """The code that was typed or scanned, with or without the QR's prefix, or None when it can't be one."""
    if len(text) > 40:
        return None
    plain = "".join(text.split()).replace("-", "").upper()
    if len(plain) == len(QR_PREFIX) + 8 and plain.startswith(QR_PREFIX):
        plain = plain[len(QR_PREFIX) :]
    plain = plain.translate(_LOOKALIKES)
    if len(plain) != 8 or any(character not in ALPHABET for character in plain):
        return None
    return plain if check_character(plain[:7]) == plain[7] else None


def new_token(bits: int = 256) -> str:
    """A secret for a link or a cookie, in URL-safe characters."""
    return secrets.token_urlsafe(bits // 8)


def digest(secret: str) -> str:
    """What is stored of a secret that has enough chance in it: SHA-256, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
