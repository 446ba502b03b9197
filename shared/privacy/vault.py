"""Fields sealed with AES-256-GCM and bound to their table, column, row and subject."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.database import Database
from shared.privacy.keyring import Keyring
from shared.privacy.keys import NONCE_BYTES, Subject, TamperedError

VERSION: Final = b"\x01"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed value with the place it belongs to."""

    subject: Subject
    table: str
    column: str
    row: UUID
    sealed: bytes


class Vault:
    """Seals and opens single fields with the keys of a keyring."""

    def __init__(self, keyring: Keyring) -> None:
        """The keyring must be open before use."""
        self._keyring = keyring

    @property
    def database(self) -> Database:
        """The database of the keyring."""
        return self._keyring.database

    def check(self) -> None:
        """Raise where the keyring does not answer or cannot be opened. See `Keyring.check`."""
        self._keyring.check()

    def mint(self, subjects: Iterable[Subject], now: datetime) -> None:
        """Make keys for those subjects that have none. See `Keyring.mint`."""
        self._keyring.mint(subjects, now)

    def seal(self, subject: Subject, *, table: str, column: str, row: UUID, text: str) -> bytes:
        """`text` sealed under the subject's key, for exactly this table, column and row."""
        return _seal(self._keyring.key(subject), text, _place(subject, table, column, row))

    def seal_many(self, values: Sequence[tuple[Subject, str, str, UUID, str]]) -> list[bytes]:
        """Seal `(subject, table, column, row, text)` each; one trip to the keyring. Raises as `seal`."""
        keys = self._keyring.keys({subject for subject, *_ in values})
        sealed = []
        for subject, table, column, row, text in values:
            key = keys.get(subject) or self._keyring.key(subject)
            sealed.append(_seal(key, text, _place(subject, table, column, row)))
        return sealed

    def open(self, subject: Subject, *, table: str, column: str, row: UUID, sealed: bytes) -> str:
        """The text. Raises `KeyGoneError`, `FencedError`, or `TamperedError` where it was moved or changed."""
        return _open(self._keyring.key(subject), Sealed(subject, table, column, row, sealed))

    def unseal_many(self, values: Sequence[Sealed]) -> list[str | None]:
        """Open many with one trip to the keyring; None where the key is fenced or gone."""
        keys = self._keyring.keys({value.subject for value in values})
        return [_open(keys[value.subject], value) if value.subject in keys else None for value in values]


def _place(subject: Subject, table: str, column: str, row: UUID) -> bytes:
    return b"\x00".join((subject.label(), table.encode(), column.encode(), row.bytes))


def _seal(key: bytes, text: str, place: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, text.encode(), place)


def _open(key: bytes, value: Sealed) -> str:
    raw = value.sealed
    if raw[:1] != VERSION or len(raw) <= 1 + NONCE_BYTES:
        raise TamperedError(f"{value.table}.{value.column} holds something that was never sealed")
    place = _place(value.subject, value.table, value.column, value.row)
    try:
        return AESGCM(key).decrypt(raw[1 : 1 + NONCE_BYTES], raw[1 + NONCE_BYTES :], place).decode()
    except InvalidTag:
        raise TamperedError(f"{value.table}.{value.column} holds a value that does not belong there") from None
