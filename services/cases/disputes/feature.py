"""Disputes and what is held for them: none ends while it keeps something from being erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.cases.disputes import calls, rules, store
from services.cases.engine import store as cases
from services.cases.engine.values import Change
from services.cases.kinds.values import Step
from services.retention.holds.events import HoldRenewed
from shared.bus import Feature, answers, handles
from shared.bus.alarms import Waiting
from shared.bus.probes import HOURLY, probe
from shared.database import Database, Transaction
from shared.events import Received
from shared.participation.events import HoldPlaced, HoldReleased
from shared.terms.clauses.monitoring import DISAGREEMENT_IS_TALKED_ABOUT


@dataclass(kw_only=True, eq=False)
class Disputes(Feature):
    """Says for which dispute retention may hold something, and remembers what it holds. Persons decide both."""

    database: Database

    @answers(calls.DisputeCalled)
    def dispute_called(self, call: calls.DisputeCalled) -> calls.DisputeFound:
        """The open dispute with a customer that people call so."""
        with self.database.transaction() as tx:
            case_id = store.called(tx, call.reference, call.account_id)
            found = cases.get(tx, case_id).case if case_id else None
        return calls.DisputeFound(case_id=rules.check_may_hold(found).id)

    @handles(HoldPlaced)
    def note_hold(self, message: Received[HoldPlaced], tx: Transaction) -> None:
        """Something is held for a dispute."""
        event = message.event
        if event.case_id is not None:
            store.note(tx, event.hold_id, event.case_id, event.review_on, message.time)

    @handles(HoldRenewed)
    def note_review(self, message: Received[HoldRenewed], tx: Transaction) -> None:
        """It was looked at again, and is still needed."""
        event = message.event
        if event.case_id is not None:
            store.note(tx, event.hold_id, event.case_id, event.review_on, message.time)

    @handles(HoldReleased)
    def forget_hold(self, message: Received[HoldReleased], tx: Transaction) -> None:
        """It is held no more: what it kept is erased where its date has passed, and the dispute may end."""
        store.forget(tx, message.event.hold_id)

    def follow(self, tx: Transaction, change: Change, _step: Step) -> None:
        """What a dispute holds is released before it ends."""
        case = change.after.case
        rules.check_ending(case, len(store.of_case(tx, case.id)))

    @probe(
        DISAGREEMENT_IS_TALKED_ABOUT,
        nb="tilbakehold for uenigheter som er avsluttet",
        en="holds for disagreements that have ended",
        seconds=HOURLY,
        act="vilkar hold list",
    )
    def held_after_the_end(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """Placed in the moment in which the dispute ended: whoever answers for the hold releases it."""
        found = store.held_after_end(tx)
        return Waiting(found["count"], found["since"]) if found and found["count"] else None
