"""What persons have written about, from the database. Functions work in the transaction they are given."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final
from uuid import UUID

from services.cases.correspondence.values import CLOCK_OF, KIND_OF
from services.cases.rights_requests.values import Asker
from shared.database import Row, Transaction, load_queries

Q: Final = load_queries(__file__)
SHOWN_MOST: Final = 100


def own(tx: Transaction, asker: Asker, case_id: UUID | None = None) -> list[Row]:
    """What one person has written about, the newest first, or one of it."""
    which = {"kinds": list(KIND_OF), "clocks": list(CLOCK_OF.values())}
    return tx.all(Q.own, **asdict(asker), **which, case_id=case_id, limit=SHOWN_MOST)
