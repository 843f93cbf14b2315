"""Keeping what must be readable again: encrypted under keys made of SECRET_KEY and the ones before it."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Vault:
    """Encrypts with the present key, opens with any. `purpose` keeps one use's texts from opening as another's."""

    def __init__(self, secret_keys: list[str], purpose: str) -> None:
        self._present = Fernet(_key(secret_keys[0], purpose))
        self._all = MultiFernet([Fernet(_key(secret, purpose)) for secret in secret_keys])

    def close(self, text: str) -> str:
        return self._present.encrypt(text.encode()).decode("ascii")

    def open(self, closed: str) -> str | None:
        """The text, or None when none of our keys closed it."""
        try:
            return self._all.decrypt(closed.encode()).decode()
        except InvalidToken:
            return None

    def renewed(self, closed: str) -> str | None:
        """The same under the present key; None when it is already, or can't be opened."""
        try:
            self._present.decrypt(closed.encode())
        except InvalidToken:
            text = self.open(closed)
            return self.close(text) if text is not None else None
        return None


def _key(secret: str, purpose: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
