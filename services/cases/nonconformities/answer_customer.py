"""Carries out that customers are told how the case of their report ended."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.cases.effects.values import Outcome
from services.cases.engine.values import CaseFile, Effect
from services.cases.kinds.nonconformity import ANSWER_CUSTOMER
from services.cases.nonconformities import store
from services.cases.nonconformities.events import NonconformityAnswered
from shared.context import acting_as
from shared.database import Transaction
from shared.errors import Permanent
from shared.events import Code


class AnswerCustomer:
    """An event for each customer, with one id however often it is published. Whoever was erased gets none."""

    code: Final = ANSWER_CUSTOMER

    def carry_out(self, tx: Transaction, effect: Effect, file: CaseFile, now: datetime) -> Outcome:
        """Publish them in the name of who decided. Confirmed once the broker has all of them, be it none.

        It is none where whoever it was about was erased. Where a restore has lost them it is not confirmed before a
        person has looked, who tells them.
        """
        decision = next((each for each in file.decisions if each.id == effect.decision_id), None)
        if decision is None:
            raise Permanent("the decision that a customer is told of is not there")
        recipients = store.recipients(tx, file.case.id)
        if not recipients and file.case.restored_at is not None:
            raise Permanent("a restore has lost whom the case is about")
        event_ids = []
        with acting_as(decision.decided_by):
            for row in recipients:
                event = NonconformityAnswered(
                    case_id=file.case.id,
                    decision_id=decision.id,
                    account_id=row["account_id"],
                    user_id=row["user_id"],
                    outcome=Code(decision.to_state),
                    reason=Code(decision.reason),
                    reported_at=file.case.received_at,
                )
                event_ids.append(effect.id_of(NonconformityAnswered.type, row["account_id"]))
                tx.outbox.add(event, now=now, event_id=event_ids[-1])
        return Outcome.CONFIRMED if store.all_published(tx, event_ids) else Outcome.WAITING
