"""Transfers as rows. Each works in a transaction it is given."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.export_transfers.values import Transfer
from shared.database import Row, Transaction, load_queries
from shared.privacy import Sealed, Subject

Q: Final = load_queries(__file__)
RECEIVER: Final = ("export_transfer", "receiver")
LISTED: Final = 50
NAMES: Final = tuple(each.name for each in fields(Transfer))


def add(tx: Transaction, transfer: Transfer, code: str, receiver_sealed: bytes) -> None:
    """Keep it, with a digest of its code."""
    named = {name: getattr(transfer, name) for name in NAMES}
    tx.run(Q.add, **named, digest=_digest(code), receiver_sealed=receiver_sealed)


def of_export(tx: Transaction, export_id: UUID) -> list[Transfer]:
    """Those of one copy."""
    return [_transfer(row) for row in tx.all(Q.of_export, export_id=export_id, limit=LISTED)]


def of_user(tx: Transaction, user_id: UUID) -> list[tuple[Transfer, Sealed]]:
    """Those of one user, the newest first, each with its receiver."""
    rows = tx.all(Q.of_user, user_id=user_id, limit=LISTED)
    return [(_transfer(row), _receiver(row)) for row in rows]


def by_code(tx: Transaction, code: str) -> tuple[Transfer, Sealed] | None:
    """The one with this code, locked, and its receiver."""
    row = tx.one(Q.by_code, digest=_digest(code))
    return (_transfer(row), _receiver(row)) if row else None


def fetched(tx: Transaction, transfer: Transfer, now: datetime) -> None:
    """Whoever has the code fetches the file."""
    tx.run(Q.fetched, id=transfer.id, now=now)


def received(tx: Transaction, transfer: Transfer, receipt: str, now: datetime) -> None:
    """The receiver has it."""
    tx.run(Q.received, id=transfer.id, receipt=receipt, now=now)


def end(tx: Transaction, transfer_id: UUID, user_id: UUID, now: datetime) -> UUID | None:
    """The code is over; of which copy it was, None where it was over before."""
    row = tx.one(Q.end, id=transfer_id, user_id=user_id, now=now)
    return row["export_id"] if row else None


def is_of(tx: Transaction, transfer_id: UUID, user_id: UUID) -> bool:
    """Whether this user has such a transfer."""
    return tx.one(Q.is_of, id=transfer_id, user_id=user_id) is not None


def _transfer(row: Row) -> Transfer:
    return Transfer(**{name: row[name] for name in NAMES})


def _receiver(row: Row) -> Sealed:
    return Sealed(Subject.person(row["user_id"], row["account_id"]), *RECEIVER, row["id"], row["receiver_sealed"])


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
