"""nameko entrypoints for calls: nameko's wire format both ways, without nameko's ways to die of a message.

One queue for all methods of the service. A call is handed to nameko's worker pool, which bounds how many are
carried out at once; the broker hands out no more than that.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Final

from eventlet.queue import LightQueue
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, SharedExtension

from shared import log
from shared.bus import metrics, parked_messages, wire
from shared.bus.connection import body_of
from shared.bus.consumer import Inbound
from shared.bus.publisher import Outgoing
from shared.bus.rpc_dispatch import (
    BadCallError,
    ReceivedCall,
    RpcDispatcher,
    bad_call,
    error_body,
    internal,
    read_call,
    unknown_method,
)
from shared.errors import Unavailable

HALT_SECONDS: Final = 20.0
NOBODY: Final = "unnamed"
"""Who sends a call without a name that the broker vouches for."""

_log = log.get("bus.rpc_server")


class CallQueue(SharedExtension):  # type: ignore[misc]  # nameko is untyped
    """Reads the queue of calls and finds the method for each."""

    inbound = Inbound()

    def __init__(self) -> None:
        super().__init__()
        self._methods: dict[str, RpcMethod] = {}
        self._channel: Any = None
        self._tag = ""
        self._arrived: Any = LightQueue()
        self._handed_on = threading.Event()
        self._begun = False

    def register(self, method: RpcMethod) -> None:
        """Answer calls of `method`."""
        if not self._methods:
            self.inbound.readers.append(self)
        self._methods[method.dispatcher.name] = method

    def read_from(self, connection: Any) -> None:
        """Called by the reader of the connection each time it comes up."""
        channel = connection.channel()
        channel.auto_decode = False
        channel.basic_qos(0, self.container.max_workers, a_global=False)
        self._channel = channel
        self._tag = channel.basic_consume(wire.rpc_queue(self.container.service_name), callback=self._arrived.put)

    def begin(self) -> None:
        """Hand on what arrives to the worker pool, in a thread of its own: a full pool must not stop the reader."""
        if not self._begun:
            self._begun = True
            self.container.spawn_managed_thread(self._hand_on, identifier="calls")

    def halt(self) -> None:
        """Take no more calls; those that are here are handed to the pool before this returns."""
        channel, self._channel = self._channel, None
        if channel is not None:
            self.inbound.connection.cancel(channel, self._tag)
            self._arrived.put(None)
        if self._begun:
            self._handed_on.wait(HALT_SECONDS)

    def _hand_on(self) -> None:
        try:
            while (message := self._arrived.get()) is not None:
                if message.channel.connection is not None:
                    self._take_up(message)
        finally:
            self._handed_on.set()

    def _take_up(self, message: Any) -> None:
        """Find out what the message is; whatever it holds, this returns."""
        try:
            call = read_call(message, service=self.container.service_name)
        except BadCallError as error:
            self._spawn_refusal(message, error)
            return
        method = self._methods.get(call.method)
        if method is None:
            metrics.CALLS.labels("(unknown)", "unknown_method").inc()
            self.reply(message, error_body(unknown_method(call.method)))
            self.acknowledge(message)
            return
        try:
            self.container.spawn_worker(method, (method, call, message), {})
        except ContainerBeingKilled:
            _log.info("call_left_with_the_broker", method=call.method)

    def _spawn_refusal(self, message: Any, error: BadCallError) -> None:
        self.container.spawn_managed_thread(lambda: self._refuse(message, error), identifier="bad call")

    def _refuse(self, message: Any, error: BadCallError) -> None:
        """Park a malformed call without what it held, for calls may hold personal data, and tell its sender."""
        metrics.CALLS.labels("(unknown)", "bad_call").inc()
        body = body_of(message)
        trace = f'{{"bytes":{len(body)}}}'
        unhandled = parked_messages.Unhandled(
            queue=wire.rpc_queue(self.container.service_name),
            body=trace.encode(),
            headers={},
            type="call",
            message_id=None,
            reason=error.reason,
            error=error,
            attempts=1,
            sender=message.properties.get("user_id") or NOBODY,
        )
        hosting = self.container.hosting
        try:
            with hosting.service.database.transaction() as tx:
                parked_id = parked_messages.park_or_count(tx, unhandled, now=hosting.service.clock.now())
        except Unavailable as fault:
            # Its sender learns of it, or has asked not to; with the database down it is not kept in the queue,
            # where it would be handed out again and again.
            _log.error("bad_call_not_parked", reason=error.reason, exc_info=fault)
        else:
            _log.error("bad_call_parked", reason=error.reason, parked_id=parked_id)
        if error.answerable:
            self.reply(message, error_body(bad_call(error.reason)))
        self.acknowledge(message)

    def reply(self, message: Any, body: bytes) -> None:
        """Send a reply to whoever called; one that cannot be sent is the caller's time limit's affair."""
        properties = message.properties
        outgoing = Outgoing(
            body=body,
            exchange=wire.RPC_EXCHANGE,
            routing_key=properties["reply_to"],
            properties={"correlation_id": properties.get("correlation_id", "")},
            persistent=False,
            mandatory=False,
        )
        try:
            self.container.hosting.publisher.post(outgoing)
        except Unavailable as error:
            _log.warning("reply_not_sent", exc_info=error)

    def acknowledge(self, message: Any) -> None:
        """Take the call off the queue."""
        self.inbound.connection.acknowledge(message.channel, message.delivery_info["delivery_tag"])


class RpcMethod(Entrypoint):  # type: ignore[misc]  # nameko is untyped
    """One method that answers calls."""

    calls = CallQueue()

    def __init__(self, dispatcher: RpcDispatcher, **kwargs: Any) -> None:
        """`dispatcher` is made by the host."""
        super().__init__(**kwargs)
        self.dispatcher = dispatcher

    def setup(self) -> None:
        """Take part in the queue of calls."""
        self.calls.register(self)

    def start(self) -> None:
        """Begin to answer."""
        self.calls.begin()

    def stop(self) -> None:
        """Take no more calls."""
        self.calls.halt()

    def carry_out(self, call: ReceivedCall, message: Any) -> None:
        """In a worker: answer, then acknowledge. A process killed before leaves the call with the broker."""
        began = time.monotonic()
        try:
            body = self.dispatcher.answer(call)
        except Exception as error:  # noqa: BLE001  # nothing a reply could hold may end the container
            body = error_body(internal(error, self.dispatcher.name))
        if body is not None:
            self.calls.reply(message, body)
        self.calls.acknowledge(message)
        metrics.CALL_SECONDS.labels(self.dispatcher.name).observe(time.monotonic() - began)
