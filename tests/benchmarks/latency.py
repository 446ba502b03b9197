"""How long it takes from an event's transaction to its effect, with the relay between them, at 100 events a second.

Counted from the beginning of the transaction that writes the event (its own commit is part of what is measured) to
the instant PostgreSQL notes for the commit of the effect; both clocks are this machine's. Events are written as
services write them, with a hint to the relay after the commit, and also by plain SQL, which gives none.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from shared.clock import Clock
from shared.database import Database
from shared.events import Code
from tests.benchmarks import ground
from tests.benchmarks.figures import Figure, Size, Target
from tests.integration.bus.constants import SOURCE, ProbeHappened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.bus.harness import Bench

EVENTS_PER_SECOND = 100
WARM_UP_EVENTS = 100
PUBLISHERS = 8
LEAST_ATTAINED = 0.9
DRAIN_SECONDS = 30.0
LATENCIES = """
SELECT extract(epoch FROM pg_xact_commit_timestamp(effect.xmin) - outbox.created_at)::float8 * 1000 AS milliseconds
FROM probe_effect AS effect JOIN outbox ON outbox.event_id = effect.message_id
ORDER BY 1
"""


def measure(bench: Bench, size: Size) -> list[Figure]:
    """Half of all events, and all but a hundredth, are handled within so many milliseconds."""
    found: dict[str, list[list[float]]] = {name: [] for name in WAYS}
    with ground.running(bench, ground.OURS), ground.relaying(bench), as_a_service(bench) as database:
        for way in WAYS.values():
            keep_pace(bench, partial(way, database), WARM_UP_EVENTS)
        for _ in range(size.rounds):
            for name, way in WAYS.items():
                keep_pace(bench, partial(way, database), size.seconds * EVENTS_PER_SECOND)
                found[name].append([row["milliseconds"] for row in bench.rows(LATENCIES)])
    return [
        Figure(
            name=f"{name} → handled at 100/s, p{share * 100:g}",
            unit="ms",
            rounds=[quantile(each, share) for each in rounds],
            target=Target(value=TARGETS[name, share], at_least=False) if (name, share) in TARGETS else None,
        )
        for name, rounds in found.items()
        for share in (0.5, 0.99)
    ]


@contextmanager
def as_a_service(bench: Bench) -> Iterator[Database]:
    """The pool of connections through which a service writes."""
    database = Database(bench.server.dsn(bench.database), source=SOURCE, size=PUBLISHERS)
    database.open()
    with closing(database):
        yield database


def publish(database: Database, number: int) -> None:
    now = Clock().now()
    with database.transaction() as tx:
        tx.outbox.add(ProbeHappened(number=number, mood=Code("ok")), now=now)


def by_sql(database: Database, number: int) -> None:
    with database.transaction() as tx:
        ground.commit_event(tx.connection, number)


def keep_pace(bench: Bench, way: Callable[[int], None], count: int) -> None:
    """Commit one event each hundredth of a second, and wait until all are handled; nothing else is there then.

    Several take turns, as the workers of a service do: one alone could not keep the pace where a commit takes long.
    """
    bench.clear()
    began = time.monotonic()

    def take_turns(first: int) -> None:
        for number in range(first, count, PUBLISHERS):
            time.sleep(max(began + number / EVENTS_PER_SECOND - time.monotonic(), 0))
            way(number)

    with ThreadPoolExecutor(PUBLISHERS) as pool:
        list(pool.map(take_turns, range(PUBLISHERS)))
    attained = count / (time.monotonic() - began)
    assert attained >= LEAST_ATTAINED * EVENTS_PER_SECOND, f"only {attained:.0f} events a second were published"
    ground.wait_for_effects(bench, count, seconds=DRAIN_SECONDS)


WAYS: dict[str, Callable[[Database, int], None]] = {"published": publish, "written by SQL": by_sql}
TARGETS = {("published", 0.5): 8.0, ("published", 0.99): 300.0}


def quantile(ascending: list[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed."""
    return ascending[max(-int(-share * len(ascending) // 1) - 1, 0)]
