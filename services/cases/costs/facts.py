"""What the ledger says of who pays: a decision stands after a restore, for as long as its case does."""

from __future__ import annotations

from dataclasses import replace

from services.cases.costs import store
from services.cases.costs.events import CaseCostDecided
from services.cases.costs.values import CostDecision
from services.cases.engine import store as cases
from shared import log
from shared.database import Transaction
from shared.errors import Permanent
from shared.privacy.ledger_lines import Entry, kind_of

logger = log.get("cases.costs")


class CostFacts:
    """Keeps decisions again; the cases that they are about are there by then."""

    facts = frozenset({kind_of(CaseCostDecided)})

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
        store.decide(
            tx,
            CostDecision(
                id=event.cost_id,
                case_id=event.case_id,
                account_id=event.account_id,
                customer_erased=False,
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
