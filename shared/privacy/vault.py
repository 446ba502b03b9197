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
from shared.privacy.keys import FIRST, NONCE_BYTES, KeyGoneError, KeySet, Subject, TamperedError

FIRST_FORM: Final = b"\x01"
"""A value under a key of the first generation: this, the nonce, what was sealed."""
LATER_FORM: Final = b"\x02"
"""A value under a later one: this, the generation in four bytes, the nonce, what was sealed.

The function `sealed_generation` of the databases reads the same bytes.
"""
GENERATION_BYTES: Final = 4


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
    def keyring(self) -> Keyring:
        """Where the keys are."""
        return self._keyring

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
        return _seal(self._keyring.key_set(subject), text, _place(subject, table, column, row))

    def seal_many(self, values: Sequence[tuple[Subject, str, str, UUID, str]]) -> list[bytes]:
        """Seal `(subject, table, column, row, text)` each; one trip to the keyring. Raises as `seal`."""
        sets = self._keyring.key_sets({subject for subject, *_ in values})
        return [_seal_at(sets.get(value[0]) or self._keyring.key_set(value[0]), value) for value in values]

    def seal_where_kept(self, values: Sequence[tuple[Subject, str, str, UUID, str]]) -> list[bytes | None]:
        """As `seal_many`; None where the key is fenced or gone, so that one subject's end stops nobody else's."""
        sets = self._keyring.key_sets({subject for subject, *_ in values})
        return [_seal_at(sets[value[0]], value) if value[0] in sets else None for value in values]

    def open(self, subject: Subject, *, table: str, column: str, row: UUID, sealed: bytes) -> str:
        """The text. Raises `KeyGoneError`, `FencedError`, or `TamperedError` where it was moved or changed."""
        return _open(self._keyring.key_set(subject), Sealed(subject, table, column, row, sealed))

    def unseal_many(self, values: Sequence[Sealed]) -> list[str | None]:
        """Open many with one trip to the keyring; None where the key is fenced or gone."""
        sets = self._keyring.key_sets({value.subject for value in values})
        return [_opened(sets.get(value.subject), value) for value in values]


def _opened(keys: KeySet | None, value: Sealed) -> str | None:
    if keys is None or _parts(value)[1] not in keys.keys:
        return None
    return _open(keys, value)


def generation_of(sealed: bytes) -> int | None:
    """The generation of the key under which a value lies; None where this was never sealed."""
    if sealed[:1] == FIRST_FORM:
        return FIRST
    if sealed[:1] == LATER_FORM and len(sealed) > GENERATION_BYTES:
        return int.from_bytes(sealed[1 : 1 + GENERATION_BYTES])
    return None


def reseal(keys: KeySet, value: Sealed) -> bytes:
    """The same text for the same place under the key that seals now.

    Raises `KeyGoneError` where the key it lies under is gone, `TamperedError` where it does not belong there.
    """
    return _seal(keys, _open(keys, value), _place(value.subject, value.table, value.column, value.row))


def _seal_at(keys: KeySet, value: tuple[Subject, str, str, UUID, str]) -> bytes:
    subject, table, column, row, text = value
    return _seal(keys, text, _place(subject, table, column, row))


def _place(subject: Subject, table: str, column: str, row: UUID) -> bytes:
    return b"\x00".join((subject.label(), table.encode(), column.encode(), row.bytes))


def _seal(keys: KeySet, text: str, place: bytes) -> bytes:
    header, nonce = _header(keys.generation), os.urandom(NONCE_BYTES)
    return header + nonce + AESGCM(keys.current).encrypt(nonce, text.encode(), _bound(place, header))


def _header(generation: int) -> bytes:
    return FIRST_FORM if generation == FIRST else LATER_FORM + generation.to_bytes(GENERATION_BYTES)


def _bound(place: bytes, header: bytes) -> bytes:
    return place if header == FIRST_FORM else place + b"\x00" + header


def _parts(value: Sealed) -> tuple[bytes, int]:
    """What stands before the nonce, and the generation that it names."""
    generation = generation_of(value.sealed)
    header = b"" if generation is None else _header_as_found(value.sealed)
    if generation is None or len(value.sealed) <= len(header) + NONCE_BYTES:
        raise TamperedError(f"{value.table}.{value.column} holds something that was never sealed")
    return header, generation


def _header_as_found(sealed: bytes) -> bytes:
    return sealed[: 1 if sealed[:1] == FIRST_FORM else 1 + GENERATION_BYTES]


def _open(keys: KeySet, value: Sealed) -> str:
    header, generation = _parts(value)
    if generation not in keys.keys:
        raise KeyGoneError(f"this {value.subject.kind} has no key of the generation {generation}")
    nonce, sealed = value.sealed[len(header) :][:NONCE_BYTES], value.sealed[len(header) + NONCE_BYTES :]
    place = _bound(_place(value.subject, value.table, value.column, value.row), header)
    try:
        return AESGCM(keys.keys[generation]).decrypt(nonce, sealed, place).decode()
    except InvalidTag:
        raise TamperedError(f"{value.table}.{value.column} holds a value that does not belong there") from None
