"""Who pays for deviations, in the database. Functions work in the transaction they are given."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final
from uuid import UUID

from services.cases.costs.values import CostDecision
from shared.database import Transaction, load_queries

Q: Final = load_queries(__file__)
COSTS_SHOWN: Final = 500


def decide(tx: Transaction, decision: CostDecision) -> bool:
    """Keep a decision; false where it is kept already, and stays as it is."""
    return tx.run(Q.decide, **asdict(decision)) == 1


def is_kept(tx: Transaction, cost_id: UUID) -> bool:
    """Whether there is this decision."""
    return tx.one(Q.get, id=cost_id) is not None


def of_case(tx: Transaction, case_id: UUID) -> list[CostDecision]:
    """What was decided in a case, the newest first."""
    return [CostDecision(**row) for row in tx.all(Q.of_case, case_id=case_id, limit=COSTS_SHOWN)]


def is_about(tx: Transaction, case_id: UUID, account_id: UUID) -> bool:
    """Whether a case names a customer."""
    return tx.one(Q.is_about, case_id=case_id, account_id=account_id) is not None
