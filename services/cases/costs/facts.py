"""What the ledger says of who pays: a decision stands after a restore, for as long as its case does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from services.cases.costs import store
from services.cases.costs.events import CaseCostDecided
from services.cases.costs.values import CostDecision
from services.cases.engine import store as cases
from shared import log
from shared.database import Transaction
from shared.errors import Permanent
from shared.privacy.ledger_lines import Entry, kind_of

logger = log.get("cases.costs")

Subject = tuple[UUID, UUID | None]
WithoutErased = Callable[[Transaction, Sequence[Subject]], list[Subject]]
"""Of some customers those who were not erased here."""


class CostFacts:
    """Keeps decisions again; the cases that they are about are there by then.

    Erasures wait for nothing: a decision that comes after that of its customer names it no more.
    """

    facts = frozenset({kind_of(CaseCostDecided)})

    def __init__(self, without_erased: WithoutErased) -> None:
        """`without_erased` is of the room of lists."""
        self._without_erased = without_erased

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Keep it, unless it is kept."""
        event, happening = entry.event(CaseCostDecided), entry.happening
        if happening is None:
            raise Permanent("a fact about a case is an event")
        if store.is_kept(tx, event.cost_id):
            return
        if not cases.is_there(tx, event.case_id):
            logger.error("a fact about a case that no fact opened", case_id=event.case_id, kind=entry.kind)
            return
        customer = event.account_id
        is_erased = customer is not None and not self._without_erased(tx, [(customer, None)])
        store.decide(
            tx,
            CostDecision(
                id=event.cost_id,
                case_id=event.case_id,
                account_id=None if is_erased else customer,
                customer_erased=is_erased,
                bearer=event.bearer,
                reason=event.reason,
                evidence_sha256=event.digest,
                decided_by=entry.actor,
                decided_at=happening.since,
                approved_by=f"staff:{event.approved_by}" if event.approved_by else None,
                approval_id=event.approval_id,
            ),
        )
        case = cases.lock(tx, event.case_id).case
        cases.save_case(tx, replace(case, version=max(case.version, happening.sequence or 0)))

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether it is kept, or its case is not."""
        event = entry.event(CaseCostDecided)
        return store.is_kept(tx, event.cost_id) or not cases.is_there(tx, event.case_id)
