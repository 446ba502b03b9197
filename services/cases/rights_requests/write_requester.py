"""Carries out that whoever made a request is written to: done once the letter has left, by whichever way."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.cases.effects.values import Outcome
from services.cases.engine.values import CaseFile, Effect
from services.cases.kinds.rights_request import EXTEND, WRITE_REQUESTER
from services.cases.rights_requests import rules, store
from services.cases.rights_requests.events import TO_CONTROLLER, RightsLetterOrdered
from shared.context import acting_as
from shared.database import Transaction
from shared.errors import Permanent
from shared.events import Code


class WriteRequester:
    """Each letter has one id however often it is tried, so whoever writes it does so once."""

    code: Final = WRITE_REQUESTER

    def carry_out(self, tx: Transaction, effect: Effect, file: CaseFile, now: datetime) -> Outcome:
        """Order it in the name of who decided. Confirmed once it has left, or whoever asked was erased.

        Whom a case does not name no e-mail reaches: it waits until a person has posted the letter and says so. So
        it does where a restore has lost who asked.
        """
        decision = next((each for each in file.decisions if each.id == effect.decision_id), None)
        if decision is None:
            raise Permanent("the decision that somebody is told of is not there")
        waiting = []
        for letter, event_id in rules.letters_of(effect, decision.step):
            store.add(tx, event_id, letter, of=(file.case.id, decision.id), now=now)
            row = store.get(tx, event_id)
            if row is None or row["sent_at"] is None:
                waiting.append((letter, event_id))
        if not waiting:
            return Outcome.CONFIRMED
        requester = store.opened_for(tx, file.case.id)
        if requester is None or requester["user_id"] is None:
            # Somebody else whom the case names may have been erased: the letter is still to be posted.
            gone = file.case.subjects_erased and file.case.restored_at is None
            return Outcome.CONFIRMED if gone and store.was_mailed(tx, file.case.id) else Outcome.WAITING
        due_on = rules.day_if_extended(file, now) if decision.step == EXTEND else rules.last_day(file)
        with acting_as(decision.decided_by):
            for letter, event_id in waiting:
                event = RightsLetterOrdered(
                    case_id=file.case.id,
                    **requester,
                    letter=Code(letter),
                    reason=Code(file.case.signal if letter in TO_CONTROLLER else decision.reason),
                    received_at=file.case.received_at,
                    due_on=due_on,
                )
                tx.outbox.add(event, now=now, event_id=event_id)
                store.mailed(tx, event_id, now)
        return Outcome.WAITING
