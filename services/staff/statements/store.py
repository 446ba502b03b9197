"""Looks at people of accounts, until it is told whom they showed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.staff.statements.values import Reading
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


def add(tx: Transaction, readings: Iterable[Reading]) -> None:
    """Keep these."""
    for each in readings:
        values: dict[str, Any] = asdict(each)
        tx.run(Q.add, **values | {"acts": list(each.acts)})


def take(tx: Transaction, reading_id: UUID, session_id: UUID) -> list[Reading]:
    """Those of one page, if it was one of this session; no second time."""
    return [_reading(row) for row in tx.all(Q.take, id=reading_id, session_id=session_id)]


def take_older(tx: Transaction, before: datetime, limit: int) -> list[Reading]:
    """Those begun until then of which nobody told whom they showed, at most so many."""
    return [_reading(row) for row in tx.all(Q.take_older, before=before, limit=limit)]


def _reading(row: Row) -> Reading:
    return Reading(**row | {"acts": tuple(row["acts"])})
