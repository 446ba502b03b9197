"""Look-up without the value: a keyed digest of the normalised text."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import unicodedata
from typing import Final, Self

import idna

from shared.config import SettingError
from shared.errors import Invalid

KEY_BYTES: Final = 32
EMAIL_LIMIT: Final = 254
LOCAL_PART_LIMIT: Final = 64


def normalise_email(text: str) -> str:
    """The one spelling of an e-mail address that is compared: NFC, capitals made small, domain in punycode.

    Only a capital and its own small letter count as the same. Unicode's case folding would go further and take
    `ß` for `ss` or a ligature for its letters, which are other people's mailboxes.
    Raises `Invalid` (without the value) where it is not an address.
    """
    local, at, domain = unicodedata.normalize("NFC", text.strip()).rpartition("@")
    try:
        host = idna.encode(domain.rstrip("."), uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        raise Invalid("the domain of the e-mail address is not valid") from None
    whole = f"{''.join(map(_small, local))}@{host}"
    bad = not at or not local or "." not in host or len(local) > LOCAL_PART_LIMIT or len(whole) > EMAIL_LIMIT
    if bad or any(ch.isspace() or not ch.isprintable() or ch in '<>()[]\\,;:"@' for ch in local):
        raise Invalid("not an e-mail address")
    if local.startswith(".") or local.endswith(".") or ".." in local:
        raise Invalid("not an e-mail address")
    return whole


def _small(letter: str) -> str:
    """The small letter of a capital that is the only capital of it; every other letter as it is."""
    small = letter.lower()
    return small if small.upper() == letter else letter


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
        """The digest of an address in its normalised spelling. Raises `Invalid`."""
        return self.of("email", normalise_email(text))
