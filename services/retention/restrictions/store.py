"""Restrictions as rows."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from services.retention.restrictions import calls
from services.retention.restrictions.values import Restriction
from shared.database import Row, Transaction, load_queries
from shared.errors import NotFound
from shared.keyset import bounds
from shared.privacy import restricted

Q = load_queries(__file__)

BATCH: Final = 200
LIFTS_LOOKED_AT: Final = 1000


def save(tx: Transaction, restriction: Restriction) -> None:
    """A restriction as it is after a decision, and whether its scope may only be stored."""
    tx.run(Q.save, **asdict(restriction))
    if restriction.lifted_at is not None:
        restricted.lift(tx, restriction.id, restriction.lifted_at)
        return
    restricted.restrict(tx, restriction.id, restriction, restriction.set_at)


def get(tx: Transaction, restriction_id: UUID, *, locked: bool = False) -> Restriction:
    """One restriction, `locked` until the end of the transaction. Raises `NotFound`."""
    restriction = find(tx, restriction_id, locked=locked)
    if restriction is None:
        raise NotFound("There is no restriction with this id.")
    return restriction


def find(tx: Transaction, restriction_id: UUID, *, locked: bool = False) -> Restriction | None:
    """One restriction, or None."""
    row = tx.one(Q.get_locked if locked else Q.get, id=restriction_id)
    return Restriction(**row) if row else None


def announced_by(tx: Transaction, event_id: UUID) -> Restriction | None:
    """The restriction whose lifting this event announced, held until the end."""
    row = tx.one(Q.announced_by, announcement_id=event_id)
    return Restriction(**row) if row else None


def listed(tx: Transaction, call: calls.Restrictions) -> list[Restriction]:
    """Restrictions that are `set` or `lifted`, oldest first: a page and one more where another follows."""
    rows = tx.all(Q.listed, account_id=call.account_id, state=call.state, **bounds(call))
    return [Restriction(**row) for row in rows]


def erased_while_restricted(tx: Transaction) -> Row | None:
    """How many erasures were begun of what may only be stored."""
    return tx.one(Q.erased_while_restricted)


def purge(tx: Transaction, now: datetime) -> int:
    """Forget restrictions that were lifted long ago, in a batch; how many."""
    return tx.run(Q.purge, before=now - restricted.ENDS_KEPT, limit=BATCH)


def told_and_not_lifted(tx: Transaction) -> list[datetime]:
    """When the persons of restrictions in force were told that these end."""
    return [row["told_at"] for row in tx.all(Q.told_and_not_lifted, limit=LIFTS_LOOKED_AT)]


def announced_and_not_told(tx: Transaction, before: datetime) -> Row | None:
    """How many ends were announced before then to a person nobody is known to have told, and since when."""
    return tx.one(Q.announced_and_not_told, before=before)


def long_restricted(tx: Transaction, before: datetime) -> Row | None:
    """How many restrictions were set before then and have no announced end, and since when."""
    return tx.one(Q.long_restricted, before=before)
