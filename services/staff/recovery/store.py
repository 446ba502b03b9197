"""Recovery codes in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.staff.recovery.values import OfCodes
from shared.database import Transaction, load_queries
from shared.identifiers import new_id

Q: Final = load_queries(__file__)


class Used(NamedTuple):
    """A code that was used, and the set it was of."""

    id: UUID
    set_id: UUID


class Left(NamedTuple):
    """How many codes a person has not used, and when they were made."""

    codes: int
    made_at: datetime | None


def replace_codes(tx: Transaction, person_id: UUID, digests: Sequence[bytes], now: datetime) -> UUID:
    """Keep these codes in place of those that the person had; the id of the set."""
    drop_codes(tx, person_id)
    set_id = new_id()
    rows = [
        {"id": new_id(), "set_id": set_id, "person_id": person_id, "digest": each, "now": now} for each in digests
    ]
    tx.many(Q.add_code, rows)
    return set_id


def drop_codes(tx: Transaction, person_id: UUID) -> Sequence[UUID]:
    """None of the person's codes works any more; which sets they were of: one, but for those of older versions."""
    return sorted({row["set_id"] for row in tx.all(Q.drop_codes, person_id=person_id)})


def is_code(tx: Transaction, person_id: UUID, digest: bytes) -> bool:
    """Whether it is a code of the person's that was not used."""
    return tx.one(Q.code_of_digest, person_id=person_id, digest=digest) is not None


def use_code(tx: Transaction, person_id: UUID, digest: bytes) -> Used | None:
    """It works no more; None where it did not work."""
    row = tx.one(Q.use_code, person_id=person_id, digest=digest)
    return Used(**row) if row else None


def drop(tx: Transaction, codes: OfCodes) -> None:
    """Those codes work no more."""
    tx.run(Q.drop, **asdict(codes))


def is_any(tx: Transaction, codes: OfCodes) -> bool:
    """Whether one of those codes works."""
    row = tx.one(Q.count_any, **asdict(codes))
    return bool(row and row["count"])


def left(tx: Transaction, person_id: UUID) -> Left:
    """How many are left."""
    row = tx.one(Q.codes_left, person_id=person_id)
    return Left(codes=row["left"], made_at=row["made_at"]) if row else Left(codes=0, made_at=None)
