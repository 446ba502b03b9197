"""Ed25519 keys in the form they have in secret files: the 32 raw bytes in base64."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from pathlib import Path
from typing import Final, Self, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.config import SettingError

KEY_BYTES: Final = 32

Key = TypeVar("Key", bound="PublicKey")


class PublicKey:
    """Checks signatures. `id` is the beginning of the key's SHA-256."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        """`key` may be known to everybody."""
        self._key = key
        self._raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = hashlib.sha256(self._raw).hexdigest()[:16]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `text` gives. Raises `SettingError`."""
        return cls(Ed25519PublicKey.from_public_bytes(key_bytes(text, "the public key")))

    def text(self) -> str:
        """The raw key in base64."""
        return base64.b64encode(self._raw).decode("ascii")

    def verifies(self, signature: bytes, statement: bytes) -> bool:
        """Whether this key signed exactly these bytes."""
        try:
            self._key.verify(signature, statement)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """Signs. The private half stays in this process."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        """`public` is what everybody checks with."""
        self._private = private_key
        self.public = PublicKey(private_key.public_key())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the secret file's text. Raises `SettingError`."""
        return cls(Ed25519PrivateKey.from_private_bytes(key_bytes(text, "the signing key")))

    def sign(self, statement: bytes) -> bytes:
        """The signature of these bytes."""
        return self._private.sign(statement)


def key_bytes(text: str, what: str) -> bytes:
    """The raw bytes of a key in base64. Raises `SettingError`, which calls the key `what`."""
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        raise SettingError(f"{what} is not base64") from None
    if len(raw) != KEY_BYTES:
        raise SettingError(f"{what} must be base64 of exactly {KEY_BYTES} bytes")
    return raw


def export_public_key(path: Path, key: Key) -> list[Key]:
    """Write the public key for everybody to read, and return all keys in the file.

    Keys that were there before stay, for what they signed; the present one is the first line.
    """
    try:
        older = [type(key).parse(line) for line in path.read_text(encoding="ascii").split()]
    except FileNotFoundError:
        older = []
    keys = [key, *(each for each in older if each.id != key.id)]
    if not older or older[0].id != key.id:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text("".join(f"{each.text()}\n" for each in keys), encoding="ascii")
        draft.replace(path)
    return keys
