"""What the ledger says of assessments: how severe a breach was found is so again after a restore."""

from __future__ import annotations

from dataclasses import replace

from services.cases.engine import store as cases
from services.cases.severity import store
from services.cases.severity.events import CaseSeverityAssessed
from services.cases.severity.values import Assessment
from shared import log
from shared.database import Transaction
from shared.errors import Permanent
from shared.privacy.ledger_lines import Entry, kind_of

logger = log.get("cases.severity")


class SeverityFacts:
    """Keeps assessments again; the cases that they are about are there by then."""

    facts = frozenset({kind_of(CaseSeverityAssessed)})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Keep it, unless it is kept."""
        event, happening = entry.event(CaseSeverityAssessed), entry.happening
        if happening is None:
            raise Permanent("a fact about a case is an event")
        if store.is_kept(tx, event.assessment_id):
            return
        if not cases.is_there(tx, event.case_id):
            logger.error("a fact about a case that no fact opened", case_id=event.case_id, kind=entry.kind)
            return
        store.assess(
            tx,
            Assessment(
                id=event.assessment_id,
                case_id=event.case_id,
                context=event.context,
                identification=event.identification,
                confidentiality=event.confidentiality,
                integrity=event.integrity,
                availability=event.availability,
                intent=event.intent,
                flags=tuple(event.flags),
                assessed_by=entry.actor,
                assessed_at=happening.since,
            ),
        )
        case = cases.lock(tx, event.case_id).case
        cases.save_case(tx, replace(case, version=max(case.version, happening.sequence or 0)))

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether it is kept, or its case is not."""
        event = entry.event(CaseSeverityAssessed)
        return store.is_kept(tx, event.assessment_id) or not cases.is_there(tx, event.case_id)
