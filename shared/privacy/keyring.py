"""The keyring: data keys on a PostgreSQL instance of their own, made, fenced and destroyed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, NewType, TypeVar
from uuid import UUID

import psycopg

from shared.database import Database, Transaction, load_queries
from shared.database.pool import Row
from shared.privacy.keys import (
    FIRST,
    KEY_BYTES,
    FencedError,
    Kek,
    KekMissingError,
    KekSource,
    KeyGoneError,
    KeySet,
    Subject,
    SubjectKind,
    fingerprint,
)

Fingerprint = NewType("Fingerprint", str)
T = TypeVar("T")

KEK_RETIRED: Final = "VK001"
"""The SQLSTATE with which the keyring refuses a key wrapped by a key-encryption key that is retired."""
LOOKS: Final = 2
"""A look at the keyring and one at the key file are not one look: what does not fit is looked at once more."""

Q = load_queries(__file__, "keyring.sql")
FORGOTTEN_AT_ONCE: Final = 500


class Keyring:
    """Data keys by subject. What a role may do here is decided by the database's grants, not by this class."""

    def __init__(self, dsn: str, *, kek: KekSource | None, size: int = 5) -> None:
        """`dsn` names the keyring instance; `size` is the largest number of connections.

        Whoever fences and destroys keys and opens none has no `kek`.
        """
        self._database = Database(dsn, source="keyring", size=size)
        self._kek = kek

    @property
    def database(self) -> Database:
        """The database that holds the keys."""
        return self._database

    def open(self, *, wait_seconds: float = 30.0) -> None:
        """Open the connections.

        Raises `Unavailable` when the instance does not answer in time, and `KekMissingError` where it holds keys
        that the key file cannot open: a service that could read some of its names is not to start.
        """
        self._database.open(wait_seconds=wait_seconds)
        try:
            self.check()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    def ping(self) -> None:
        """Raise where the keyring does not answer, or the key file does not open it."""
        self.check()

    def check(self) -> None:
        """Raise `SettingError` where the key file is not usable or lacks a key that the keyring needs."""
        for look in range(LOOKS):
            with self._database.transaction() as tx:
                needed = {str(row["kek_id"]) for row in tx.all(Q.kek_ids)}
            if self._kek is None:
                return
            kek = self._kek.read()
            missing = sorted(needed.difference(kek.ids))
            if not missing:
                return
            if look == LOOKS - 1:
                raise KekMissingError(self._what_is_missing(missing, kek))

    def _what_is_missing(self, missing: list[str], kek: Kek) -> str:
        with self._database.transaction() as tx:
            row = tx.one(Q.count_under, kek_ids=missing)
        return (
            f"{row['keys'] if row else 0} data keys lie under {', '.join(missing)}, and the key file holds "
            f"{', '.join(kek.ids)} only: what they seal cannot be read. Put the right key file back, or run `make "
            "rotate-kek` after restoring an older keyring; never make a new key in its place (docs/keys.md)"
        )

    def mint(self, subjects: Iterable[Subject], now: datetime) -> None:
        """Make a key for each subject that has none; a subject that has one keeps it.

        Raises `FencedError` for a subject under erasure, `KeyGoneError` for one whose key was destroyed, and
        `KekMissingError` where the key file's first key has been retired.
        """
        wanted = list(subjects)

        def mint(tx: Transaction, kek: Kek) -> None:
            for subject in wanted:
                self._mint_one(tx, subject, kek, now)

        self.wrapping(mint)

    def wrapping(self, work: Callable[[Transaction, Kek], T]) -> T:
        """Do in one transaction what lays data keys under the key file's first key, again where that was retired.

        Raises `KekMissingError` where the first key of the file stays a retired one.
        """
        refused = ""
        for _ in range(LOOKS):
            kek = self._current()
            try:
                with self._database.transaction() as tx:
                    return work(tx, kek)
            except psycopg.Error as error:
                if error.sqlstate != KEK_RETIRED:
                    raise
                refused = kek.id  # since the file was looked at: it has another first key by now
        raise KekMissingError(f"the key file begins with the retired key {refused}")

    def _current(self) -> Kek:
        """The key-encryption keys as the file has them now."""
        if self._kek is None:
            raise KekMissingError("this process has no key-encryption key: it neither makes nor opens data keys")
        return self._kek.current()

    def _mint_one(self, tx: Transaction, subject: Subject, kek: Kek, now: datetime) -> None:
        tx.one(Q.lock_account, account_id=subject.account_id)
        generation = _generation_of_new(tx, subject)
        key = os.urandom(KEY_BYTES)
        made = tx.run(
            Q.mint,
            kind=subject.kind,
            subject_id=subject.id,
            account_id=subject.account_id,
            generation=generation,
            wrapped=kek.wrap(subject, key, generation),
            kek_id=kek.id,
            fingerprint=fingerprint(key),
            now=now,
        )
        if not made and self._state(tx, subject) != "live":
            raise KeyGoneError(f"the key of this {subject.kind} was destroyed")

    def keys(self, subjects: Iterable[Subject]) -> dict[Subject, bytes]:
        """The keys that seal, of those subjects that have a live one; the others are absent."""
        return {subject: found.current for subject, found in self.key_sets(subjects).items()}

    def key_sets(self, subjects: Iterable[Subject]) -> dict[Subject, KeySet]:
        """All live keys of those subjects that have one; the others are absent."""
        wanted = {(subject.kind, subject.id): subject for subject in subjects}
        if not wanted:
            return {}
        kek, live = self._found(wanted)
        sets: dict[Subject, dict[int, bytes]] = {}
        for subject, row in live:
            key = kek.unwrap(subject, row["wrapped"], row["kek_id"], row["generation"])
            sets.setdefault(subject, {})[row["generation"]] = key
        sealing = live[0][1]["sealing"] if live else FIRST
        return {subject: KeySet(keys, sealing) for subject, keys in sets.items()}

    def _found(self, wanted: dict[tuple[SubjectKind, UUID], Subject]) -> tuple[Kek, list[tuple[Subject, Row]]]:
        """The live rows of these subjects, and key-encryption keys that were in the file after they were read.

        A key that is new in the file lies in it before anything is wrapped by it, so a look at the file after the
        one at the rows finds it; and one that was taken out of it meanwhile wraps nothing on a second look.
        """
        for _ in range(LOOKS):
            with self._database.transaction() as tx:
                rows = tx.all(Q.keys, subject_ids=[subject_id for _, subject_id in wanted])
            live = [
                (subject, row)
                for row in rows
                if (subject := wanted.get((row["kind"], row["subject_id"]))) is not None
                and row["state"] == "live"
                and row["account_id"] == subject.account_id
            ]
            kek = self._current()
            if all(row["kek_id"] in kek.ids for _, row in live):
                break
        return kek, live

    def key(self, subject: Subject) -> bytes:
        """The key of `subject` that seals. Raises as `key_set`."""
        return self.key_set(subject).current

    def key_set(self, subject: Subject) -> KeySet:
        """The keys of `subject`. Raises `FencedError` or `KeyGoneError` where there is none to use."""
        keys = self.key_sets([subject]).get(subject)
        if keys is not None:
            return keys
        if self.state(subject) == "fenced":
            raise FencedError(f"the key of this {subject.kind} is under erasure")
        raise KeyGoneError(f"this {subject.kind} has no key")

    def state(self, subject: Subject) -> str | None:
        """`live`, `fenced`, `destroyed`, or None where the subject never had a key."""
        with self._database.transaction() as tx:
            return self._state(tx, subject)

    @staticmethod
    def _state(tx: Transaction, subject: Subject) -> str | None:
        row = tx.one(Q.state, kind=subject.kind, subject_id=subject.id)
        return str(row["state"]) if row else None

    def fence(self, account_id: UUID, user_id: UUID | None, now: datetime, *, spared: Iterable[UUID] = ()) -> int:
        """From now on no key of the scope is used or made; returns how many keys were live until now.

        The scope is the whole account with its persons, or one person of it. Safe to repeat. `spared` are the
        subjects whose data are held: their keys can still be used. `EVERYBODY` among them spares all persons.
        """
        with self._database.transaction() as tx:
            tx.one(Q.lock_account, account_id=account_id)
            tx.run(Q.raise_fence, account_id=account_id, user_id=user_id, now=now)
            return tx.run(Q.fence_keys, account_id=account_id, user_id=user_id, now=now, spared=list(spared))

    def untouched(self, *, after: Subject | None, before: datetime, limit: int) -> list[Subject]:
        """A stretch of those whose key is live, was made before then, and has met no erasure; in a fixed order.

        What is held has met one, and is not among them.
        """
        begin = {"kind": after.kind if after else "", "subject_id": after.id if after else UUID(int=0)}
        with self._database.transaction() as tx:
            rows = tx.all(Q.untouched, **begin, before=before, limit=limit)
        return [Subject(row["kind"], row["subject_id"], row["account_id"]) for row in rows]

    def destroy(self, account_id: UUID, user_id: UUID | None, now: datetime) -> list[Fingerprint]:
        """Destroy the fenced keys of the scope; returns the fingerprints of all that are destroyed in it.

        Safe to repeat: a second call destroys nothing and returns the same. Keys that were not fenced first
        are left alone.
        """
        with self._database.transaction() as tx:
            tx.one(Q.lock_account, account_id=account_id)
            tx.all(Q.destroy_keys, account_id=account_id, user_id=user_id, now=now)
            rows = tx.all(Q.destroyed, account_id=account_id, user_id=user_id)
        return [Fingerprint(row["fingerprint"]) for row in rows]

    def open_keys(self, scopes: Sequence[tuple[UUID, UUID | None]]) -> int:
        """How many keys of these accounts, or of these persons of them, are not destroyed."""
        with self._database.transaction() as tx:
            accounts, users = [each for each, _ in scopes], [each for _, each in scopes]
            row = tx.one(Q.open_keys, account_ids=accounts, user_ids=users)
        return int(row["count"]) if row else 0

    def forget(self, before: datetime) -> int:
        """Forget keys destroyed before then, and the fences around them; how many rows.

        No backup of the keyring holds such a key any more, and none of the databases what it opened.
        """
        with self._database.transaction() as tx:
            forgotten = tx.run(Q.forget_keys, before=before, limit=FORGOTTEN_AT_ONCE)
        with self._database.transaction() as tx:
            return forgotten + tx.run(Q.forget_fences, before=before, limit=FORGOTTEN_AT_ONCE)


def _generation_of_new(tx: Transaction, subject: Subject) -> int:
    """The generation of a key made now. Raises `FencedError` for a subject under erasure."""
    row = tx.one(Q.is_fenced, account_id=subject.account_id, subject_id=subject.id)
    if row is None or row["fenced"]:
        raise FencedError(f"a {subject.kind} under erasure gets no key")
    return int(row["sealing"])
