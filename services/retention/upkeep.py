"""Keeping ledger and keyring: what no backup needs or can contradict any more goes.

Of the ledger a copy is kept, and its state is told.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

from services.retention import store
from services.retention.values import limits_on
from shared import calendar, log, tombstones
from shared.bus import Service, every, metrics
from shared.bus.chassis_calls import Ping
from shared.calls import Caller
from shared.errors import Restoring, Transient
from shared.privacy import Keyring
from shared.privacy.gate import position_of
from shared.privacy.key_rotation import Renewing
from shared.privacy.ledger_copy import copy_ledger, last_copy
from shared.privacy.ledger_writer import LedgerWriter

COPY_AT_ONCE: Final = timedelta(hours=1)
"""A copy of this age is made anew at the next look: five minutes may be months where a clock is moved."""

FORGET_BATCHES: Final = 20

logger = log.get("retention.upkeep")


class Upkeep(Service):
    """The part of the service that looks after the ledger's file, and after keys that were renewed."""

    caller: Caller
    keyring: Keyring
    ledger: LedgerWriter
    ledger_copies: Path | None

    @every(seconds=3600, irreversible=True)
    def forget_ledger(self) -> None:
        """Forget facts that no backup can contradict any more: the last one that lacks them has expired.

        What a service has still to take up stays, and all of it while one of them does not say how far it has come.
        """
        now = self.clock.now()
        self.ledger.purge(tombstones.forgotten_before(now), now, keep_after=self._least_position())

    @every(seconds=3600, irreversible=True)
    def forget_erased(self) -> None:
        """Forget whom an erasure was about, once no backup can bring anybody back; the certificate stays."""
        before = tombstones.forgotten_before(self.clock.now())
        for _ in range(FORGET_BATCHES):
            with self.database.transaction() as tx:
                forgotten = store.forget_erased(tx, before)
            if not forgotten and not self.keyring.forget(before):
                return

    def _least_position(self) -> int:
        reached = [position_of(database) for database, _ in self.guarded()]
        told = [mark.position if mark else 0 for mark in reached]
        caller = self.caller
        try:
            answers = (
                caller.ask(Ping(), of="account"),
                caller.ask(Ping(), of="audit"),
                caller.ask(Ping(), of="billing-sync"),
                caller.ask(Ping(), of="notification"),
            )
        except (Transient, Restoring) as error:
            logger.warning("ledger_not_forgotten", exc_info=error)
            return 0
        return min(*told, *(answer.ledger_position or 0 for answer in answers))

    @every(seconds=600, irreversible=True)
    def destroy_retired_keys(self) -> None:
        """Destroy data keys that were renewed so long ago that no backup holds anything under them."""
        now = self.clock.now()
        window = timedelta(days=limits_on(calendar.oslo_date(now)).backup_max_age_days)
        if destroyed := Renewing(self.keyring).destroy_retired(now, window=window):
            logger.info("retired_keys_destroyed", count=destroyed)

    @every(seconds=300)
    def copy_ledger(self) -> None:
        """Keep a second ledger elsewhere; it is never replaced by one that does not continue it."""
        if self.ledger_copies is not None:
            copy_ledger(self.ledger, self.ledger_copies, self.clock.now())

    @every(seconds=30)
    def measure_erasures(self) -> None:
        """Tell how many erasures are on their way, by state."""
        with self.database.transaction() as tx:
            for state, count in store.by_state(tx).items():
                metrics.ERASURES.labels(state).set(count)

    @every(seconds=30)
    def measure_ledger(self) -> None:
        """Tell how many facts there are and how old the last copy is: one that is not made says nothing itself."""
        opening, head = self.ledger.extent()
        metrics.LEDGER_ENTRIES.set(head.position - opening.position)
        metrics.LEDGER_HEAD.set(head.position)
        age = self._copy_age()
        if age is None or age > COPY_AT_ONCE:
            metrics.LEDGER_COPY_AGE.set(age.total_seconds() if age else float("inf"))
            self.copy_ledger()
            age = self._copy_age()
        if age is not None:
            metrics.LEDGER_COPY_AGE.set(age.total_seconds())

    def _copy_age(self) -> timedelta | None:
        copied = last_copy(self.ledger)
        return self.clock.now() - copied.at if copied else None
