"""Whose key it is, and the key-encryption key that wraps it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.config import SettingError
from shared.errors import Permanent

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
FIRST: Final = 1
"""The generation of every data key that was made before the first renewal."""

SubjectKind = Literal["company", "person"]


class KeyGoneError(Permanent):
    """The subject has no key: it was destroyed at erasure, or never made."""


class FencedError(Permanent):
    """The subject is being erased: its key can be neither made nor used any more."""


class TamperedError(Permanent):
    """A sealed value does not belong where it was found, or was changed."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A company or a person with a data key of its own; a person belongs to one company's account."""

    kind: SubjectKind
    id: UUID
    account_id: UUID

    @classmethod
    def company(cls, account_id: UUID) -> Self:
        """The company whose account this is."""
        return cls("company", account_id, account_id)

    @classmethod
    def person(cls, user_id: UUID, account_id: UUID) -> Self:
        """A user of the account."""
        return cls("person", user_id, account_id)

    def label(self) -> bytes:
        """What binds a wrapped key to its subject."""
        return f"{self.kind}:{self.id}:{self.account_id}".encode()


@dataclass(frozen=True, slots=True)
class KeySet:
    """The data keys of one subject by generation: all of them open, one seals."""

    keys: Mapping[int, bytes]
    sealing: int
    """The generation under which everything is sealed by now, by whoever has a key of it."""

    @property
    def generation(self) -> int:
        """That of the key that seals; the others are retired, or wait for their time."""
        return max((each for each in self.keys if each <= self.sealing), default=min(self.keys))

    @property
    def current(self) -> bytes:
        """The key that seals."""
        return self.keys[self.generation]


class KekMissingError(SettingError):
    """Data keys are wrapped by a key-encryption key that the key file does not hold."""


class Kek:
    """Key-encryption keys from a secret file: one base64 line each, the first wraps, all unwrap.

    A second line is an older key that still unwraps what has not been wrapped anew.
    """

    def __init__(self, keys: list[bytes]) -> None:
        """Raises `SettingError` unless every key has 32 bytes."""
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise SettingError("the key-encryption key must be base64 of exactly 32 bytes")
        self._keys = {kek_id(key): AESGCM(key) for key in keys}
        self.id = kek_id(keys[0])

    @property
    def ids(self) -> tuple[str, ...]:
        """The public names of all its keys, that of the one that wraps first."""
        return tuple(self._keys)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the secret file's text."""
        return cls(parse_keys(text))

    def current(self) -> Self:
        """Itself: these keys were given once and for all. See `KekSource`."""
        return self

    def read(self) -> Self:
        """Itself."""
        return self

    def wrap(self, subject: Subject, key: bytes, generation: int = FIRST) -> bytes:
        """`key` encrypted for storage, bound to `subject` and its generation."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._keys[self.id].encrypt(nonce, key, _label(subject, generation))

    def unwrap(self, subject: Subject, wrapped: bytes, kek: str, generation: int = FIRST) -> bytes:
        """The data key. Raises `SettingError` when the file lacks the key `kek`, `TamperedError` on mismatch."""
        cipher = self._keys.get(kek)
        if cipher is None:
            raise KekMissingError(f"the key file does not hold the key-encryption key {kek}")
        try:
            return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _label(subject, generation))
        except InvalidTag:
            raise TamperedError(f"the wrapped key of a {subject.kind} does not open") from None


class KekSource(Protocol):
    """Where the key-encryption keys come from. They may change while the process runs."""

    def current(self) -> Kek:
        """The keys to be used now."""

    def read(self) -> Kek:
        """The keys as they stand. Raises `SettingError` where they cannot be had."""


def _label(subject: Subject, generation: int) -> bytes:
    """What a wrapped key is bound to: an older one put in the place of a newer one does not open."""
    return subject.label() if generation == FIRST else subject.label() + f":{generation}".encode()


def parse_keys(text: str) -> list[bytes]:
    """The keys of a key file's text, in its order. Raises `SettingError` where a line is no base64."""
    try:
        return [base64.b64decode(line, validate=True) for line in text.split()]
    except binascii.Error:
        raise SettingError("the key-encryption key is not base64") from None


def kek_id(key: bytes) -> str:
    """A short public name for a key-encryption key."""
    return hashlib.sha256(b"vilkar kek" + key).hexdigest()[:8]


def fingerprint(key: bytes) -> str:
    """A public name for a data key, as it stands in a certificate; tells nothing of the key."""
    return hashlib.sha256(b"vilkar data key" + key).hexdigest()[:32]
