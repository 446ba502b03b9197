"""Says whom a breach of personal data may concern, from what stands in the tables now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.account.affected import calls
from shared.bus import Feature, answers
from shared.database import Database, load_queries

Q: Final = load_queries(__file__)
NOBODY: Final = UUID(int=0)
"""Stands before every id, and in the place of the user of a customer that has none."""


@dataclass(eq=False)
class AffectedCustomers(Feature):
    """Reads ids, and opens nothing that is sealed."""

    database: Database

    @answers(calls.Affected)
    def affected(self, call: calls.Affected) -> calls.AffectedPage:
        """Which customers and users were here at an instant, a page of them."""
        with self.database.transaction() as tx:
            rows = tx.all(
                Q.subjects,
                as_of=call.as_of,
                every=not call.account_ids,
                account_ids=list(call.account_ids),
                active_only=call.active_only,
                after_account=call.after_account or NOBODY,
                after_user=call.after_user or NOBODY,
                nobody=NOBODY,
                limit=call.limit,
            )
        return calls.AffectedPage(subjects=tuple(calls.AffectedSubject(**row) for row in rows))
