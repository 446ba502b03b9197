"""Wrapping data keys anew, as the role `keyring_keeper`: the only one that may, and it may nothing else.

It locks rows and waits for none, so whoever fences or destroys a key waits for a batch at most and never for ever.
A destroyed key stays destroyed: it has nothing that could be wrapped, and the table admits nothing in its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shared.database import Database, load_queries
from shared.privacy.key_rotation import Q as R
from shared.privacy.key_rotation import renewals_in, reports_in
from shared.privacy.key_rotation_rules import Renewal, Report
from shared.privacy.keys import Kek, Subject, TamperedError, fingerprint

KEK_LOCK: Final = 1447774027
"""The advisory lock that the trigger on `data_key` shares; see migration 0004."""
BATCH: Final = 200

Q: Final = load_queries(__file__, "kek_rotation.sql")


@dataclass(frozen=True, slots=True)
class Batch:
    """How many keys were wrapped anew, and the last of them; None where there was none left to take."""

    done: int
    last: Subject | None
    generation: int = 0
    """That of the last key."""


class Keeper:
    """The keyring as its keeper sees it."""

    def __init__(self, dsn: str) -> None:
        """`dsn` names the keyring and the role `keyring_keeper`."""
        self._database = Database(dsn, source="keyring", size=1)

    def open(self, *, wait_seconds: float = 30.0) -> None:
        """Open the connection. Raises `Unavailable` when the instance does not answer in time."""
        self._database.open(wait_seconds=wait_seconds)

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    def by_kek(self) -> dict[str, int]:
        """How many data keys lie under each key-encryption key; destroyed ones lie under none."""
        with self._database.transaction() as tx:
            return {str(row["kek_id"]): int(row["keys"]) for row in tx.all(Q.by_kek)}

    def retired(self) -> dict[str, datetime]:
        """The retired key-encryption keys, with the instants."""
        with self._database.transaction() as tx:
            return {str(row["kek_id"]): row["retired_at"] for row in tx.all(Q.retired)}

    def rewrap(self, kek: Kek, old: str, *, after: Batch | None, limit: int = BATCH) -> Batch:
        """Wrap the next keys under `old` by the first key of `kek`, in one transaction.

        Raises `TamperedError` for a key that does not open or is not the one its fingerprint names; nothing of its
        batch is changed then.
        """
        last, generation = (after.last, after.generation) if after else (None, 0)
        begin = {"kind": last.kind if last else "", "subject_id": last.id if last else UUID(int=0)}
        with self._database.transaction() as tx:
            rows = tx.all(Q.take, **begin, generation=generation, old=old, limit=limit)
            if not rows:
                return Batch(done=0, last=None)
            subjects = [Subject(row["kind"], row["subject_id"], row["account_id"]) for row in rows]
            done = tx.run(
                Q.put,
                kinds=[subject.kind for subject in subjects],
                subject_ids=[subject.id for subject in subjects],
                generations=[row["generation"] for row in rows],
                wrapped=[_anew(kek, subject, row) for subject, row in zip(subjects, rows, strict=True)],
                old=old,
                new=kek.id,
            )
        return Batch(done=done, last=subjects[-1], generation=rows[-1]["generation"])

    # ── the renewal of data keys: when it begins and when it is sealed under; the services do the rest ────────────

    def renewals(self) -> tuple[list[Renewal], list[Report]]:
        """All renewals, and what the holders of sealed values last found."""
        with self._database.transaction() as tx:
            return renewals_in(tx), reports_in(tx)

    def begin_renewal(self, generation: int, now: datetime) -> None:
        """From now on everybody is given a key of this generation; a second call changes nothing."""
        with self._database.transaction() as tx:
            tx.run(R.begin, generation=generation, now=now)

    def keyed(self, generation: int) -> tuple[int, int]:
        """How many companies and persons have a key of this generation, and how many lack one."""
        with self._database.transaction() as tx:
            row = tx.one(R.count_lacking, generation=generation)
        return (int(row["renewed"]), int(row["lacking"])) if row else (0, 0)

    def note_keyed(self, generation: int, at: datetime) -> None:
        """Everybody has a key; `at` is an instant of the clock that backups are dated by."""
        with self._database.transaction() as tx:
            tx.run(R.note_keyed, generation=generation, at=at)

    def seal_from(self, generation: int, now: datetime) -> None:
        """From now on is sealed under it."""
        with self._database.transaction() as tx:
            tx.run(R.seal_from, generation=generation, now=now)

    def retire(self, kek_ids: Iterable[str], now: datetime) -> dict[str, int]:
        """Retire these key-encryption keys once and for all, unless a data key lies under one of them.

        Returns how many lie under which; where that is empty they are retired, and the keyring takes nothing under
        them any more, whoever has not yet read his key file.
        """
        wanted = sorted(kek_ids)
        with self._database.transaction() as tx:
            tx.one(Q.lock_alone, lock=KEK_LOCK)
            left = {row["kek_id"]: row["keys"] for row in tx.all(Q.by_kek) if row["kek_id"] in wanted}
            if not left:
                tx.run(Q.retire, kek_ids=wanted, now=now)
        return left


def _anew(kek: Kek, subject: Subject, row: dict[str, Any]) -> bytes:
    generation = row["generation"]
    key = kek.unwrap(subject, row["wrapped"], row["kek_id"], generation)
    if fingerprint(key) != row["fingerprint"]:
        raise TamperedError(f"a wrapped key of a {subject.kind} is not the key {row['fingerprint']}")
    return kek.wrap(subject, key, generation)
