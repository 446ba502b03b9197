"""Forgets what ended so long ago that nobody can claim anything by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from services.staff.periods.rules import forgotten_before
from shared.bus import Feature, every
from shared.clock import Clock
from shared.database import Database, Transaction

AT_ONCE: Final = 50


class Forget(Protocol):
    """Forgets what ended before then, so much at once; how much it was."""

    def __call__(self, tx: Transaction, before: datetime, /, *, limit: int) -> int:
        """Forget it."""


@dataclass(kw_only=True, eq=False)
class EndedRecords(Feature):
    """What ends and is recorded for as long as whoever it was about: grants, approvals and their like.

    `forgets` has one function for each kind.
    """

    database: Database
    clock: Clock
    forgets: Sequence[Forget]

    @every(seconds=3600, irreversible=True)
    def forget_ended_records(self) -> None:
        """What ended so long ago that nobody can claim anything by it is recorded no longer.

        The trouble of one kind keeps no other waiting. Raises `ExceptionGroup` with all there was.
        """
        before, failed = forgotten_before(self.clock.now()), []
        for forget in self.forgets:
            try:
                with self.database.transaction() as tx:
                    forget(tx, before, limit=AT_ONCE)
            except Exception as error:  # noqa: BLE001  # the others are forgotten first, then all is raised
                failed.append(error)
        if failed:
            raise ExceptionGroup("what ended is still recorded", failed)
