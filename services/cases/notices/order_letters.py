"""Carries out that customers or persons are told: their letters are ordered in parts, each of them once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.cases.effects.values import Outcome
from services.cases.engine.values import CaseFile, Effect
from services.cases.notices import rules, store
from services.cases.notices.events import BreachNoticesOrdered
from shared.context import acting_as
from shared.database import Transaction
from shared.errors import Permanent
from shared.events import Code

PART: Final = 500
"""Recipients of one event: small enough for a message, large enough for ten thousand to be some twenty."""


@dataclass(frozen=True)
class OrderLetters:
    """Orders the letters of the notice that a decision sends. Who is not on its list gets none.

    `code` is the effect that it carries out. A part whose transaction was undone is ordered again with the same
    ids, and notification takes each recipient of a notice once.
    """

    code: str

    def carry_out(self, tx: Transaction, effect: Effect, file: CaseFile, now: datetime) -> Outcome:
        """Order the next part; confirmed once there is none left and the broker has them all.

        A notice that a restore has lost goes to nobody. A person decides another one: that settles this one too.
        """
        notice = store.of_decision(tx, effect.decision_id)
        decision = next((each for each in file.decisions if each.id == effect.decision_id), None)
        if decision is None:
            raise Permanent("the decision that tells somebody is not there")
        if notice is None:
            if any(store.of_decision(tx, each) for each in rules.told_after(file, effect)):
                return Outcome.CONFIRMED
            raise Permanent("the notice that was decided is not there")
        waiting = store.not_ordered(tx, notice.id, limit=PART)
        if not waiting:
            return Outcome.CONFIRMED if store.all_published(tx, notice.id) else Outcome.WAITING
        ids = [row["id"] for row in waiting]
        event = BreachNoticesOrdered(
            case_id=file.case.id,
            notice_id=notice.id,
            letter=Code(notice.letter),
            account_ids=[row["account_id"] for row in waiting],
            user_ids=[row["user_id"] for row in waiting if row["user_id"] is not None],
        )
        # Recipients leave with whoever is erased, and none is added: of the same first and last, none is new.
        event_id = effect.id_of(BreachNoticesOrdered.type, ids[0], ids[-1])
        with acting_as(decision.decided_by):
            tx.outbox.add(event, now=now, event_id=event_id)
        store.order(tx, ids, event_id, now)
        return Outcome.PROGRESSED
