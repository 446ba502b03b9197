"""What the ledger says of assessments: how severe a breach was found is so again after a restore."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.cases.restore.additions import Additions
from services.cases.severity import store
from services.cases.severity.events import CaseSeverityAssessed
from services.cases.severity.values import SCORED, Assessment
from shared.database import Transaction


def _assess(tx: Transaction, event: CaseSeverityAssessed, assessed_by: str, at: datetime) -> bool:
    assessment = Assessment(
        id=event.assessment_id,
        case_id=event.case_id,
        flags=tuple(event.flags),
        assessed_by=assessed_by,
        assessed_at=at,
        **{name: getattr(event, name) for name in SCORED},
    )
    return store.assess(tx, assessment)


def _is_there(tx: Transaction, event: CaseSeverityAssessed) -> bool:
    return store.is_kept(tx, event.assessment_id)


SEVERITY_FACTS: Final = Additions(event=CaseSeverityAssessed, add=_assess, is_there=_is_there)
