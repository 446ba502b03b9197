"""From what the services declare to what the broker must have: exchanges, queues, bindings and policies.

    python -m shared.bus.topology          prints RabbitMQ's definitions
    python -m shared.bus.topology unheard  prints the event types that nobody listens to

Event queues are quorum queues: what the broker has confirmed is on the disk. A classic queue confirms before the
disk has it. Everything that may have to change later (limits, dead letters) is a policy: code that declares an
existing queue with other arguments is refused with 406, and nameko answers that with reconnecting for ever.
The waiting tiers are the exception; their time is part of their name, so another time is another queue.

Each service has waiting tiers of its own, and what comes back from them reaches queues of that service alone. In
tiers that all shared, one could stop the others: after 32 messages that lead nowhere the broker moves none on
(ADR 0021).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shared.bus import wire
from shared.bus.declarations import HandlesSpec, Service, specifications
from shared.bus.discovery import events as discovered_events
from shared.bus.discovery import services as discovered_services
from shared.events import Event
from shared.system import SERVICES

QUORUM: Final[Mapping[str, Any]] = {"x-queue-type": "quorum"}

DELIVERY_LIMIT: Final = 20
"""How often the broker hands out one message again before it gives up on it.

A crash of the consumer counts for every message it had prefetched, so this is well above what a message that is
itself at fault gets."""
DEAD_DELIVERY_LIMIT: Final = 1_000_000
"""RabbitMQ 4 drops after 20 where nothing is said, and 3.10 knows no word for "never"."""
EVENT_QUEUE_LENGTH: Final = 1_000_000
EVENT_QUEUE_BYTES: Final = 2 * 1024**3
OUTSIDE_QUEUE_LENGTH: Final = 200_000
TIER_LENGTH: Final = 100_000
TIER_BYTES: Final = 256 * 1024**2
"""Where a waiting tier is full, what should wait in it stays in its queue, and nothing behind it is handled."""
RPC_QUEUE_LENGTH: Final = 10_000
RPC_TTL_MILLISECONDS: Final = 30_000


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A durable exchange with the arguments it is declared with."""

    name: str
    kind: str = "topic"
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A durable queue with the arguments it is declared with."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Binding:
    """Messages of `exchange` with `routing_key` go to `queue`."""

    exchange: str
    queue: str
    routing_key: str


@dataclass(frozen=True, kw_only=True)
class Topology:
    """Everything the broker must have, and the declared event types that nobody listens to, by source."""

    exchanges: tuple[Exchange, ...]
    queues: tuple[Queue, ...]
    bindings: tuple[Binding, ...]
    unheard: Mapping[str, tuple[str, ...]]


def topology_of(
    services: Iterable[type[Service]],
    events: Iterable[type[Event]] = (),
    *,
    outside: Sequence[str] = (),
    tiers: Sequence[wire.Tier] = wire.TIERS,
) -> Topology:
    """The topology of `services`, each with a waiting tier for each of `tiers`.

    `outside` names services of others whose events ours listen to where an event has no source of its own: they
    take part in an erasure, say, and publish `erasure.step_completed` from an exchange of theirs.
    """
    own = sorted(services, key=lambda service: service.name)
    heard = sorted(
        {
            (source, spec.event.type, service.name)
            for service in own
            for _, spec in specifications(service)
            if isinstance(spec, HandlesSpec)
            for source in sources_of(spec, outside=outside)
        }
    )
    names = sorted({service.name for service in own})
    waiting = [(tier, name) for name in names for tier in tiers]
    known = list(events)
    sources = {event.source for event in known if event.source} | {source for source, _, _ in heard} | set(names)
    return Topology(
        exchanges=(
            Exchange(name=wire.RPC_EXCHANGE),
            Exchange(name=wire.DEAD_EXCHANGE, kind="direct"),
            *(Exchange(name=tier.name(name), kind="fanout") for tier, name in waiting),
            *(exchange for name in names for exchange in _way_back(name)),
            *(Exchange(name=wire.events_exchange(source)) for source in sorted(sources)),
        ),
        queues=(
            *(tier_queue(tier, name) for tier, name in waiting),
            *(Queue(name=wire.dead_queue(name), arguments=QUORUM) for name in names),
            *(Queue(name=wire.rpc_queue(name)) for name in names),
            *(Queue(name=wire.event_queue(*row), arguments=QUORUM) for row in heard),
        ),
        bindings=(
            *(binding for name in names for binding in _service_bindings(name, tiers)),
            *(binding for row in heard for binding in _event_bindings(*row)),
        ),
        unheard=_unheard(known, {(source, event_type) for source, event_type, _ in heard}),
    )


def sources_of(spec: HandlesSpec, *, outside: Sequence[str] = ()) -> tuple[str, ...]:
    """The services whose events a handler hears; `outside` joins in where the event has no source of its own."""
    if spec.event.source is not None:
        return spec.sources
    return tuple(dict.fromkeys((*spec.sources, *outside)))


