"""The restore gate: nothing is served before the database has caught up with the ledger.

A database that was restored from a backup is one that is behind, like one that was stopped for a while: it
records how far it had come. What it misses is made true again in order, in batches, each in one transaction
with the new position, so a process may die anywhere and the next one goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from itertools import islice, takewhile
from typing import Final, Protocol, TypeVar

import psycopg

from shared import log
from shared.clock import Clock
from shared.database import Database, Transaction, load_queries
from shared.database.pool import Busy
from shared.errors import Permanent, Refused, Restoring, Transient
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_errors import (
    LedgerAltered,
    LedgerError,
    LedgerPurged,
    LedgerTooNew,
    ReplayFailed,
)
from shared.privacy.ledger_lines import Entry, Mark

BATCH: Final = 100
SETTLED_MOST: Final = 100_000
"""Transactions in which what was put off is made true: far more than a ledger has lines for."""
TRIES: Final = 3
"""Of one transaction. Whoever made the same fact true at the same moment has committed by the second one."""

T = TypeVar("T")
Q = load_queries(__file__, "gate.sql")
logger = log.get("gate")


class Replayer(Protocol):
    """Makes facts of the ledger true again in one service's database.

    The first three may be called any number of times and for facts that were never lost. They use the transaction
    and nothing else: nobody outside is asked, and no message goes out but what whoever had it knows by its id.
    """

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true, unless a later fact of the same thing is true already."""

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether the fact holds, or a later fact of the same thing took its place."""

    def is_empty(self, tx: Transaction) -> bool:
        """Whether the database holds nobody at all: it is new, so it has nothing to forget."""

    def knows(self, kind: str) -> bool:
        """Whether facts of this kind are made true."""

    def settle(self, tx: Transaction) -> bool:
        """Make some of what `replay` has put off true, in the order in which it happened; whether there was any."""


class GateState(StrEnum):
    """Where the gate stands; only when it is open is anything served."""

    CLOSED = "closed"
    REPLAYING = "replaying"
    OPEN = "open"
    BROKEN = "broken"


class CameUndone(Transient):
    """The recorded position went back while facts were replayed: somebody restored the database meanwhile."""


class _Met(Transient):
    """A handler made the same fact true at the same moment: what it wrote is there now, so it can be looked at."""


class _Standing:
    """What both kinds of gate tell: which database they stand before, where they stand, and why."""

    def __init__(self, ledger: Ledger, database: Database) -> None:
        """Closed at first."""
        self._ledger = ledger
        self._database = database
        self._state = GateState.CLOSED
        self._reason: str | None = None

    @property
    def name(self) -> str:
        """Which database this is."""
        return self._database.source

    @property
    def state(self) -> GateState:
        """Where the gate stands."""
        return self._state

    @property
    def reason(self) -> str | None:
        """Why the gate is broken, and the way out; None otherwise."""
        return self._reason

    def _begin(self) -> str | None:
        """Begin a try; returns why the last one failed."""
        before, self._reason = self._reason, None
        self._state = GateState.REPLAYING
        return before

    def _break(self, error: LedgerError, known: str | None) -> None:
        """Stand broken, and say why and what to do, once and not with every try."""
        self._state, self._reason = GateState.BROKEN, str(error)
        if self._reason != known:
            logger.error("gate_broken", database=self.name, exc_info=error)


class Gate(_Standing):
    """The gate before one database."""

    def __init__(
        self, ledger: Ledger, database: Database, replayer: Replayer, *, clock: Clock, batch: int = BATCH
    ) -> None:
        """`batch` is the number of facts replayed in one transaction. The gate is closed at first."""
        super().__init__(ledger, database)
        self._replayer = replayer
        self._clock = clock
        self._batch = batch
        self._reached: Mark | None = None
        self._settled = False

    @property
    def reached(self) -> Mark | None:
        """How far the database had come at the last look that went well."""
        return self._reached

    def check(self) -> None:
        """Raise `Restoring` unless the gate is open."""
        if self._state is not GateState.OPEN:
            raise Restoring(details={"state": self._state.value})

    def open(self) -> GateState:
        """Replay what the database misses, verify it, and open; returns where the gate stands then.

        It is broken where the ledger cannot be relied on or a fact cannot be made to hold; `reason` says why.
        Once that is mended, call again. Raises `Transient` where the database is away or busy: call again too.
        """
        before = self._begin()
        try:
            replayed = self.follow()
        except LedgerError as error:
            self._break(error, before)
        except BaseException:
            self._state = GateState.CLOSED
            raise
        else:
            self._state = GateState.OPEN
            logger.info("gate_open", database=self.name, replayed=replayed)
        return self._state

    def follow(self) -> int:
        """Replay what was written since, and return how many facts; the state of the gate stays as it is.

        For a service that runs for long: its position must not fall behind what the ledger has purged.
        Raises a `LedgerError` or `Transient`.
        """
        with self._database.transaction() as tx:
            start = self._recorded(tx)
        self._must_not_be_set_back(start)
        replayed, end = 0, start
        for batch in _batches(self._ledger.read(start), self._batch):
            replayed, end = replayed + self._beside_handlers(partial(self._replay, batch)), batch[-1].mark
        if replayed or not self._settled:
            self._settle()
        if replayed:
            self._verify(start, end)
        self._reached = end
        return replayed

    def _must_not_be_set_back(self, recorded: Mark) -> None:
        """Once the gate is open the database only goes forward, unless it is restored under a running service."""
        if self._state is not GateState.OPEN or self._reached is None:
            return
        if recorded.position < self._reached.position:
            self._state = GateState.CLOSED
            raise CameUndone(f"the database went back to position {recorded.position}")

    def position(self) -> Mark | None:
        """How far the database has come; None before the first start."""
        return position_of(self._database)

    def _recorded(self, tx: Transaction) -> Mark:
        recorded = _mark(tx, Q.recorded)
        if recorded is not None:
            return recorded
        opening = self._ledger.opening()
        if opening.position and not self._replayer.is_empty(tx):
            raise LedgerPurged(f"the database was never at the ledger, which begins after {opening.position}")
        self._record(tx, opening.mark)
        return opening.mark

    def _beside_handlers(self, make_true: Callable[[], T]) -> T:
        """A service that is open goes on working while facts are made true, and hears of the same ones."""
        for _ in range(TRIES - 1):
            try:
                return make_true()
            except (_Met, Busy) as met:
                logger.info("replay_met_handler", database=self.name, exc_info=met)
        try:
            return make_true()
        except _Met as met:
            raise ReplayFailed(str(met)) from met

    def _replay(self, batch: list[Entry]) -> int:
        with self._database.transaction() as tx:
            recorded = self._recorded(tx)
            missing = [entry for entry in batch if entry.position > recorded.position]
            if not missing:
                return 0  # another process of the service was faster
            _must_continue(recorded, missing[0])
            for entry in self._of_this_database(missing):
                self._make_true(tx, entry)
            self._must_hold(tx, missing)
            self._record(tx, missing[-1].mark)
        return len(missing)

    def _make_true(self, tx: Transaction, entry: Entry) -> None:
        with _said(f"{entry.kind} at position {entry.position}"):
            self._replayer.replay(tx, entry)

    def _settle(self) -> None:
        """What was put off is made true once all that was written is here; a process that died is followed up."""
        self._settled = False
        for _ in range(SETTLED_MOST):
            if not self._beside_handlers(self._settle_some):
                self._settled = True
                return
        raise ReplayFailed("what was put off does not come to an end")

    def _settle_some(self) -> bool:
        with self._database.transaction() as tx:
            self._recorded(tx)  # one process at a time
            with _said("what was put off"):
                return self._replayer.settle(tx)

    def _verify(self, start: Mark, end: Mark) -> None:
        """Once more after the last one: no fact may have undone another. What came since is not looked at."""
        replayed = takewhile(lambda entry: entry.position <= end.position, self._ledger.read(start))
        for batch in _batches(replayed, self._batch):
            with self._database.transaction() as tx:
                self._must_hold(tx, batch)

    def _must_hold(self, tx: Transaction, entries: Iterable[Entry]) -> None:
        for entry in self._of_this_database(entries):
            if not self._replayer.verify(tx, entry):
                raise ReplayFailed(f"{entry.kind} at position {entry.position} does not hold after its replay")

    def _of_this_database(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """All but the events that other databases replay, whether we know them or not.

        Raises `LedgerTooNew` at one that this database is to replay and that is not known.
        """
        for entry in entries:
            if entry.happening is None:
                yield entry
            elif self.name in entry.happening.replayed_by:
                if not self._replayer.knows(entry.kind):
                    what = f"which {self.name} is to make true and does not know"
                    raise LedgerTooNew(f"the ledger holds {entry.kind} at position {entry.position}, {what}")
                yield entry

    def _record(self, tx: Transaction, mark: Mark) -> None:
        tx.run(Q.record, position=mark.position, hash=mark.hash, now=self._clock.now())


class Watch(_Standing):
    """The gate before a database that somebody else brings up to date: it opens once nothing is missing there.

    Nothing of what the ledger held when it began to watch: facts written meanwhile are those of a running system,
    and where many are written there may be no instant at which a follower has the very last one.
    """

    def __init__(self, ledger: Ledger, database: Database) -> None:
        """Nobody's rights to change anything are needed, only those to read how far the database has come."""
        super().__init__(ledger, database)
        self._awaited: Mark | None = None

    def open(self) -> GateState:
        """Look whether the database has come as far as the ledger; returns where the gate stands then.

        Raises `Transient` where the database is away or busy.
        """
        before = self._begin()
        recorded = position_of(self._database)
        try:
            open_now = recorded is not None and self._has_arrived(recorded)
        except LedgerError as error:
            self._awaited = None
            self._break(error, before)
        else:
            self._state = GateState.OPEN if open_now else GateState.REPLAYING
        return self._state

    def _has_arrived(self, recorded: Mark) -> bool:
        if self._awaited is None:
            self._awaited = self._ledger.verify(recorded, every_signature=False).head
        if recorded.position < self._awaited.position:
            return False  # the file need not be read again before that
        if recorded != self._awaited:
            self._ledger.verify(recorded, every_signature=False)
        self._awaited = None
        return True

    def follow(self) -> int:
        """Nothing: it follows by itself, or is followed by somebody else."""
        return 0


