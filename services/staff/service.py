"""staff: the vendor's people, what they may do, and that it is they who do it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from services.staff.grants.feature import Grants
from services.staff.people.feature import People
from services.staff.prerequisites.feature import Prerequisites
from shared.bus import Service
from shared.clock import Clock
from shared.database import Database
from shared.participation.replay import NothingToReplay
from shared.privacy.restore_gate import Replayer


class Staff(Service):
    """The service, composed of its features."""

    name: ClassVar[str] = "staff"
    made_of = (People, Prerequisites, Grants)

    def __init__(self, *, database: Database, clock: Clock) -> None:
        """Make the features. What ends with a person is given to `People`, which lets it end when they leave."""
        self.database, self.clock = database, clock
        self.people = People(database=database, clock=clock)
        self.prerequisites = Prerequisites(database=database, clock=clock, people=self.people)
        self.grants = Grants(database=database, clock=clock, people=self.people, prerequisites=self.prerequisites)
        self.people.endings = (self.grants.end,)
        self.features = (self.people, self.prerequisites, self.grants)

    def guarded(self) -> Iterator[tuple[Database, Replayer | None]]:
        """Its own database, in which nothing is about a customer."""
        yield self.database, NothingToReplay()
