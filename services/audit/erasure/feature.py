"""Forgets the ids of who was erased, once no backup can bring anybody back."""

from __future__ import annotations

from services.audit.erasure.participant import Q
from shared.bus import Feature, every
from shared.calendar import oslo_date
from shared.clock import Clock
from shared.database import Database


class Tombstones(Feature):
    """Until then such an id keeps a message that comes late from bringing anything back."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """The service's own database."""
        self._database = database
        self._clock = clock

    @every(seconds=60, irreversible=True)
    def purge_tombstones(self) -> None:
        """Delete the ids whose day has come."""
        with self._database.transaction() as tx:
            tx.run(Q.forget_tombstones, today=oslo_date(self._clock.now()))
