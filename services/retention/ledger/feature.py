"""The ledger: the facts that no restore may undo, written down before what they are about is committed.

Where the commit fails all the same, the fact is in force a moment later: retention replays it like everybody else,
and what was decided is published then, under the id that it would have had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from services.retention.ledger import facts
from shared import log, tombstones
from shared.bus import Feature, every, metrics
from shared.bus.discovery import events as declared_events
from shared.bus.discovery import hears_each
from shared.bus.every_service_calls import Ping
from shared.bus.probes import probe
from shared.calls import Caller
from shared.clock import Clock
from shared.context import is_rehearsal
from shared.database import Database, Transaction
from shared.errors import Restoring, Transient, Unavailable
from shared.events import Received
from shared.privacy.ledger_copy import copy_ledger, last_copy
from shared.privacy.ledger_errors import LedgerError
from shared.privacy.ledger_lines import Fact
from shared.privacy.ledger_writer import LedgerWriter
from shared.privacy.restore_gate import position_of
from shared.system import SERVICES
from shared.terms.clauses.erasure import NEVER_RESTORED

COPY_AT_ONCE: Final = timedelta(hours=1)
"""A copy of this age is made anew at the next look: five minutes may be months where a clock is moved."""

COPY_STALE_AFTER: Final = timedelta(hours=24)
"""A copy is made every five minutes, and within half a minute of each new fact."""

logger = log.get("retention.ledger")


@hears_each(facts.kept(declared_events()), "keep")
@dataclass(kw_only=True, eq=False)
class Ledger(Feature):
    """Appends facts to the ledger, of which it keeps a copy, and purges those that are over."""

    clock: Clock
    caller: Caller
    ledger: LedgerWriter
    copies: Path | None
    """The folder, off this machine at best, that gets copies."""
    databases: Sequence[Database]
    """Those that retention brings up to date with the ledger."""
    _goal: int | None = None
    """Where the ledger ended when databases were looked at last; None before that."""
    _behind: int | None = None
    """How many had not reached the end before that; None where that is not known."""

    def append(self, fact: Fact) -> None:
        """Put a fact into the ledger before the transaction commits; a second time does no harm.

        A ledger in disorder is for a person to mend, so the work waits and is not given up. Nothing is put there in
        a rehearsal, whose transaction does not commit.
        """
        if is_rehearsal():
            return
        try:
            self.ledger.append([fact], self.clock.now())
        except LedgerError as error:
            raise Unavailable(f"the ledger does not take {fact.kind}: {type(error).__name__}") from error

    # ── event handlers ────────────────────────────────────────────────────────────────────────────────────────

    def keep(self, message: Received[Any], _tx: Transaction) -> None:
        """Hear what no restore may undo: what was decided since a backup holds whatever backup comes back."""
        self.append(facts.fact_of(message))

    # ── probes ────────────────────────────────────────────────────────────────────────────────────────────

    @probe(
        NEVER_RESTORED,
        nb="databaser som ikke følger med på hva som er slettet",
        en="databases that do not follow what was erased",
        alarms=False,
    )
    def databases_behind(self, _tx: Transaction, _now: datetime) -> int:
        """They have not reached by now where the ledger ended at the look before."""
        if self._behind is None:
            raise Unavailable("it is not known how far every database has come")
        return self._behind

    @probe(
        NEVER_RESTORED,
        nb="kopier av listen over det slettede som er eldre enn et døgn, eller mangler",
        en="copies of the list of what was erased that are older than a day, or missing",
        alarms=False,
    )
    def copies_too_old(self, _tx: Transaction, _now: datetime) -> int:
        """`vilkar alarms` tells it too."""
        age = self._copy_age()
        return int(age is None or age > COPY_STALE_AFTER)

    # ── jobs ──────────────────────────────────────────────────────────────────────────────────────────────

    @every(seconds=3600, irreversible=True)
    def purge_ledger(self) -> None:
        """Forget facts that no backup can contradict any more: the last one that lacks them has expired.

        What a service has still to take up stays, and all of it while one of them does not say how far it has come.
        """
        now = self.clock.now()
        self.ledger.purge(tombstones.forgotten_before(now), now, keep_after=self._least_position())

    def _least_position(self) -> int:
        try:
            return min(self._positions())
        except (Transient, Restoring) as error:
            logger.warning("ledger_not_forgotten", exc_info=error)
            return 0

    def _positions(self) -> list[int]:
        """How far every database has come. Raises `Transient` or `Restoring` where one does not say."""
        marks = [position_of(database) for database in self.databases]
        answers = [self.caller.ask(Ping(), of=name) for name in SERVICES if name != "retention"]
        return [*(mark.position if mark else 0 for mark in marks), *(each.ledger_position or 0 for each in answers)]

    @every(seconds=300)
    def copy_ledger(self) -> None:
        """Keep a second ledger elsewhere; it is never replaced by one that does not continue it."""
        if self.copies is not None:
            copy_ledger(self.ledger, self.copies, self.clock.now())

    @every(seconds=60)
    def compare_positions(self) -> None:
        """Ask how far every database has come; a probe may not: nobody is asked while a transaction is open."""
        before, self._behind = self._goal, None
        self._goal = self.ledger.extent()[1].position
        try:
            positions = self._positions()
        except (Transient, Restoring) as error:
            logger.warning("databases_not_compared", exc_info=error)
            return
        behind = sum(position < (self._goal if before is None else before) for position in positions)
        if before is not None or not behind:  # at the first look they may be about to reach it
            self._behind = behind

    @every(seconds=30)
    def measure_ledger(self) -> None:
        """Measure how many facts there are, and how old the last copy is: one that is not made says nothing.

        What has come since the last copy is copied: a backup of this minute needs it, and so does who proves that
        it can be restored.
        """
        opening, head = self.ledger.extent()
        metrics.LEDGER_ENTRIES.set(head.position - opening.position)
        metrics.LEDGER_HEAD.set(head.position)
        copied, age = last_copy(self.ledger), self._copy_age()
        if age is None or age > COPY_AT_ONCE or (copied is not None and copied.head.position < head.position):
            metrics.LEDGER_COPY_AGE.set(age.total_seconds() if age else float("inf"))
            self.copy_ledger()
            age = self._copy_age()
        if age is not None:
            metrics.LEDGER_COPY_AGE.set(age.total_seconds())

    def _copy_age(self) -> timedelta | None:
        copied = last_copy(self.ledger)
        return self.clock.now() - copied.at if copied else None
