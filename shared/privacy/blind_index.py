"""Look-up without the value: a keyed digest of the normalised text."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final, Self

from shared.config import SettingError
from shared.email_addresses import compared_email

KEY_BYTES: Final = 32


class BlindIndex:
    """Keyed digests for look-up columns. Without the key, a digest can be neither made nor checked."""

    def __init__(self, key: bytes) -> None:
        """Raises `SettingError` unless the key has 32 bytes."""
        if len(key) != KEY_BYTES:
            raise SettingError("the blind-index key must be base64 of exactly 32 bytes")
        self._key = key

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the secret file's text."""
        try:
            return cls(base64.b64decode(text.strip(), validate=True))
        except binascii.Error:
            raise SettingError("the blind-index key is not base64") from None

    def of(self, kind: str, text: str) -> bytes:
        """The digest of `text` as a `kind`; the same text as another kind has another digest."""
        message = kind.encode() + b"\x00" + text.encode()
        return hmac.new(self._key, message, hashlib.sha256).digest()

    def of_email(self, text: str) -> bytes:
        """The digest of an address in the spelling that is compared. Raises `Invalid`."""
        return self.of("email", compared_email(text))
