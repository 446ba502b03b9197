"""Notification's part in forgetting: every row that names somebody, but for what is held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

from shared.database import Transaction, load_queries
from shared.participation.values import Erasure, Step

Q: Final = load_queries(__file__)

CATEGORY_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "letter": "letters",
        "mailing": "letters",
        "opt_out": "objections",
        "objection": "objections",
        "consent": "objections",
        "suppression": "objections",
        "person_task": "letters",
    }
)
"""Which category of data a table holds. A hold on the category keeps its rows in an erasure, and nothing else."""

NEVER_HELD: Final = ("address_cleanup", "duty_alert", "campaign", "refused_address")
"""Work that is over with the erasure it belongs to; messages to staff, and what staff write to many, which name no
customer; digests of who was erased. Tokens of webhooks name nobody and go with their letters."""


REFUSAL: Final = "marketing_refusal"
"""What outlives an erasure: of who declined marketing, a keyed digest of the address (GDPR article 21(3))."""


class NotificationErasure:
    """Deletes letters and mailings, tasks, objections and suppressions, and what belongs to them."""

    def __init__(self, keep_refusals: Callable[[Transaction, Erasure, str], int]) -> None:
        """`keep_refusals` keeps of who declined, of this category, the digests of their addresses; how many."""
        self._keep_refusals = keep_refusals

    def erase(self, tx: Transaction, erasure: Erasure) -> Step:
        """Delete every row of a company, or of one of its users, but for what is held."""
        scope, parted = erasure.scope, erasure.scope_and_held
        refused = self._keep_refusals(tx, erasure, CATEGORY_OF["opt_out"])
        counts = {
            "webhooks": tx.run(Q.erase_webhooks, **scope),
            "address_cleanups": tx.run(Q.erase_cleanups, **scope),
            "letters": tx.run(Q.erase_letters, **parted, category=CATEGORY_OF["letter"]),
            "mailings": tx.run(Q.erase_mailings, **parted, category=CATEGORY_OF["mailing"]),
            "suppressions": tx.run(Q.erase_suppressions, **parted, category=CATEGORY_OF["suppression"]),
            "opt_outs": tx.run(Q.erase_opt_outs, **parted, category=CATEGORY_OF["opt_out"])
            + tx.run(Q.erase_objections, **parted, category=CATEGORY_OF["objection"])
            + tx.run(Q.erase_consents, **parted, category=CATEGORY_OF["consent"]),
            "person_tasks": tx.run(Q.erase_tasks, **parted, category=CATEGORY_OF["person_task"]),
        }
        is_held = bool(erasure.held) and tx.one(Q.left_held, **scope) is not None
        return Step.of(counts, retained=[REFUSAL] if refused else [], held=is_held)

    def is_left(self, tx: Transaction, account_id: UUID, user_id: UUID | None) -> bool:
        """Whether a row of the scope is left that is not held."""
        return tx.one(Q.left_of, account_id=account_id, user_id=user_id) is not None

    def is_empty(self, tx: Transaction) -> bool:
        """Whether there is no letter, no objection and no consent."""
        return tx.one(Q.anything) is None
