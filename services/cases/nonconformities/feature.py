"""Shows customers how their reports stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.account.login.calls import Authenticate
from services.cases.engine.values import Change
from services.cases.kinds.values import Step
from services.cases.nonconformities import calls, rules, store
from shared.bus import Feature, answers
from shared.calls import Caller
from shared.database import Database, Transaction

OWNER: Final = "owner"


@dataclass(kw_only=True, eq=False)
class NonconformitiesOfCustomer(Feature):
    """Shows how reports stand; the account service says whose the session is. What may be a breach stays open."""

    database: Database
    caller: Caller

    @answers(calls.OwnNonconformities)
    def own_nonconformities(self, call: calls.OwnNonconformities) -> calls.NonconformitiesShown:
        """What a company, or one person of it, reported, and what became of it."""
        session = self.caller.ask(Authenticate(token=call.token))
        own = None if session.role == OWNER else session.user_id
        with self.database.transaction() as tx:
            rows = store.of_customer(tx, session.account_id, own)
        names = ("reference", "state", "reason", "received_at", "ended_at")
        return calls.NonconformitiesShown(
            nonconformities=tuple(
                calls.NonconformityShown(**{name: row[name] for name in names}, about=row["signal"]) for row in rows
            )
        )

    def follow(self, _tx: Transaction, change: Change, _step: Step) -> None:
        """What may be a breach is closed once it is decided that it was none."""
        rules.check_closing(change.after)
