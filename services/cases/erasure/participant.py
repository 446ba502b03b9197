"""The part of cases in forgetting: whom cases are about. What was decided when, and why, names nobody and stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.cases.affected.values import erased_mark
from shared.database import Transaction, load_queries
from shared.hold_scope import Held
from shared.participation.values import Erasure, Step

Q: Final = load_queries(__file__)

CATEGORY_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "case_subject": "cases",
        "affected_subject": "cases",
        "notice_recipient": "cases",
        "filing_customer": "cases",
        "case_cost": "cases",
    }
)
"""Which category of data a table holds. A hold on the category keeps its rows in an erasure, and nothing else."""

NEVER_HELD: Final = (
    "affected_list",
    "alert_message",
    "breach_notice",
    "case_alert",
    "case_decision",
    "case_file",
    "case_instant",
    "case_severity",
    "duty",
    "fact_put_off",
    "filing",
    "requester_letter",
)
"""Tables that name staff alone: they end with the file of the case, or a year after the week of duty. The rows of
one last seconds."""


@dataclass(frozen=True)
class CaseErasure:
    """Deletes whom cases are about, also from lists and notices; the cases stay, with how many there were.

    A mark stays, by which no list that is made later takes them from whoever has not erased them yet. The customer
    of a person stays on lists, and on notices by `stand_in`, which is of the room of notices.
    """

    stand_in: Callable[[Transaction, UUID, UUID | None, datetime, Held], None]

    def erase(self, tx: Transaction, erasure: Erasure) -> Step:
        """Delete every row of the scope, but for what is held."""
        self.stand_in(tx, erasure.account_id, erasure.user_id, erasure.at, erasure.held)
        row = tx.one(Q.erase_subjects, **erasure.scope_and_held, category=CATEGORY_OF["case_subject"])
        mark = erased_mark(erasure.account_id, erasure.user_id)
        tx.run(Q.mark_erased, digest=mark, now=erasure.at)
        counts = {"case_subjects": int(row["count"]) if row else 0}
        return Step.of(counts, held=bool(erasure.held) and tx.one(Q.left_held, **erasure.scope) is not None)

    def is_left(self, tx: Transaction, account_id: UUID, user_id: UUID | None) -> bool:
        """Whether a row of the scope is left that is not held."""
        return tx.one(Q.left_of, account_id=account_id, user_id=user_id) is not None

    def is_empty(self, tx: Transaction) -> bool:
        """Whether there is no case."""
        return tx.one(Q.anything) is None
