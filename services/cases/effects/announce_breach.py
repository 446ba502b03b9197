"""Publishes that a breach was detected, and sees that the broker has it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.cases.effects import store
from services.cases.effects.values import Outcome
from services.cases.engine import rules
from services.cases.engine.events import BreachDetected
from services.cases.engine.values import CaseFile, Effect
from services.cases.kinds import incident
from services.cases.kinds.table import PRESENT
from services.cases.kinds.values import Moment
from shared.context import acting_as
from shared.database import Transaction
from shared.errors import Permanent
from shared.events import Code


class AnnounceBreach:
    """The event has one id however often it is published, so whoever has heard it does nothing twice."""

    code: Final = incident.ANNOUNCE_BREACH

    def carry_out(self, tx: Transaction, effect: Effect, file: CaseFile, now: datetime) -> Outcome:
        """Publish it in the name of who decided. Confirmed once the broker has it."""
        decision = next((each for each in file.decisions if each.id == effect.decision_id), None)
        step = rules.kind_of(file.case).step(decision.step) if decision else None
        if decision is None or step is None:
            raise Permanent("the decision that announces a breach is not there")
        event_id = effect.id_of(BreachDetected.type)
        with acting_as(decision.decided_by):
            tx.outbox.add(
                BreachDetected(
                    case_id=file.case.id,
                    decision_id=decision.id,
                    reason=Code(decision.reason),
                    parties=[Code(PRESENT[kind].party.value) for kind in step.opens],
                    detected_at=file.moments[Moment.DETECTED_AT],
                    aware_at=file.moments[Moment.AWARE_AT],
                ),
                now=now,
                event_id=event_id,
            )
        return Outcome.CONFIRMED if store.is_published(tx, event_id) else Outcome.WAITING
