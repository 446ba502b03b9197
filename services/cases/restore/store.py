"""What the ledger has of cases, in the database. Functions work in the transaction they are given."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.database import Transaction, load_queries
from shared.privacy.ledger_lines import Entry

Q: Final = load_queries(__file__)


def keep(tx: Transaction, about: UUID, case_id: UUID, at: datetime, *, part: int = 0) -> bool:
    """Note that the ledger has a fact that others follow: a case, part of a list, a notice. False where known."""
    return tx.run(Q.keep, about=about, part=part, case_id=case_id, at=at) == 1


def kept(tx: Transaction, about: UUID) -> int:
    """How many parts of it the ledger has."""
    row = tx.one(Q.kept, about=about)
    return int(row["count"]) if row else 0


def is_kept(tx: Transaction, about: UUID, *, part: int = 0) -> bool:
    """Whether the ledger has this part of it."""
    return tx.one(Q.is_kept, about=about, part=part) is not None


def touched(tx: Transaction, case_id: UUID, now: datetime) -> None:
    """A case was made true again: a person is to look at it."""
    tx.run(Q.touched, case_id=case_id, now=now)


def put_off(tx: Transaction, entry: Entry, turn: str) -> None:
    """Keep a line until it is its turn."""
    tx.run(Q.put_off, position=entry.position, turn=turn, line=entry.line)


def is_put_off(tx: Transaction, entry: Entry) -> bool:
    """Whether a line waits for its turn."""
    return tx.one(Q.is_put_off, position=entry.position) is not None


def take(tx: Transaction, *, unnumbered: str, limit: int) -> list[Entry]:
    """The lines whose turn it is, the first one first; they wait no longer.

    Of one subject the sequence decides and no clock, unless a line has none: it has `unnumbered` in its turn then.
    """
    taken = tx.all(Q.take, unnumbered=unnumbered, limit=limit)
    rows = sorted(taken, key=lambda row: (row["turn"], row["position"]))
    lines = [bytes(row["line"]) for row in rows]
    return [Entry.of(json.loads(line), line) for line in lines]
