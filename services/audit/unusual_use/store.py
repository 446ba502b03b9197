"""Acts of users as the trail has them. Methods work in the transaction they are given."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from services.audit.unusual_use.values import UserAct
from shared.database import Transaction, load_queries

Q: Final = load_queries(__file__)

ACTS_LOOKED_AT: Final = 1_000
"""So many acts of one user are looked at in one round: whoever does very much hides nobody else."""


class ActStore:
    """What detectors of use read."""

    def acts_of_the_busy(
        self,
        tx: Transaction,
        types: Collection[str],
        *,
        heavy: Collection[str],
        weight: int,
        since: datetime,
        least: int,
    ) -> list[UserAct]:
        """What users did since then, of those who did at least so much: the newest acts of each, user by user.

        One of a `heavy` type counts for as many as its `weight`.
        """
        counted = {"types": list(types), "heavy": list(heavy), "weight": weight}
        rows = tx.all(Q.acts_of_the_busy, **counted, since=since, least=least, most=ACTS_LOOKED_AT)
        return [UserAct(**row) for row in rows]
