"""What was refused of calls, counted by kind and told to the audit trail: the first at once, the rest by number."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from shared.bus.actors import SYSTEM
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database
from shared.events import CODE_PATTERN, COUNT_LIMIT, Code, Event

K = TypeVar("K", bound=Hashable)

SECONDS: Final = 10.0
"""How often what was refused is told."""
AGAIN_AFTER: Final = timedelta(minutes=10)
"""A refusal of one kind is told at once, and what follows with its number this much later."""


@dataclass(slots=True)
class _Refusals:
    """Refusals of one kind that are not told yet."""

    count: int = 0
    told_at: datetime | None = None


class Counts(Generic[K]):
    """Counts refusals by kind, of which there are few, none of a caller's making. Safe to share between threads."""

    def __init__(self) -> None:
        """Nothing was refused yet."""
        self._lock = threading.Lock()
        self._refused: dict[K, _Refusals] = {}

    def note(self, kind: K) -> None:
        """One more was refused."""
        with self._lock:
            self._refused.setdefault(kind, _Refusals()).count += 1

    def due(self, now: datetime) -> list[tuple[K, int]]:
        """What is to be told by now: each kind with how many."""
        return [
            (kind, refused.count)
            for kind, refused in list(self._refused.items())
            if refused.count and (refused.told_at is None or now - refused.told_at >= AGAIN_AFTER)
        ]

    def told(self, kind: K, count: int, now: datetime) -> None:
        """So many of a kind were told."""
        with self._lock:
            refused = self._refused[kind]
            refused.count, refused.told_at = refused.count - count, now


class Tally(Counts[K]):
    """Counts, and tells by an event of the service's own database."""

    def __init__(self, event: Callable[[K, int], Event], *, actor: Callable[[K], str] = lambda _: SYSTEM) -> None:
        """`event` is what is told of so many refusals of a kind, `actor` who was refused where that is known."""
        super().__init__()
        self._event = event
        self._actor = actor

    def tell(self, database: Database, clock: Clock) -> None:
        """Put what was refused into the outbox."""
        now = clock.now()
        for kind, count in self.due(now):
            with acting_as(self._actor(kind)), database.transaction() as tx:
                tx.outbox.add(self._event(kind, min(count, COUNT_LIMIT)), now=now)
            self.told(kind, count, now)


def code_or_other(text: str) -> Code:
    """A word that somebody else chose, where it is one for machines."""
    return Code(text if CODE_PATTERN.fullmatch(text) else "other")
