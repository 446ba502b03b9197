"""How many events a second go through: the whole chain, and the handler alone.

Chain, ours: events are committed in an outbox while relay and service run and have nothing to do; counted is from
that commit to the commit of the last effect. Chain, bare: ten workers of a plain service dispatch the same bodies
with nameko's EventDispatcher, a plain handler writes one row each; counted from the first call to the last commit.
Handler alone: a queue is filled, then one process empties it; counted from the first row to the last commit.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kombu import Connection, Exchange, Queue
from nameko.standalone.rpc import ServiceRpcProxy

from shared.bus import wire
from tests.benchmarks import ground
from tests.benchmarks.figures import Figure, Size, Target
from tests.integration.bus.constants import SOURCE
from tests.integration.bus.harness import QUEUE, Bench, envelope
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT_SECONDS = 90.0
BARE_QUEUE = "evt-bare-source-bare.happened--bare.note"
BARE_SOURCE = "tests.benchmarks.bare_source"
WORKERS = 10
FIRST_EFFECT = "SELECT extract(epoch FROM min(at))::float8 AS at FROM probe_effect"


@dataclass(frozen=True)
class Rate:
    """Events a second, and processor seconds an event of the Python processes at work."""

    events: float
    processor: float


def our_chain(bench: Bench, count: int) -> Rate:
    with ground.running(bench, ground.OURS) as service, ground.relaying(bench) as relay:
        used = ground.processor_seconds(service, relay)
        began = ground.commit_events(bench, count)
        ended = ground.wait_for_effects(bench, count, seconds=LIMIT_SECONDS)
        return Rate(count / (ended - began), (ground.processor_seconds(service, relay) - used) / count)


def bare_chain(bench: Bench, count: int) -> Rate:
    with (
        ground.running(bench, ground.BARE, queue=BARE_QUEUE) as service,
        ground.running(bench, BARE_SOURCE, queue="rpc-bare-source") as source,
        ServiceRpcProxy("bare-source", {"AMQP_URI": bench.broker.uri("gateway")}, timeout=LIMIT_SECONDS) as proxy,
        bench.connect() as connection,
    ):
        used = ground.processor_seconds(service, source)
        began = ground.epoch(connection)
        share = count // WORKERS
        sent = [proxy.send.call_async(first=worker * share, count=share) for worker in range(WORKERS)]
        for answer in sent:
            answer.result()
        ended = ground.wait_for_effects(bench, share * WORKERS, seconds=LIMIT_SECONDS)
        return Rate(count / (ended - began), (ground.processor_seconds(service, source) - used) / count)


def our_handler(bench: Bench, count: int) -> Rate:
    fill(bench, QUEUE, SOURCE, "probe.happened", count)
    return _emptied(bench, ground.OURS, count)


def bare_handler(bench: Bench, count: int) -> Rate:
    fill(bench, BARE_QUEUE, "bare-source", "bare.happened", count)
    return _emptied(bench, ground.BARE, count)


def _emptied(bench: Bench, module: str, count: int) -> Rate:
    process = bench.start(module)
    try:
        warm = ground.wait_for(bench, ground.EFFECTS, 1, seconds=LIMIT_SECONDS)
        used = ground.processor_seconds(process)  # by starting, mostly
        ended = ground.wait_for_effects(bench, count, seconds=LIMIT_SECONDS)
        used = ground.processor_seconds(process) - used
        began = bench.rows(FIRST_EFFECT)[0]["at"]
    finally:
        process.terminate()
    return Rate(count / (ended - began), used / max(count - warm, 1))


def fill(bench: Bench, queue: str, source: str, event_type: str, count: int) -> None:
    """Publish events without waiting for each, and wait until the queue has them."""
    exchange = Exchange(wire.events_exchange(source), type="topic", durable=True)
    with Connection(bench.broker.uri("account")) as connection:
        producer = connection.Producer()
        for number in range(count):
            producer.publish(
                json.dumps(envelope(number)).encode(),
                exchange=exchange,
                routing_key=event_type,
                content_type="application/json",
                content_encoding="utf-8",
                delivery_mode=2,
            )
    until(lambda: bench.depth(queue) == count, seconds=LIMIT_SECONDS, what="a full queue")


def _declare_bare(bench: Bench) -> None:
    exchange = Exchange(wire.events_exchange("bare-source"), type="topic", durable=True)
    with Connection(bench.broker.uri("account")) as connection:
        Queue(BARE_QUEUE, exchange=exchange, routing_key="bare.happened", durable=True)(connection).declare()


WAYS: dict[str, Callable[[Bench, int], Rate]] = {
    "bare chain": bare_chain,
    "our chain": our_chain,
    "bare handler": bare_handler,
    "our handler": our_handler,
}


def measure(bench: Bench, size: Size) -> list[Figure]:
    """The four ways in turn, as often as there are rounds."""
    ground.declare_ours(bench)
    _declare_bare(bench)
    rates: dict[str, list[float]] = defaultdict(list)
    processor: dict[str, list[float]] = defaultdict(list)
    for _ in range(size.rounds):
        for name, way in WAYS.items():
            bench.clear()
            rate = way(bench, size.events)
            rates[name].append(rate.events)
            processor[name].append(rate.processor * 1e6)

    def figure(name: str, ours: str, bare: str, target: Target | None = None) -> Figure:
        return Figure(
            name=name,
            unit="events/s",
            rounds=rates[ours],
            bare=rates[bare],
            target=target,
            processor=processor[ours],
            bare_processor=processor[bare],
        )

    as_fast = Target(value=1.0, of_bare=True)
    return [
        figure("chain, beside a bare chain", "our chain", "bare chain", as_fast),
        figure("chain, beside a bare handler alone", "our chain", "bare handler", as_fast),
        figure("handler alone", "our handler", "bare handler"),
    ]
