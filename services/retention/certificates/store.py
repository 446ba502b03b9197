"""Certificates as rows, one after the other."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from shared.database import Row, Transaction, load_queries

Q = load_queries(__file__)

CHAIN_LOCK: Final = 0x636861696E


def chain_end(tx: Transaction) -> tuple[int, str] | None:
    """Sequence and hash of the last certificate; nobody else issues one until the transaction ends."""
    tx.one(Q.chain_lock, lock=CHAIN_LOCK)
    row = tx.one(Q.last_certificate)
    return (row["sequence"], row["hash"]) if row else None


def add(tx: Transaction, *, sequence: int, certificate_id: UUID, document: str, digest: str, now: datetime) -> None:
    """The next link of the chain."""
    tx.run(
        Q.insert,
        sequence=sequence,
        certificate_id=certificate_id,
        document=document,
        hash=digest,
        now=now,
    )


def find(tx: Transaction, certificate_id: UUID) -> Row | None:
    """One certificate by its id."""
    return tx.one(Q.find, id=certificate_id)


def state_of_erasure(tx: Transaction, certificate_id: UUID) -> str | None:
    """How far the erasure is that will have this certificate; None where there is none."""
    row = tx.one(Q.state_of_erasure, id=certificate_id)
    return str(row["state"]) if row else None


def hash_before(tx: Transaction, sequence: int) -> str | None:
    """The hash of the certificate before this one; None before the first."""
    row = tx.one(Q.hash_of, sequence=sequence - 1)
    return str(row["hash"]) if row else None


def uncertified(tx: Transaction) -> int:
    """How many erasures are over without their certificate."""
    row = tx.one(Q.uncertified)
    return int(row["count"]) if row else 0


def newest(tx: Transaction, limit: int) -> list[Row]:
    """The end of the chain, the newest first, each with the hash of the one before it."""
    return tx.all(Q.newest, limit=limit)


def chain(tx: Transaction, after: int, limit: int) -> list[Row]:
    """A stretch of the chain."""
    return tx.all(Q.chain, after=after, limit=limit)
