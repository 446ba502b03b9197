"""How databases stand to the ledger, told from outside: nothing is changed, and only positions are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from shared.database.queries import load_queries
from shared.errors import Unavailable
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_errors import LedgerError
from shared.privacy.ledger_lines import Mark

Q = load_queries(__file__, "gate.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One database beside the ledger.

    `recorded` is None where no gate before it was ever opened. `behind` is how many facts it lacks, `since` when
    the first of them was written. `error` says why the ledger does not go on from where the database is.
    """

    database: str
    recorded: Mark | None
    behind: int | None = None
    since: datetime | None = None
    error: LedgerError | None = None


def recorded_in(database: str, dsn: str) -> Mark | None:
    """How far a database has come, read by whoever may. Raises `Unavailable` where it does not answer."""
    try:
        with psycopg.connect(dsn) as connection:
            row: tuple[Any, ...] | None = connection.execute(Q.look).fetchone()
    except psycopg.OperationalError:
        raise Unavailable(f"the database {database} does not answer") from None
    return Mark(*row) if row is not None and row[0] is not None else None


def standings(ledger: Ledger, head: Mark, recorded: Mapping[str, Mark | None]) -> list[Standing]:
    """How each database stands to the ledger, which was followed up to `head`.

    Read the positions before the ledger: the ledger only grows meanwhile, and a position read later could be ahead.
    """
    return [_standing(ledger, head, name, mark) for name, mark in recorded.items()]


def _standing(ledger: Ledger, head: Mark, database: str, recorded: Mark | None) -> Standing:
    if recorded is None:
        return Standing(database=database, recorded=None)
    try:
        first = next(ledger.read(recorded), None) if recorded != head else None
    except LedgerError as error:
        return Standing(database=database, recorded=recorded, error=error)
    behind = max(head.position - recorded.position, 0)
    return Standing(database=database, recorded=recorded, behind=behind, since=first.at if first else None)