def tier_queue(tier: wire.Tier, service: str) -> Queue:
    """The queue of a waiting tier: after its time a message goes to the service's queue named by its routing key.

    Not over the default exchange: that one reaches every queue, and a message may name several (`CC`).
    """
    return Queue(
        name=tier.name(service),
        arguments={
            **QUORUM,
            "x-message-ttl": tier.seconds * 1000,
            "x-dead-letter-exchange": wire.returns_exchange(service),
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    )


def _service_bindings(service: str, tiers: Sequence[wire.Tier]) -> Iterator[Binding]:
    for tier in tiers:
        yield Binding(exchange=tier.name(service), queue=tier.name(service), routing_key="")
    dead = wire.dead_queue(service)
    yield Binding(exchange=wire.strays_exchange(service), queue=dead, routing_key="")
    yield Binding(exchange=wire.DEAD_EXCHANGE, queue=dead, routing_key=dead)
    yield Binding(exchange=wire.RPC_EXCHANGE, queue=wire.rpc_queue(service), routing_key=f"{service}.*")


def _event_bindings(source: str, event_type: str, consumer: str) -> Iterator[Binding]:
    queue = wire.event_queue(source, event_type, consumer)
    yield Binding(exchange=wire.returns_exchange(consumer), queue=queue, routing_key=queue)
    yield Binding(exchange=wire.events_exchange(source), queue=queue, routing_key=event_type)


def _way_back(service: str) -> tuple[Exchange, Exchange]:
    """What the broker cannot move on it tries again for ever, and with 32 of that kind it moves nothing on."""
    strays = wire.strays_exchange(service)
    return (
        Exchange(name=strays, kind="fanout"),
        Exchange(name=wire.returns_exchange(service), kind="direct", arguments={"alternate-exchange": strays}),
    )


def policies(services: Sequence[str] = SERVICES) -> list[dict[str, Any]]:
    """The queue policies in the format of RabbitMQ's definitions, without a virtual host; for 3.10 and for 4.

    A queue follows the one policy of highest priority that matches its name.
    """
    own = [_event_policy(service) for service in sorted(services)]
    outside = {
        # Somebody else's listener that has stopped reading must not be able to fill our disk or stop our relay.
        "max-length": OUTSIDE_QUEUE_LENGTH,
        "overflow": "drop-head",
    }
    calls = {
        # Nobody waits this long for an answer; what is older would be carried out for no one.
        "message-ttl": RPC_TTL_MILLISECONDS,
        "max-length": RPC_QUEUE_LENGTH,
        "overflow": "reject-publish",
    }
    dead = {"delivery-limit": DEAD_DELIVERY_LIMIT, "max-length": EVENT_QUEUE_LENGTH, "overflow": "reject-publish"}
    waiting = {
        "max-length": TIER_LENGTH,
        "max-length-bytes": TIER_BYTES,
    }  # its queue refuses by itself when it is full
    return [
        *own,
        _policy("waiting", r"^retry\.", waiting, priority=10),
        _policy("outside-events", "^evt-", outside, priority=1),
        _policy("calls", "^rpc-", calls, priority=10),
        _policy("dead", "^dead-", dead, priority=10),
    ]


def definitions(topology: Topology, *, vhost: str = "vilkar") -> dict[str, Any]:
    """RabbitMQ's definitions without users: `rabbitmqctl import_definitions` or `load_definitions` take them.

    The virtual host gets no default queue type: nameko's reply queues would become quorum queues, which live
    through every restart of a caller and are made anew at each.
    """
    place = {"vhost": vhost}
    return {
        "vhosts": [{"name": vhost}],
        "exchanges": [
            {
                **place,
                "name": exchange.name,
                "type": exchange.kind,
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": dict(exchange.arguments),
            }
            for exchange in topology.exchanges
        ],
        "queues": [
            {
                **place,
                "name": queue.name,
                "durable": True,
                "auto_delete": False,
                "arguments": dict(queue.arguments),
            }
            for queue in topology.queues
        ],
        "bindings": [
            {
                **place,
                "source": binding.exchange,
                "destination": binding.queue,
                "destination_type": "queue",
                "routing_key": binding.routing_key,
                "arguments": {},
            }
            for binding in topology.bindings
        ],
        "policies": [{**place, **policy} for policy in policies()],
    }


def _event_policy(service: str) -> dict[str, Any]:
    definition = {
        "delivery-limit": DELIVERY_LIMIT,
        "dead-letter-exchange": wire.DEAD_EXCHANGE,
        "dead-letter-routing-key": wire.dead_queue(service),
        "dead-letter-strategy": "at-least-once",  # needs `reject-publish`; a full queue refuses, the outbox keeps
        "overflow": "reject-publish",
        "max-length": EVENT_QUEUE_LENGTH,
        "max-length-bytes": EVENT_QUEUE_BYTES,
    }
    return _policy(f"events-{service}", f"^evt-.+--{service}$", definition, priority=10)


def _policy(name: str, pattern: str, definition: dict[str, Any], *, priority: int) -> dict[str, Any]:
    return {
        "name": name,
        "pattern": pattern,
        "apply-to": "queues",
        "definition": definition,
        "priority": priority,
    }


def _unheard(events: Iterable[type[Event]], heard: set[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for event in events:
        if event.source is not None and (event.source, event.type) not in heard:
            found.setdefault(event.source, set()).add(event.type)
    return {source: tuple(sorted(types)) for source, types in sorted(found.items())}


def of_this_system(*, outside: Sequence[str] = ()) -> Topology:
    """The topology of all services below `services/`."""
    return topology_of(discovered_services(), discovered_events(), outside=outside)


def main(arguments: Sequence[str]) -> int:
    """Print the definitions, or the unheard types."""
    topology = of_this_system()
    what: Any = topology.unheard if list(arguments) == ["unheard"] else definitions(topology)
    sys.stdout.write(json.dumps(what, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
