"""Forgetting everything about a company or one of its users, but for what is held."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

from shared.database import Transaction, load_queries
from shared.hold_scope import NOTHING_HELD, Held
from shared.privacy import restricted

Q: Final = load_queries(__file__)

CATEGORY_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "letter": "letters",
        "mailing": "letters",
        "opt_out": "objections",
        "suppression": "objections",
        "person_task": "letters",
    }
)
"""Which category of data a table holds. A hold on the category keeps its rows in an erasure, and nothing else."""

NEVER_HELD: Final = ("address_cleanup",)
"""Work that is over with the erasure it belongs to. Tokens of webhooks name nobody and go with their letters."""


class ErasureStore:
    """Deletes rows of every table that names somebody."""

    def erase(
        self, tx: Transaction, account_id: UUID, user_id: UUID | None, held: Held = NOTHING_HELD
    ) -> tuple[dict[str, int], bool]:
        """Delete every row of a company, or of one of its users, but for what is held.

        Returns how many of each kind, and whether anything was kept.
        """
        scope = {"account_id": account_id, "user_id": user_id}
        parted = scope | held.columns()
        counts = {
            "webhooks": tx.run(Q.erase_webhooks, **scope),
            "address_cleanups": tx.run(Q.erase_cleanups, **scope),
            "letters": tx.run(Q.erase_letters, **parted, category=CATEGORY_OF["letter"]),
            "mailings": tx.run(Q.erase_mailings, **parted, category=CATEGORY_OF["mailing"]),
            "suppressions": tx.run(Q.erase_suppressions, **parted, category=CATEGORY_OF["suppression"]),
            "opt_outs": tx.run(Q.erase_opt_outs, **parted, category=CATEGORY_OF["opt_out"]),
        }
        counts["person_tasks"] = tx.run(Q.erase_tasks, **parted, category=CATEGORY_OF["person_task"])
        restricted.erase(tx, account_id, user_id, held)
        return counts, bool(held) and tx.one(Q.left_held, **scope) is not None
