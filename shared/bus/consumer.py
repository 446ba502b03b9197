"""nameko entrypoints for events: one queue for each event and source, read in order, acknowledged after the commit.

nameko's own event handler acknowledges after an exception and puts the method's name into the queue's; neither
is wanted here, so only nameko's container and life cycle are used.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any, Final

import eventlet
from eventlet.queue import Empty, LightQueue
from nameko.extensions import Entrypoint, SharedExtension

from shared import log
from shared.bus import wire
from shared.bus.connection import BrokerConnection, body_of
from shared.bus.delivery import Delivery, DeliveryHandler
from shared.bus.ensure_topology import ensure
from shared.bus.publisher import Outgoing, Publisher

PREFETCH: Final = 200
LOT: Final = 100
"""The most messages handled in one transaction."""
DRAIN_SECONDS: Final = 22.0
"""How long a queue that is no longer read may take to handle what it holds; the container stops after 25 s."""
DRAIN_LOOK_SECONDS: Final = 0.2

_log = log.get("bus.consumer")


class Inbound(SharedExtension):  # type: ignore[misc]  # nameko is untyped
    """The connection all queues of the service are read on.

    It outlives the workers, so none of their acknowledgements is lost when the service stops.
    """

    def __init__(self) -> None:
        super().__init__()
        self.readers: list[Any] = []
        self._connection: BrokerConnection | None = None

    @property
    def connection(self) -> BrokerConnection:
        """The connection itself, made when first asked for and not opened before `start`."""
        if self._connection is None:
            hosting = self.container.hosting
            self._connection = BrokerConnection(
                hosting.broker_url, name=f"{hosting.service.name}.reads", prepare=self._prepare
            )
        return self._connection

    def start(self) -> None:
        """Connect and begin to read. Raises as `BrokerConnection.open`."""
        self.connection.open(wait_seconds=self.container.hosting.start_seconds)

    def stop(self) -> None:
        """Disconnect; nameko calls this when the workers have ended."""
        self.connection.close()

    def kill(self) -> None:
        """Disconnect; the broker takes back what was not acknowledged."""
        self.stop()

    def _prepare(self, connection: Any) -> None:
        ensure(connection, self.container.hosting.topology)
        for reader in self.readers:
            reader.read_from(connection)


class QueueReader(Entrypoint):  # type: ignore[misc]  # nameko is untyped
    """Base of what reads one queue with its own channel and hands batches of deliveries to `settle`."""

    inbound = Inbound()

    def __init__(self, queue: str, *, gathers_seconds: float = 0.0, **kwargs: Any) -> None:
        """`queue` is declared already when reading begins; a message waits `gathers_seconds` for more to come."""
        super().__init__(**kwargs)
        self.queue = queue
        self._gathers_seconds = gathers_seconds
        self._held: Any = LightQueue()
        self._channel: Any = None
        self._tag = ""
        self._done = threading.Event()
        self._begun = False

    def settle(self, deliveries: list[Delivery]) -> int:
        """How many deliveries from the front are done with and may be acknowledged."""
        raise NotImplementedError

    def halt(self) -> None:
        """Do not wait for anything any more."""
        raise NotImplementedError

    @property
    def held_up(self) -> bool:
        """Whether the queue waits for something that is down; it is not worth waiting for at the end."""
        raise NotImplementedError

    def setup(self) -> None:
        """Be read from when the connection is there."""
        self.inbound.readers.append(self)

    def start(self) -> None:
        """Begin to work off what is read."""
        self._begun = True
        self.container.spawn_managed_thread(self._work, identifier=self.queue)

    def read_from(self, connection: Any) -> None:
        """Called by the reader of the connection each time it comes up."""
        channel = connection.channel()
        channel.auto_decode = False
        channel.basic_qos(0, PREFETCH, a_global=False)
        self._channel = channel
        self._tag = channel.basic_consume(self.queue, callback=self._on_message)

    def stop(self) -> None:
        """Take no more messages, finish those that are here, and return when they are done."""
        if not self._begun:
            return
        if self._channel is not None:
            self.inbound.connection.cancel(self._channel, self._tag)
        self._held.put(None)
        until = time.monotonic() + DRAIN_SECONDS
        while not self._done.wait(DRAIN_LOOK_SECONDS):
            if self.held_up or time.monotonic() > until:
                self.halt()

    def kill(self) -> None:
        """Stop between two messages; the broker takes back the rest."""
        self.halt()
        self._held.put(None)

    def _on_message(self, message: Any) -> None:
        info = message.delivery_info
        properties = message.properties
        self._held.put(
            Delivery(
                body=body_of(message),
                headers=properties.get("application_headers") or {},
                content_type=properties.get("content_type"),
                user_id=properties.get("user_id"),
                exchange=info["exchange"],
                routing_key=info["routing_key"],
                tag=info["delivery_tag"],
                channel=message.channel,
            )
        )

    def _work(self) -> None:
        try:
            while True:
                deliveries, ended = self._take()
                self._settle(deliveries)
                if ended:
                    return
        finally:
            self._done.set()

    def _take(self) -> tuple[list[Delivery], bool]:
        """Wait for a message, then take what else is here; the delay does not depend on how many come."""
        taken: list[Delivery] = []
        item = self._held.get()
        if item is not None and self._gathers_seconds and self._held.qsize() < LOT:
            eventlet.sleep(self._gathers_seconds)
        while item is not None:
            if item.alive:
                taken.append(item)
            if len(taken) >= LOT:
                return taken, False
            try:
                item = self._held.get_nowait()
            except Empty:
                return taken, False
        return taken, True

    def _settle(self, deliveries: list[Delivery]) -> None:
        if not deliveries:
            return
        done = self.settle(deliveries)
        if done:
            # One queue has one channel and is worked off in order, so one acknowledgement covers the batch.
            last = deliveries[done - 1]
            self.inbound.connection.acknowledge(last.channel, last.tag, multiple=True)
        if done < len(deliveries):
            _log.warning("messages_left_with_the_broker", queue=self.queue, messages=len(deliveries) - done)


class EventQueue(QueueReader):
    """The queue of one event from one source."""

    def __init__(self, queue: str, handler: DeliveryHandler, **kwargs: Any) -> None:
        """`handler` is made by the host."""
        super().__init__(queue, **kwargs)
        self.handler = handler

    def settle(self, deliveries: list[Delivery]) -> int:
        """Handle, postpone or park each."""
        return self.handler.settle(deliveries)

    @property
    def held_up(self) -> bool:
        """Whether handling waits for the database or the broker."""
        return self.handler.paused

    def halt(self) -> None:
        """Let go of what waits for the database."""
        self.handler.stopping.set()


def postponing(publisher: Publisher, service: str, queue: str) -> Any:
    """A function that has a delivery of `service` wait, after which it comes back to `queue` alone."""

    def postpone(delivery: Delivery, tier: wire.Tier, headers: Mapping[str, Any]) -> None:
        publisher.publish(
            Outgoing(
                body=delivery.body,
                exchange=tier.name(service),
                routing_key=queue,
                headers=headers,
                content_type=delivery.content_type or "application/octet-stream",
            )
        )

    return postpone
