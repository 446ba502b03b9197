"""Probes: looks at the running system that would show a promise not to be kept.

A feature declares one beside the thing it watches. Like an alarm it is a look into the service's own database, and
it may be an alarm as well. Nothing is noted anywhere: a process remembers its own last look, and looks again when
it is asked and the time has come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MethodType
from typing import Final, NamedTuple, TypeVar

from shared import log
from shared.bus.alarms import AlarmSpec, Waiting
from shared.bus.declarations import SPEC_ATTRIBUTE, Service, marked
from shared.database import Row, Transaction
from shared.errors import Transient
from shared.terms.clause import Clause, Text
from shared.terms.clauses import clause
from shared.terms.proof import Look

ATTRIBUTE: Final = "__vilkar_probe__"
OFTEN: Final = 300
"""The usual pause between two looks, in seconds."""
HOURLY: Final = 3600
"""For looks that read a table as a whole."""
DAILY: Final = 86_400
"""For looks that read a very large one."""
SOON: Final = 10
"""What was otherwise than promised is looked at again so soon: it may have been mended."""

S = TypeVar("S")
Found = int | Waiting | Row | None
Looking = Callable[[S, Transaction, datetime], Found]

_log = log.get("probes")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSpec:
    """Which clauses a probe watches, what it looks for, and how many seconds may lie between two looks.

    `alarms` says whether what it finds waits for a person; not so where an alarm of its own tells it. `act` is what
    staff do about it, empty where it mends itself.
    """

    clause_ids: tuple[str, ...]
    says: Text
    seconds: int
    alarms: bool
    act: str


class DeclaredProbe(NamedTuple):
    """One probe: the name of its method, and its specification."""

    name: str
    spec: ProbeSpec


def probe(
    *clauses: Clause | str, nb: str, en: str, seconds: int = OFTEN, alarms: bool = True, act: str = ""
) -> Callable[[Looking[S]], Looking[S]]:
    """Declare a probe: the method gets a transaction and `now`, and returns how much contradicts the clauses.

    A row with a `count` does as well. `nb` and `en` say what is looked for, such as "sessions of inactive
    accounts"; they name no value. Where the method is an alarm as well (`@probe` above `@alarm`), what waits is
    what contradicts, and `act` is the alarm's. Raises `UnknownClauseError` at import.
    """
    ids = tuple(clause(each if isinstance(each, str) else each.id).id for each in clauses)
    if not ids:
        raise ValueError("a probe watches at least one clause")

    def mark(method: Looking[S]) -> Looking[S]:
        own = getattr(method, SPEC_ATTRIBUTE, None)
        spec = ProbeSpec(
            clause_ids=ids,
            says=Text(nb, en),
            seconds=seconds,
            alarms=alarms and own is None,
            act=own.act if isinstance(own, AlarmSpec) else act,
        )
        setattr(method, ATTRIBUTE, spec)
        return method

    return mark


def declared_by(owner: type[Service]) -> Iterator[DeclaredProbe]:
    """The probes of a service and of its features."""
    for part in (owner, *owner.made_of):
        for name, spec in marked(part, ATTRIBUTE):
            yield DeclaredProbe(name, spec)


class Probes:
    """The probes of a running service, with their last looks."""

    def __init__(self, *owners: Service) -> None:
        """`owners` are the service and what the bus adds to it."""
        self._owners = owners
        self._last: dict[str, Look] = {}

    def look(self) -> dict[str, Look]:
        """The last look of each probe by name, after looking again where the time has come.

        A probe that cannot look keeps its last look, and stands as not checked before long; the log says why.
        """
        for name, spec, owner, method in self._bound():
            now = owner.clock.now()
            last = self._last.get(name)
            if last is not None and last.at <= now < last.at + _pause(spec, last):
                continue
            try:
                with owner.database.transaction() as tx:
                    result = method(tx, now)
            except Transient as error:
                _log.warning("probe_cannot_look", probe=name, exc_info=error)
                continue
            except Exception as error:  # noqa: BLE001  # one that fails must not hide what the others see
                _log.error("probe_failed", probe=name, exc_info=error)
                continue
            self._last[name] = Look(at=now, count=_count(result), act=spec.act)
        return dict(self._last)

    def contradicted(self) -> Waiting | None:
        """What waits for a person: how many probes saw otherwise when they looked last, and when the first did."""
        looks = self.look()
        found = [
            looks[name].at
            for name, spec, *_ in self._bound()
            if spec.alarms and name in looks and looks[name].count
        ]
        return Waiting(len(found), min(found)) if found else None

    def _bound(self) -> Iterator[tuple[str, ProbeSpec, Service, MethodType]]:
        for owner in self._owners:
            for part in (owner, *owner.features):
                for name, spec in marked(type(part), ATTRIBUTE):
                    yield name, spec, owner, getattr(part, name)


def _pause(spec: ProbeSpec, last: Look) -> timedelta:
    return timedelta(seconds=min(spec.seconds, SOON) if last.count else spec.seconds)


def _count(found: Found) -> int:
    if isinstance(found, Waiting):
        return found.count
    return found if isinstance(found, int) else int(found["count"]) if found else 0
