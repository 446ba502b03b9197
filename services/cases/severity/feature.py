"""Takes down how severe a person finds a breach, and shows what that comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.cases.decisions.calls import CaseChanged
from services.cases.engine import rules as engine
from services.cases.engine import store as cases
from services.cases.engine.values import Decision
from services.cases.severity import calls, rules, store
from services.cases.severity.events import CaseSeverityAssessed
from services.cases.severity.values import EXAMPLES, SCORED, Assessment
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Transaction
from shared.events import Code
from shared.identifiers import new_id


@dataclass(kw_only=True, eq=False)
class Severity(Feature):
    """A proposal beside the decision, and no part of it."""

    database: Database
    clock: Clock

    @answers(calls.AssessSeverity)
    def assess_severity(self, call: calls.AssessSeverity, tx: Transaction) -> CaseChanged:
        """Score how severe it is."""
        now = self.clock.now()
        file = cases.lock(tx, call.case_id)
        engine.check_open(file.case, call.version)
        rules.check_case(file.case)
        flags = tuple(dict.fromkeys(call.flags))
        scored = {name: getattr(call, name) for name in SCORED}
        assessment = Assessment(
            id=new_id(),
            case_id=call.case_id,
            flags=flags,
            assessed_by=str(call.actor),
            assessed_at=now,
            **scored,
        )
        case = cases.raise_version(tx, file.case)
        store.assess(tx, assessment)
        event = CaseSeverityAssessed(
            case_id=case.id,
            assessment_id=assessment.id,
            flags=[Code(each) for each in flags],
            **{name: Code(value) for name, value in scored.items()},
        )
        with acting_as(assessment.assessed_by):
            tx.outbox.add(event, now=now, sequence=case.version)
        return CaseChanged(case_id=case.id, version=case.version, state=case.state)

    @answers(calls.ShowSeverity)
    def show_severity(self, call: calls.ShowSeverity) -> calls.SeverityShown:
        """How severe it was found, and the examples to compare with."""
        with self.database.transaction() as tx:
            file = cases.get(tx, call.case_id)
            assessments = store.of_case(tx, call.case_id)
        rested = _decided_by(assessments, file.decisions)
        return calls.SeverityShown(
            assessments=tuple(_shown(each, rested.get(each.id, ())) for each in assessments),
            examples=tuple(calls.ExampleShown.of(each) for each in EXAMPLES),
        )


def newest_score(tx: Transaction, case_id: UUID) -> tuple[str, str] | None:
    """The score that counts in a case and what it is called; None where nobody has assessed it."""
    newest = next(iter(store.of_case(tx, case_id)), None)
    if newest is None:
        return None
    score = rules.quarters(newest)
    return rules.written(score), rules.band_of(score).value


def _decided_by(
    newest_first: Sequence[Assessment], decisions: Sequence[Decision]
) -> Mapping[UUID, tuple[UUID, ...]]:
    """Which decisions were made while which assessment counted."""
    found: dict[UUID, tuple[UUID, ...]] = {}
    for decision in decisions:
        counted = next((each for each in newest_first if each.assessed_at <= decision.decided_at), None)
        if counted is not None:
            found[counted.id] = (*found.get(counted.id, ()), decision.id)
    return found


def _shown(assessment: Assessment, decision_ids: tuple[UUID, ...]) -> calls.AssessmentShown:
    score = rules.quarters(assessment)
    facts: dict[str, Any] = {"score": rules.written(score), "band": rules.band_of(score).value}
    return calls.AssessmentShown.of(assessment, assessment_id=assessment.id, decision_ids=decision_ids, **facts)
