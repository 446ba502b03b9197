"""Letters as they are looked up afterwards, for as long as they are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from services.account.login.calls import Authenticate
from services.notification.history.calls import (
    LETTERS_MOST,
    BreachOutcome,
    BreachOutcomes,
    BreachOutcomesShown,
    Letter,
    Letters,
    LetterShown,
    LettersShown,
    OwnLetter,
    OwnLetters,
    OwnLettersShown,
)
from services.notification.history.store import HistoryStore
from shared import errors, log
from shared.bus import Feature, answers, every
from shared.bus.probes import HOURLY, probe
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.keyset import Paged, Place, cut
from shared.terms.clauses import erasure

PURGE_ROUNDS: Final = 20

_log = log.get("notification.history")


@dataclass(kw_only=True, eq=False)
class History(Feature):
    """Shows letters, and deletes rows whose time is over."""

    database: Database
    clock: Clock
    caller: Caller
    store: HistoryStore = field(default_factory=HistoryStore)

    @answers(Letters)
    def letters(self, call: Letters) -> LettersShown:
        """The newest letters of a company, or to one user of it."""
        with self.database.transaction() as tx:
            found = self.store.newest(tx, call.account_id, call.user_id, call)
        rows, following = cut(found, call.limit, lambda row: Place(row["requested_at"], row["letter_id"]))
        return LettersShown(letters=tuple(LetterShown(**row) for row in rows), next_after=following)

    @answers(OwnLetters)
    def own_letters(self, call: OwnLetters) -> OwnLettersShown:
        """The newest letters to whoever has the session."""
        session = self.caller.ask(Authenticate(token=call.token))
        with self.database.transaction() as tx:
            rows = self.store.newest(tx, session.account_id, session.user_id, Paged(limit=LETTERS_MOST))
        names = ("letter", "state", "requested_at", "sent_at", "settled_at")
        letters = tuple(OwnLetter(**{name: row[name] for name in names}) for row in rows[:LETTERS_MOST])
        return OwnLettersShown(letters=letters, complete=len(rows) <= LETTERS_MOST)

    @answers(Letter)
    def letter(self, call: Letter) -> LetterShown:
        """One letter."""
        with self.database.transaction() as tx:
            row = self.store.by_id(tx, call.letter_id)
        if row is None:
            raise errors.NotFound
        return LetterShown(**row)

    @answers(BreachOutcomes)
    def breach_outcomes(self, call: BreachOutcomes) -> BreachOutcomesShown:
        """What has become of telling these recipients."""
        with self.database.transaction() as tx:
            rows = self.store.breach_outcomes(tx, call.recipient_ids)
        return BreachOutcomesShown(outcomes=tuple(BreachOutcome(**row) for row in rows))

    @probe(
        erasure.ERASE_WHEN_NOT_NEEDED,
        nb="e-poster i loggen som skulle vært slettet",
        en="letters of the log that should have been deleted",
        seconds=HOURLY,
    )
    def letters_past_their_end(self, tx: Transaction, now: datetime) -> int:
        """For more than a day: the purge runs every hour."""
        with tx.undone():
            return self.store.prune(tx, now - timedelta(days=1))

    @every(seconds=3600, irreversible=True)
    def purge_expired_letters(self) -> None:
        """Delete rows whose time is over, in batches; says so when there was nothing."""
        deleted = 0
        for _ in range(PURGE_ROUNDS):
            with self.database.transaction() as tx:
                batch = self.store.prune(tx, self.clock.now())
            deleted += batch
            if batch == 0:
                break
        _log.info("old_rows_deleted", count=deleted)
