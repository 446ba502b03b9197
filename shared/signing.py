"""Ed25519 keys as they stand in secret files (32 raw bytes in base64), and what is signed with them.

There are two forms, both in canonical JSON, and what was written in either is verified for ever:

- a line of a file: an object with its signature as a member; signed is the object with an `origin` in its place;
- a document for strangers: what is signed is a line that names its format, and under it the statement.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.canonical_json import canonical
from shared.config import SettingError

KEY_BYTES: Final = 32

Key = TypeVar("Key", bound="PublicKey")


class PublicKey:
    """Checks signatures. `id` is the beginning of the key's SHA-256."""

    def __init__(self, raw: bytes) -> None:
        """`raw` are 32 bytes that everybody may know."""
        self._key = Ed25519PublicKey.from_public_bytes(raw)
        self._raw = raw
        self.id = hashlib.sha256(raw).hexdigest()[:16]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `text` gives. Raises `SettingError`."""
        return cls(key_bytes(text, "the public key"))

    def text(self) -> str:
        """The raw key in base64."""
        return base64.b64encode(self._raw).decode("ascii")

    def pem(self) -> str:
        """The key as other programs read it."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")

    def verifies(self, signature: bytes, statement: bytes) -> bool:
        """Whether this key signed exactly these bytes."""
        try:
            self._key.verify(signature, statement)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """Signs. The private half stays in this process."""

    def __init__(self, raw: bytes) -> None:
        """`raw` are 32 random bytes; `public` is what everybody checks with."""
        self._private = Ed25519PrivateKey.from_private_bytes(raw)
        self.public = PublicKey(self._private.public_key().public_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the secret file's text. Raises `SettingError`."""
        return cls(key_bytes(text, "the signing key"))

    def sign(self, statement: bytes) -> bytes:
        """The signature of these bytes."""
        return self._private.sign(statement)


def statement(form: str, body: Mapping[str, Any]) -> bytes:
    """What is signed of a document: a line with its format, and the body in its one form."""
    return form.encode("ascii") + b"\n" + canonical(body)


def signature_text(signature: bytes) -> str:
    """A signature as it is written: base64."""
    return base64.b64encode(signature).decode("ascii")


def signature_of(text: str) -> bytes:
    """The signature that is written so. Raises `ValueError` for any other form, also one of the same value."""
    signature = base64.b64decode(text, validate=True)
    if signature_text(signature) != text:  # base64 leaves bits over that could be set unnoticed
        raise ValueError("not a signature as it was written")
    return signature


def signed_line(origin: str, fields: Mapping[str, Any], key: SigningKey) -> bytes:
    """A line of `fields` with the id of the key and the signature; `origin` says what kind of line it is."""
    named = {**fields, "key_id": key.public.id}
    signature = signature_text(key.sign(canonical({"origin": origin, **named})))
    return canonical({**named, "signature": signature})


def read_line(line: bytes) -> dict[str, Any]:
    """The JSON object of a line. Raises `ValueError` unless it is spelt exactly as we spell it."""
    raw = json.loads(line)
    if not isinstance(raw, dict) or canonical(raw) != line:
        raise ValueError("not a line as it was written")
    return raw


def is_signed(origin: str, raw: Mapping[str, Any], keys: Sequence[PublicKey]) -> bool:
    """Whether one of the keys, the one it names, signed exactly this. Raises `ValueError` where it is malformed."""
    signature = signature_of(raw["signature"])
    unsigned = {name: value for name, value in raw.items() if name != "signature"}
    signed = canonical({"origin": origin, **unsigned})
    return any(key.id == raw["key_id"] and key.verifies(signature, signed) for key in keys)


def key_bytes(text: str, what: str) -> bytes:
    """The raw bytes of a key in base64. Raises `SettingError`, which calls the key `what`."""
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except ValueError:
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
