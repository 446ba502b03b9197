"""Makes the digests by which staff find somebody by name or telephone, for rows that lack them.

Rows lack them that were written before there were digests, by a process of before, or come out of such a backup.
What to do is found in the rows, so that a killed process and a restored database find what is left. Names and
numbers are opened outside of any transaction, and a digest is put where they are still the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.account.field_encryption.sealing import Sealing
from shared.bus import Feature, every
from shared.database import Database, load_queries
from shared.database.pool import Row

BATCH: Final = 100
BATCHES_A_TURN: Final = 20

Q: Final = load_queries(__file__)

Opened = Callable[[Sequence[Row]], Sequence[Mapping[str, Any]]]


@dataclass(eq=False)
class IndexBackfill(Feature):
    """Fills in the digests of names and telephone numbers."""

    database: Database
    sealing: Sealing

    @every(seconds=60)
    def make_lacking_digests(self) -> None:
        """Make the digests of a bounded number of companies and users that lack them.

        Whose key is gone is being erased, and stays as it is.
        """
        self._make(Q.companies, Q.put_of_company, lambda rows: [self.sealing.opened_company(row) for row in rows])
        self._make(Q.people, Q.put_of_person, self.sealing.opened_users)

    def _make(self, lacking: str, put: str, opened: Opened) -> None:
        after = None
        for _ in range(BATCHES_A_TURN):
            with self.database.transaction() as tx:
                rows = tx.all(lacking, after=after, limit=BATCH)
            if not rows:
                return
            after = rows[-1]["id"]
            found = [
                row | self.sealing.name_and_phone(texts)
                for row, texts in zip(rows, opened(rows), strict=True)
                if texts["name"] and texts["phone"]
            ]
            with self.database.transaction() as tx:
                tx.many(put, found)
