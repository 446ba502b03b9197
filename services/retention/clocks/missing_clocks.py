"""Who is inactive although no clock runs: what was never heard of, the account service is asked about.

A clock begins with an event. Where that was given up, nobody would erase the account, and nothing that retention
has would show it. So the account service is asked again and again who is inactive, in stretches.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.account.erasure.calls import SUBJECTS_LIMIT, InactiveSubjects
from services.retention.clocks import store
from services.retention.erasure.values import Scope
from shared.calls import Caller
from shared.database import Database, Transaction

HEARD_AFTER: Final = timedelta(hours=1)
"""An event takes seconds; whoever is inactive for so long should have a clock."""
STRETCHES_A_TURN: Final = 20


class MissingClocks:
    """Goes round all that are inactive, and counts those that had no clock in two rounds one after the other."""

    def __init__(
        self, *, caller: Caller, database: Database, awaits_early_erasure: Callable[[Transaction, Scope], bool]
    ) -> None:
        """`awaits_early_erasure` says whether an account or user is about to be erased without the three months."""
        self._caller = caller
        self._database = database
        self._awaits_early_erasure = awaits_early_erasure
        self._begin()

    def _begin(self) -> None:
        self.count: int | None = None
        """How many had no clock in the last two rounds; None where that is not known."""
        self._before: frozenset[Scope] | None = None
        self._missing: set[Scope] = set()
        self._after: UUID | None = None

    def look_on(self, now: datetime) -> None:
        """Look at the next ones. Raises what the account service refuses with; then all begins anew."""
        try:
            for _ in range(STRETCHES_A_TURN):
                asked = InactiveSubjects(before=now - HEARD_AFTER, after=self._after)
                stretch = self._caller.ask(asked).subjects
                self._missing |= self._without_clock(
                    [Scope(account_id=each.account_id, user_id=each.user_id) for each in stretch]
                )
                self._after = stretch[-1].id if len(stretch) == SUBJECTS_LIMIT else None
                if self._after is None:
                    self._end_round()
                    break
        except BaseException:
            self._begin()
            raise

    def _without_clock(self, scopes: list[Scope]) -> set[Scope]:
        if not scopes:
            return set()
        with self._database.transaction() as tx:
            missing = store.without_clock(tx, scopes)
            return {each for each in missing if not self._awaits_early_erasure(tx, each)}

    def _end_round(self) -> None:
        missing, self._missing = frozenset(self._missing), set()
        if self._before is not None:
            self.count = len(missing & self._before)
        elif not missing:  # what is missing in the first round may be on its way
            self.count = 0
        self._before = missing
