"""Access to databases, here and in the door of the server. Functions work in the transaction they are given.

The functions of the schema `reader_door` are the server's own (`deploy.provision.reader_door`): by them the service
can let the readers of databases in, and do nothing else to any role. A transaction that is undone undoes that too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from services.staff.database_access.values import Access, AccessEnding
from shared.database import Row, Transaction, load_queries
from shared.keyset import Paged, bounds

Q: Final = load_queries(__file__)


def add(tx: Transaction, access: Access) -> bool:
    """Keep one; False where somebody may look into this database already."""
    return bool(
        tx.run(
            Q.add,
            id=access.id,
            person_id=access.person_id,
            of_database=access.of_database,
            reason=access.reason,
            purpose=access.purpose,
            opened_at=access.opened_at,
            expires_at=access.expires_at,
            approved_by=access.approved_by,
        )
    )


def lock(tx: Transaction, access_id: UUID) -> Access | None:
    """One, which nobody else changes until the transaction ends."""
    row = tx.one(Q.lock, id=access_id)
    return _access(row) if row else None


def open_ones(tx: Transaction) -> list[Access]:
    """Those that have not ended, which nobody else changes until the transaction ends."""
    return [_access(row) for row in tx.all(Q.open_ones)]


def listed(tx: Transaction, page: Paged) -> list[Access]:
    """The newest first."""
    return [_access(row) for row in tx.all(Q.listed, **bounds(page))]


def end(tx: Transaction, access: Access, reason: AccessEnding, *, by: str, now: datetime) -> None:
    """It is over, and the database is closed."""
    tx.run(Q.end, id=access.id, reason=reason.value, by=by, now=now)
    close(tx, access.of_database)


def end_again(tx: Transaction, access_id: UUID, reason: AccessEnding, *, by: str, at: datetime) -> None:
    """It was over at this instant. Of what is known to be over nothing changes."""
    tx.run(Q.end, id=access_id, reason=reason.value, by=by, now=at)


def forget(tx: Transaction, before: datetime, *, limit: int) -> int:
    """Forget what ended before then; how many."""
    return tx.run(Q.forget, before=before, limit=limit)


# ── the door of the server ────────────────────────────────────────────────────────────────────────────────────


def role_of(tx: Transaction, of_database: str) -> str:
    """By which name PostgreSQL lets somebody into a database."""
    row = tx.one(Q.role_of, of_database=of_database)
    if row is None or row["role"] is None:
        raise LookupError(f"the server has no reader of the database {of_database}")
    return str(row["role"])


def let_in(tx: Transaction, access: Access, verifier: str, *, seconds: int, now: datetime) -> None:
    """Whoever knows the password of this verifier gets in, for so long by the server's own clock."""
    tx.run(Q.note_password, id=access.id, now=now)
    tx.all(Q.open_door, of_database=access.of_database, verifier=verifier, seconds=seconds)


def close(tx: Transaction, of_database: str) -> None:
    """Nobody gets in, and who is in is cut off."""
    tx.all(Q.close_door, of_database=of_database)


def standing(tx: Transaction) -> Mapping[str, bool]:
    """Into which databases the server lets a reader now, or where one is in: with whether it lets one in."""
    return {row["of_database"]: row["lets_in"] for row in tx.all(Q.standing)}


def _access(row: Row) -> Access:
    ending = row["ended_because"]
    return Access(**row | {"ended_because": AccessEnding(ending) if ending else None})
