"""How many events a second one relay moves from the outbox to confirmed in a quorum queue that nobody reads.

Rows are written beforehand; the time runs from the first marked batch until the last row is marked as published.
The fewer subjects, the more often an event waits for the confirmation of the one before it.
"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from kombu import Connection

from tests.benchmarks import ground
from tests.benchmarks.figures import Figure, Size, Target
from tests.integration.bus.harness import QUEUE, Bench

if TYPE_CHECKING:
    import psycopg

LIMIT_SECONDS = 60.0
LOOK_SECONDS = 0.02
EVENTS_PER_SUBJECT = (1, 4, 20)
MARKED = "SELECT extract(epoch FROM {which}(published_at))::float8 AS at FROM outbox"
COUNTED = "SELECT count(*) AS count FROM outbox WHERE published_at = (SELECT min(published_at) FROM outbox)"
PUBLISHED = "SELECT count(*) FROM outbox WHERE published_at IS NOT NULL"
ONE_WAITS = "SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL) AS found"


def measure(bench: Bench, size: Size) -> list[Figure]:
    """Events of a subject of their own, then four and twenty to a subject."""
    ground.declare_ours(bench)
    rates: dict[int, list[float]] = defaultdict(list)
    processor: dict[int, list[float]] = defaultdict(list)
    for _ in range(size.rounds):
        for per_subject in EVENTS_PER_SUBJECT:
            rate, used = moved(bench, size.relayed, per_subject=per_subject)
            rates[per_subject].append(rate)
            processor[per_subject].append(used * 1e6)
    return [
        Figure(
            name=f"relay alone, {per_subject} event{'s' if per_subject > 1 else ''} a subject",
            unit="events/s",
            rounds=rates[per_subject],
            processor=processor[per_subject],
            target=Target(value=5_000) if per_subject == 1 else None,
        )
        for per_subject in EVENTS_PER_SUBJECT
    ]


def moved(bench: Bench, count: int, *, per_subject: int) -> tuple[float, float]:
    """Events a second, and processor seconds an event."""
    bench.clear()
    with Connection(bench.broker.uri("account")) as connection:
        connection.default_channel.queue_purge(QUEUE)
    ground.commit_events(bench, count, per_subject=per_subject)
    with ground.relaying(bench) as process, bench.connect() as connection:
        warm, used = _value(connection, PUBLISHED), ground.processor_seconds(process)
        deadline = time.monotonic() + LIMIT_SECONDS
        while _value(connection, ONE_WAITS):
            assert time.monotonic() < deadline, "the relay takes too long"
            time.sleep(LOOK_SECONDS)
        used = (ground.processor_seconds(process) - used) / max(count - warm, 1)
        first, last = (_value(connection, MARKED.format(which=which)) for which in ("min", "max"))
        return (count - _value(connection, COUNTED)) / (last - first), used


def _value(connection: psycopg.Connection[Any], query: str) -> Any:
    (value,) = connection.execute(query).fetchone().values()
    return value
