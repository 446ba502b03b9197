"""Devices that wait, in the database. Functions work in the transaction they are given."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final
from uuid import UUID

from services.staff.device_log_in import rules
from services.staff.device_log_in.values import Decision, Waiting
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


def count(tx: Transaction, now: datetime) -> int:
    """How many devices wait, while no other one begins."""
    tx.run(Q.lock_room)
    row = tx.one(Q.count_pending, since=now - rules.LASTS)
    return int(row["count"]) if row else 0


def begin(tx: Transaction, request_id: UUID, token: str, user_code: str, now: datetime) -> bool:
    """A device waits; False where its code is another's."""
    return bool(tx.run(Q.begin, id=request_id, device_digest=_digest(token), user_code=user_code, now=now))


def by_device(tx: Transaction, token: str) -> Waiting | None:
    """The device with this secret; nobody else changes it until the transaction ends."""
    return _waiting(tx.one(Q.lock_by_device, device_digest=_digest(token)))


def by_code(tx: Transaction, user_code: str) -> Waiting | None:
    """The device with this code; nobody else changes it until the transaction ends."""
    return _waiting(tx.one(Q.lock_by_code, user_code=user_code))


def note_poll(tx: Transaction, request_id: UUID, now: datetime) -> None:
    """It asked."""
    tx.run(Q.note_poll, id=request_id, now=now)


def decide(tx: Transaction, request_id: UUID, decision: Decision, session_id: UUID) -> None:
    """The holder of this session let it in, or did not."""
    tx.run(Q.decide, id=request_id, decision=decision.value, session_id=session_id)


def drop(tx: Transaction, request_id: UUID) -> None:
    """It waits no more."""
    tx.run(Q.drop, id=request_id)


def expire(tx: Transaction, now: datetime, limit: int) -> int:
    """Delete a batch of devices that waited for too long; how many."""
    return tx.run(Q.expire, before=now - rules.LASTS, limit=limit)


def _digest(token: str) -> bytes:
    return hashlib.sha256(b"vilkar staff device " + token.encode()).digest()


def _waiting(row: Row | None) -> Waiting | None:
    return Waiting(**row | {"decision": Decision(row["decision"]) if row["decision"] else None}) if row else None
