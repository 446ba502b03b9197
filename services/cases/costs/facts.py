"""What the ledger says of who pays: a decision stands after a restore, for as long as its case does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from services.cases.affected.values import Subject
from services.cases.costs import store
from services.cases.costs.events import CaseCostDecided
from services.cases.costs.values import CostDecision
from services.cases.restore.additions import Additions
from shared.actor import staff_actor
from shared.database import Transaction

WithoutErased = Callable[[Transaction, Sequence[Subject]], list[Subject]]
"""Of some customers those who were not erased here."""


def cost_facts(without_erased: WithoutErased) -> Additions[CaseCostDecided]:
    """Decides again. `without_erased` is of the room of lists.

    Erasures wait for nothing: a decision that comes after that of its customer names it no more.
    """

    def decide(tx: Transaction, event: CaseCostDecided, decided_by: str, at: datetime) -> bool:
        customer = event.account_id
        is_erased = customer is not None and not without_erased(tx, [(customer, None)])
        decision = CostDecision(
            id=event.cost_id,
            case_id=event.case_id,
            account_id=None if is_erased else customer,
            customer_erased=is_erased,
            bearer=event.bearer,
            reason=event.reason,
            evidence_sha256=event.digest,
            decided_by=decided_by,
            decided_at=at,
            approved_by=staff_actor(event.approved_by) if event.approved_by else None,
            approval_id=event.approval_id,
        )
        return store.decide(tx, decision)

    def is_there(tx: Transaction, event: CaseCostDecided) -> bool:
        return store.is_kept(tx, event.cost_id)

    return Additions(event=CaseCostDecided, add=decide, is_there=is_there)
