"""registers: what must be kept in order and reviewed, what counts of it, and what counted when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from services.registers.board.feature import Board
from services.registers.duty.feature import DutyRota
from services.registers.engine.facts import RecordFacts
from services.registers.erasure.participant import RegisterErasure
from services.registers.exporting.tables import contribution
from services.registers.record_lifecycle.feature import RecordLifecycle
from services.registers.reviews.feature import Reviews
from shared.bus import Service
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database
from shared.participation.exporting import Exporting
from shared.participation.feature import Participation
from shared.participation.replay import ParticipantReplayer
from shared.privacy.restore_gate import Replayer


class Registers(Service):
    """The service, composed of its features."""

    name: ClassVar[str] = "registers"
    made_of = (RecordLifecycle, Board, DutyRota, Reviews, Participation, Exporting)

    def __init__(self, *, database: Database, clock: Clock, caller: Caller) -> None:
        """Make the features."""
        self.database = database
        self.clock = clock
        self.participant = RegisterErasure()
        self.features = (
            RecordLifecycle(clock=clock),
            Board(database=database, clock=clock),
            DutyRota(database=database, clock=clock, caller=caller),
            Reviews(database=database, clock=clock),
            Participation(database, clock, self.participant),
            Exporting(database, clock, contribution(database)),
        )

    def guarded(self) -> Iterator[tuple[Database, Replayer | None]]:
        """Its own database."""
        yield self.database, ParticipantReplayer(self.participant, RecordFacts())
