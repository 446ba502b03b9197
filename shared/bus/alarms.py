"""What waits for a person, of every kind, until somebody has seen to it.

A service declares each kind with `@alarm`, a look into its own database. Nothing is noted anywhere: an alarm stands
for as long as its cause does, so it cannot be told once and then be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

from shared.bus import metrics
from shared.bus.declarations import SPEC_ATTRIBUTE, Declared, Service, specifications
from shared.clock import Clock
from shared.database import Database, Row, Transaction

SECONDS: Final = 30.0
"""How often alarms are counted for whoever reads metrics."""

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many of a kind wait for a person, and since when the one that has waited longest."""

    count: int
    since: datetime

    @classmethod
    def of(cls, row: Row | None) -> Waiting | None:
        """What a query found that answers `count` and `since`; None where it found nothing."""
        return cls(row["count"], row["since"]) if row and row["count"] else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSpec:
    """One kind of thing that a person must see to. Texts are the same for everybody: they name no value."""

    code: str
    says: str
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlarm:
    """A kind of which something waits."""

    spec: AlarmSpec
    waiting: Waiting


class Alarming(Protocol):
    """A service, or the part of every service that the bus adds."""

    database: Database
    clock: Clock

    def declared(self) -> Iterator[Declared]:
        """Declared methods with their specifications."""


Look = Callable[[S, Transaction, datetime], Waiting | None]


def alarm(code: str, *, says: str, act: str) -> Callable[[Look[S]], Look[S]]:
    """Declare an alarm: the method gets a transaction and `now`, and returns what waits, or None.

    `code` is unique in the service and the label of the metric; `says` is what waits, and `act` where a person
    sees to it: a command of the desk.
    """

    def mark(method: Look[S]) -> Look[S]:
        setattr(method, SPEC_ATTRIBUTE, AlarmSpec(code=code, says=says, act=act))
        return method

    return mark


def declared_by(owner: type[Service]) -> list[AlarmSpec]:
    """The kinds that a service declares."""
    return [spec for _, spec in specifications(owner) if isinstance(spec, AlarmSpec)]


def open_alarms(owners: tuple[Alarming, ...]) -> list[OpenAlarm]:
    """What waits for a person now, the one that has waited longest first."""
    alarms_open = []
    for owner in owners:
        now = owner.clock.now()
        for _, spec, look in owner.declared():
            if not isinstance(spec, AlarmSpec):
                continue
            with owner.database.transaction() as tx:
                waiting = look(tx, now)
            if waiting is not None and waiting.count:
                alarms_open.append(OpenAlarm(spec=spec, waiting=waiting))
    return sorted(alarms_open, key=lambda each: (each.waiting.since, each.spec.code))


def measure(owners: tuple[Alarming, ...]) -> None:
    """Count the alarms for whoever reads metrics; what cannot be counted now is absent and not nought."""
    codes = [spec.code for owner in owners for _, spec, _ in owner.declared() if isinstance(spec, AlarmSpec)]
    try:
        standing = {each.spec.code: each.waiting for each in open_alarms(owners)}
    except Exception:
        metrics.ALARMS.clear()
        metrics.ALARM_AGE.clear()
        raise
    for code in codes:
        waiting = standing.get(code)
        age = owners[0].clock.now() - waiting.since if waiting else timedelta()
        metrics.ALARMS.labels(code).set(waiting.count if waiting else 0)
        metrics.ALARM_AGE.labels(code).set(max(age, timedelta()).total_seconds())
