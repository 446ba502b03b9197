"""The register of breaches, from the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)


def page(tx: Transaction, kinds: Sequence[str], after: UUID | None, *, limit: int) -> list[UUID]:
    """Breaches after one of them, the first one first."""
    return [row["id"] for row in tx.all(Q.page, kinds=list(kinds), after=after, limit=limit)]


def belonging(tx: Transaction, case_id: UUID) -> list[Row]:
    """The incident that a breach was decided in, and its twins: `kind` of the link, `id`, `reference`."""
    return tx.all(Q.belonging, id=case_id)