def position_of(database: Database) -> Mark | None:
    """How far a database has come; None where no gate before it was ever opened: the system is new."""
    with database.transaction() as tx:
        return _mark(tx, Q.look)


@contextmanager
def _said(what: str) -> Iterator[None]:
    """Tell apart what says something about a fact, and what does not."""
    try:
        yield
    except psycopg.OperationalError:
        raise  # the database is away or busy
    except psycopg.IntegrityError as error:
        raise _Met(f"{what}: {type(error).__name__}") from error
    except (Permanent, Refused, psycopg.DatabaseError) as error:
        raise ReplayFailed(f"{what}: {type(error).__name__}") from error


def _must_continue(recorded: Mark, entry: Entry) -> None:
    if entry.position != recorded.position + 1:
        raise CameUndone(f"the database went back to position {recorded.position}")
    if entry.previous != recorded.hash:
        raise LedgerAltered(f"position {recorded.position} of the database is that of another ledger")


def _mark(tx: Transaction, query: str) -> Mark | None:
    row = tx.one(query)
    if row is None:
        raise LedgerAltered("the row of the ledger's position is gone from the database")
    return None if row["position"] is None else Mark(row["position"], row["hash"])


def _batches(entries: Iterator[Entry], size: int) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, size)):
        yield batch
