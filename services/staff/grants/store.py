"""Grants in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.staff.grants.values import Grant, GrantEnding
from shared.database import Row, Transaction, load_queries
from shared.staff import Purpose, Role

Q: Final = load_queries(__file__)


def add(tx: Transaction, grant: Grant) -> None:
    """Keep one. Whoever adds one has locked its person."""
    tx.run(
        Q.add,
        id=grant.id,
        person_id=grant.person_id,
        role=grant.role.value,
        purpose=grant.purpose.value,
        account_ids=None if grant.accounts is None else sorted(grant.accounts),
        begins_at=grant.begins_at,
        expires_at=grant.expires_at,
        bootstrap=grant.bootstrap,
        granted_at=grant.granted_at,
        granted_by=grant.granted_by,
        approved_by=grant.approved_by,
    )


def of_person(tx: Transaction, person_id: UUID) -> list[Grant]:
    """All of a person, the newest first."""
    return [_grant(row) for row in tx.all(Q.of_person, person_id=person_id)]


def get(tx: Transaction, grant_id: UUID) -> Grant | None:
    """One. Whoever changes it has locked its person."""
    row = tx.one(Q.grant_by_id, id=grant_id)
    return _grant(row) if row else None


def end(tx: Transaction, grant_id: UUID, *, reason: GrantEnding, by: str, now: datetime) -> bool:
    """It gives nothing any more; False where it had ended."""
    return bool(tx.run(Q.end, id=grant_id, reason=reason.value, by=by, now=now))


def end_again(
    tx: Transaction,
    reason: GrantEnding,
    at: datetime,
    *,
    by: str,
    grant_id: UUID | None = None,
    staff_code: str | None = None,
) -> None:
    """The grant, or each grant of whoever is called so, gives nothing any more.

    Facts come in any order: of several the one that happened first has ended it.
    """
    tx.run(Q.end_again, id=grant_id, staff_code=staff_code, reason=reason.value, by=by, at=at)


def of_code(tx: Transaction, code: str) -> Row | None:
    """How many of a person have not ended."""
    return tx.one(Q.open_of_code, code=code)


def expired(tx: Transaction, now: datetime, *, limit: int) -> list[Grant]:
    """Those that are over and not ended yet."""
    return [_grant(row) for row in tx.all(Q.expired, now=now, limit=limit)]


def ending(tx: Transaction, before: datetime) -> Row | None:
    """How many grants of people of the staff end before then, and when the first does."""
    return tx.one(Q.ending, before=before)


def holders(tx: Transaction, role: Role, now: datetime) -> list[UUID]:
    """Who has the role now for all customers, whatever else they lack."""
    return [row["person_id"] for row in tx.all(Q.holders_of_role, role=role.value, now=now)]


def administrators_lost(tx: Transaction, now: datetime) -> datetime | None:
    """When an administrator last lost a grant, a key, an undertaking or training; else when the first person came.

    None where nobody has ever come.
    """
    row = tx.one(Q.administrators_lost, role=Role.STAFF_ADMIN.value, now=now)
    return row["since"] if row else None


def of_who_left(tx: Transaction) -> Row | None:
    """How many grants give something to who has left."""
    return tx.one(Q.of_who_left)


def without_prerequisites(tx: Transaction, since: datetime) -> Row | None:
    """How many grants given since then were given to somebody without an undertaking or training that counted."""
    return tx.one(Q.without_prerequisites, since=since)


def forget(tx: Transaction, before: datetime, *, limit: int) -> int:
    """Forget what ended before then; how many."""
    return tx.run(Q.forget, before=before, limit=limit)


def _grant(row: Row) -> Grant:
    kept = dict(row)
    accounts, reason = kept.pop("account_ids"), kept["ended_because"]
    known = {"role": Role(kept["role"]), "purpose": Purpose(kept["purpose"])}
    scope = None if accounts is None else frozenset(accounts)
    return Grant(**kept | known | {"accounts": scope, "ended_because": GrantEnding(reason) if reason else None})
