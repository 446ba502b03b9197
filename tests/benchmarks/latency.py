"""How long it takes from an event's transaction to its effect, with the relay between them, at 100 events a second.

Counted from the server's clock at the beginning of the transaction that writes the event (its own commit is part of
what is measured) to the instant PostgreSQL notes for the commit of the effect.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.benchmarks import ground
from tests.benchmarks.figures import Figure, Size, Target

if TYPE_CHECKING:
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
    half, nearly_all = [], []
    with ground.running(bench, ground.OURS), ground.relaying(bench):
        publish(bench, WARM_UP_EVENTS)
        for _ in range(size.rounds):
            bench.clear()
            publish(bench, size.seconds * EVENTS_PER_SECOND)
            found = [row["milliseconds"] for row in bench.rows(LATENCIES)]
            half.append(quantile(found, 0.50))
            nearly_all.append(quantile(found, 0.99))
    return [
        Figure(name="published → handled at 100/s, p50", unit="ms", rounds=half),
        Figure(
            name="published → handled at 100/s, p99",
            unit="ms",
            rounds=nearly_all,
            target=Target(value=300, at_least=False),
        ),
    ]


def publish(bench: Bench, count: int) -> None:
    """Commit one event each hundredth of a second, and wait until all are handled.

    Several take turns, as the workers of a service do: one alone could not keep the pace where a commit takes long.
    """
    began = time.monotonic()
    with ThreadPoolExecutor(PUBLISHERS) as pool:
        list(
            pool.map(lambda first: _publish_each(bench, range(first, count, PUBLISHERS), began), range(PUBLISHERS))
        )
    attained = count / (time.monotonic() - began)
    assert attained >= LEAST_ATTAINED * EVENTS_PER_SECOND, f"only {attained:.0f} events a second were published"
    ground.wait_for_effects(bench, count, seconds=DRAIN_SECONDS)


def _publish_each(bench: Bench, numbers: range, began: float) -> None:
    with bench.connect() as connection:
        for number in numbers:
            time.sleep(max(began + number / EVENTS_PER_SECOND - time.monotonic(), 0))
            ground.commit_event(connection, number)


def quantile(ascending: list[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed."""
    return ascending[max(-int(-share * len(ascending) // 1) - 1, 0)]
