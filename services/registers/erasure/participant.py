"""The part of registers in forgetting: records about a company, and whom of its people they name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.registers.engine import store
from shared.database import Transaction, load_queries
from shared.participation.values import Erasure, Step

Q: Final = load_queries(__file__)

CATEGORY_OF: Final[Mapping[str, str]] = MappingProxyType(
    {"register_record": "registers", "register_person": "registers"}
)
"""Which category of data a table holds. A hold on the category keeps its rows in an erasure, and nothing else."""

NEVER_HELD: Final = ("register_revision",)
"""Tables whose rows go with those that they belong to."""


class RegisterErasure:
    """Deletes the records of a company with all their revisions; of a person the rows that name them."""

    def erase(self, tx: Transaction, erasure: Erasure) -> Step:
        """Delete every row of the scope, but for what is held.

        Whoever is changing a record has read whom it names: that is written before, or not at all.
        """
        store.lock_all(tx)
        scope = {**erasure.scope_and_held, "category": "registers"}
        counts = {"register_people": tx.run(Q.erase_people, **scope)}
        if erasure.user_id is None:
            counts["register_records"] = tx.run(Q.erase_records, **scope)
        return Step.of(counts, held=bool(erasure.held) and tx.one(Q.left_held, **erasure.scope) is not None)

    def is_left(self, tx: Transaction, account_id: UUID, user_id: UUID | None) -> bool:
        """Whether a row of the scope is left that is not held."""
        return tx.one(Q.left_of, account_id=account_id, user_id=user_id) is not None

    def is_empty(self, tx: Transaction) -> bool:
        """Whether there is no record."""
        return tx.one(Q.anything) is None
