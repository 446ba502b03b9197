"""Customers are asked from time to time whether their data are right, and say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.account.accounts.publishing import acting, publish_change
from services.account.accounts.rules import check_version
from services.account.accuracy import calls, store
from services.account.accuracy.events import AccuracyAsked, AccuracyAttested
from services.account.accuracy.values import Because
from services.account.authorisation.access import enter_to_change
from shared.actor import SYSTEM
from shared.bus import Feature, answers, every
from shared.bus.probes import HOURLY, probe
from shared.clock import Clock
from shared.database import Database, Row, Transaction
from shared.errors import Forbidden
from shared.events import Code
from shared.terms.clauses import collection, duties, protection

AT_ONCE: Final = 200
"""So many are asked in an hour, so that a system that stood still does not write to everybody at once."""
LATE: Final = timedelta(days=14)


@dataclass(eq=False)
class Accuracy(Feature):
    """Asks the owners of each company, and notes when one of them says that all is right."""

    database: Database
    clock: Clock

    @answers(calls.ConfirmAccuracy)
    def confirm_accuracy(self, call: calls.ConfirmAccuracy, tx: Transaction) -> calls.AccuracyConfirmed:
        """An owner has looked, and says that it is right."""
        account, owner = enter_to_change(tx, call)
        if owner is None:
            raise Forbidden("only the customer can say so")
        check_version(account.version, call.version)
        now = self.clock.now()
        store.confirm(tx, account.id, now)
        changed = publish_change(tx, call.actor, account, AccuracyAttested(account_id=account.id), now=now)
        return calls.AccuracyConfirmed(version=changed.version, confirmed_at=now)

    @every(seconds=3600)
    def ask_whether_it_is_right(self) -> None:
        """Ask those whose day has come."""
        now = self.clock.now()
        with self.database.transaction() as tx, acting(SYSTEM):
            for row in store.ask(tx, now=now, limit=AT_ONCE):
                because = Because.ADDRESS_MISSING if row["lacks_address"] else Because.TIME_PASSED
                tx.outbox.add(AccuracyAsked(account_id=row["id"], because=Code(because)), now=now)

    @probe(
        protection.CONFIDENTIAL_AND_CORRECT,
        duties.FOUR_ATTESTATIONS,
        collection.BILLING_DATA_LATER,
        nb="virksomheter som skulle vært spurt om opplysningene stemmer",
        en="companies that should have been asked whether their data are right",
        seconds=HOURLY,
    )
    def not_asked(self, tx: Transaction, now: datetime) -> Row | None:
        """For two weeks: so many are asked in an hour and no more."""
        return store.unasked(tx, by=now - LATE, now=now)
