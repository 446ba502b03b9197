"""What cases there are, from the database."""

from __future__ import annotations

from typing import Final

from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


def listed(
    tx: Transaction, *, kind: str | None, is_open: bool, limit: int, reference: str | None = None
) -> list[Row]:
    """Cases with `next_rule`, `next_due`, how many `subjects` they have, and how much is `not_carried_out`."""
    return tx.all(Q.open if is_open else Q.ended, kind=kind, limit=limit, reference=reference)
