"""Making sure at each connect that the broker has what this service needs.

What belongs to the service alone is declared, so that a queue with other arguments is noticed. What is shared is
only looked for, and made where it is missing: in a system with provisioned rights nobody may. So is the binding
that brings a service its dead letters: whoever may bind to that exchange could have everybody's.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from shared.bus.connection import look_or_make
from shared.bus.topology import Exchange, Queue, Topology

DEAD_PREFIX: Final = "dead-"
OWN_PREFIXES: Final = ("evt-", "rpc-", DEAD_PREFIX)


def ensure(connection: Any, topology: Topology) -> None:
    """Declare own queues, look for everything else. Raises what py-amqp raises, 406 and 403 among it."""
    for exchange in topology.exchanges:
        look_or_make(connection, partial(_declare_exchange, exchange))
    for queue in topology.queues:
        own, dead = queue.name.startswith(OWN_PREFIXES), queue.name.startswith(DEAD_PREFIX)
        made = look_or_make(connection, partial(_declare_queue, queue)) if dead or not own else False
        if own:
            with connection.channel() as channel:
                _declare_queue(queue, channel, passive=False)
        if made or (own and not dead):
            # At once: a start that fails further on would leave a queue that is there and that nothing reaches.
            _bind(connection, queue, topology)


def _bind(connection: Any, queue: Queue, topology: Topology) -> None:
    with connection.channel() as channel:
        for binding in topology.bindings:
            if binding.queue == queue.name:
                channel.queue_bind(binding.queue, binding.exchange, binding.routing_key)


def _declare_exchange(exchange: Exchange, channel: Any, *, passive: bool) -> None:
    arguments = dict(exchange.arguments)
    channel.exchange_declare(
        exchange.name, exchange.kind, passive=passive, durable=True, auto_delete=False, arguments=arguments
    )


def _declare_queue(queue: Queue, channel: Any, *, passive: bool) -> None:
    arguments = dict(queue.arguments)
    channel.queue_declare(queue.name, passive=passive, durable=True, auto_delete=False, arguments=arguments)
