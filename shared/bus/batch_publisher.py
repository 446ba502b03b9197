"""Publishing many messages at once with confirms, on plain py-amqp: no eventlet, no pool, every wait limited.

A confirm left over from trouble could be taken for the confirm of a later message. Therefore delivery tags are
counted here, and after any trouble the connection is thrown away together with its tags.
"""

from __future__ import annotations

import contextlib
import select
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from time import monotonic
from types import TracebackType
from typing import Any, Final, Self

import amqp
import amqp.method_framing
from amqp import spec

from shared.errors import Unavailable

CONNECT_SECONDS: Final = 5.0
WRITE_SECONDS: Final = 10.0
CLOSE_SECONDS: Final = 2.0
HEARTBEAT_SECONDS: Final = 10
DRAIN_SECONDS: Final = 1.0
DRAIN_FRAMES: Final = 500
GATHER_BYTES: Final = 64 * 1024
SHORTEST_SECONDS: Final = 0.001
"""Nought would put the socket into non-blocking mode."""
SHORT_STRING_BYTES: Final = 255

NO_ROUTE: Final = "no_route"
NACKED: Final = "nacked"
UNPUBLISHABLE: Final = "unpublishable"


class BrokerTrouble(Unavailable):
    """The broker cannot be reached, refused, fell silent or is blocked by an alarm; the connection was dropped."""

    def __init__(self, code: str) -> None:
        """`code` is a machine word for logs and metrics."""
        super().__init__(f"broker trouble: {code}")
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where the broker is and as whom to log in."""

    host: str
    port: int
    vhost: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One message. Those of one `lane` are published one after another, each confirmed before the next."""

    key: int
    lane: str
    exchange: str
    routing_key: str
    mandatory: bool
    body: bytes
    properties: dict[str, Any]


@dataclass(kw_only=True)
class Outcome:
    """What became of a batch: confirmed keys, failed keys with a reason, and whether the connection was dropped.

    Keys in neither were not published, or nobody knows; publishing them again is right in both cases.
    """

    confirmed: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)
    trouble: str | None = None


class BatchPublisher:
    """One connection with one channel in confirm mode. Not for use by several threads."""

    def __init__(self, address: Address, *, name: str) -> None:
        """`name` shows up in the broker's list of connections."""
        self._address = address
        self._name = name
        self._connection: Any = None
        self._channel: Any = None
        self._last_tag = 0
        self._batch: _Batch | None = None
        self._gathering: _Gathering | None = None
        self.blocked = False

    def __enter__(self) -> Self:
        """Connect; raises `BrokerTrouble`."""
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close politely, unless there was trouble."""
        self.close()

    def connect(self) -> None:
        """Open connection and channel, each wait limited to 5 s. Raises `BrokerTrouble`."""
        self.drop()
        try:
            self._connection = amqp.Connection(
                f"{self._address.host}:{self._address.port}",
                userid=self._address.user,
                password=self._address.password,
                virtual_host=self._address.vhost,
                heartbeat=HEARTBEAT_SECONDS,
                connect_timeout=CONNECT_SECONDS,
                write_timeout=WRITE_SECONDS,
                confirm_publish=False,
                client_properties={"connection_name": self._name},
                on_blocked=self._on_blocked,
                on_unblocked=self._on_unblocked,
                frame_writer=self._frame_writer,
            )
            self._connection.connect()
            with self._connection.transport.having_timeout(CONNECT_SECONDS):
                self._channel = self._connection.channel()
                self._channel.confirm_select()
        except (amqp.AMQPError, OSError) as error:
            self.drop()
            raise BrokerTrouble(_code(error)) from None
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)
        self._channel.events["basic_return"].add(self._on_return)
        self._last_tag = 0
        self.blocked = False

    def publish(self, messages: Sequence[Outgoing], *, deadline_seconds: float) -> Outcome:
        """Publish all lanes at once and wait for the confirms, for at most `deadline_seconds`.

        Does not raise for trouble with the broker: the outcome then says so, the connection is gone, and what
        had been confirmed before counts.
        """
        batch = self._batch = _Batch(messages)
        deadline = monotonic() + deadline_seconds
        try:
            self._send_all(batch.heads())
            while batch.waiting:
                self._wait_until(deadline)
                self._send_all(batch.released())
        except (amqp.AMQPError, OSError, BrokerTrouble) as error:
            batch.outcome.trouble = _code(error)
            self.drop()
        finally:
            self._batch = None
        return batch.outcome

    def idle(self, seconds: float, *, until_readable: int) -> None:
        """Wait, at most until the file `until_readable` has something, and meanwhile keep up heartbeats.

        Raises `BrokerTrouble` where the broker is gone.
        """
        try:
            connection = self._connected()
            readable, _, _ = select.select([connection.sock, until_readable], [], [], seconds)
            if connection.sock in readable:
                self._drain(SHORTEST_SECONDS)
            else:
                connection.heartbeat_tick()
        except (amqp.AMQPError, OSError, BrokerTrouble) as error:
            self.drop()
            raise BrokerTrouble(_code(error)) from None

    def close(self) -> None:
        """Say goodbye for at most 2 s; then cut."""
        if self._connection is None or not self._connection.connected:
            return
        # A broker under alarm does not read what we say, and a dead one neither: cutting serves as well.
        with contextlib.suppress(amqp.AMQPError, OSError), self._connection.transport.having_timeout(CLOSE_SECONDS):
            self._connection.close()
        self.drop()

    def drop(self) -> None:
        """Cut the connection without a word; leftover confirms go with it."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            connection.collect()

    def _send_all(self, messages: Sequence[Outgoing]) -> None:
        """Hand all messages to the socket together: a system call for each costs a third of the rate.

        Only here, where nothing is waited for: py-amqp answers to what it reads, and an answer held back would
        never be answered.
        """
        if not messages or self._gathering is None:
            return
        self._gathering.begin()
        try:
            for message in messages:
                self._send(message)
        finally:
            self._gathering.end()

    def _send(self, message: Outgoing) -> None:
        assert self._batch is not None  # noqa: S101  # only called while publishing
        if self._channel is None or not self._channel.is_open:
            raise BrokerTrouble("channel_closed")
        content = amqp.basic_message.Message(message.body, user_id=self._address.user, **message.properties)
        arguments = (0, message.exchange, message.routing_key, message.mandatory, False)
        # `send_method` rather than `basic_publish`, which polls the socket before each message.
        self._channel.send_method(spec.Basic.Publish, "Bssbb", arguments, content)
        self._last_tag += 1
        self._batch.sent(self._last_tag, message)

    def _wait_until(self, deadline: float) -> None:
        left = deadline - monotonic()
        if left <= 0:
            raise BrokerTrouble("blocked" if self.blocked else "confirm_deadline")
        self._drain(min(DRAIN_SECONDS, left))

    def _drain(self, seconds: float) -> None:
        connection = self._connected()
        with contextlib.suppress(TimeoutError):
            connection.drain_events(timeout=max(seconds, SHORTEST_SECONDS))
            for _ in range(DRAIN_FRAMES):  # what has arrived as well; what it sets free goes out together
                connection.drain_events(timeout=SHORTEST_SECONDS)
        connection.heartbeat_tick()
        if not self._channel.is_open:
            raise BrokerTrouble("channel_closed")

    def _connected(self) -> Any:
        if self._connection is None or not self._connection.connected:
            raise BrokerTrouble("not_connected")
        return self._connection

    def _frame_writer(self, connection: Any, transport: Any) -> Any:
        self._gathering = _Gathering(transport)
        return amqp.method_framing.frame_writer(connection, self._gathering)

    def _on_ack(self, delivery_tag: int, multiple: bool) -> None:  # noqa: FBT001  # py-amqp's signature
        self._settle(delivery_tag, multiple=multiple, refused=False)

    def _on_nack(self, delivery_tag: int, multiple: bool) -> None:  # noqa: FBT001  # py-amqp's signature
        self._settle(delivery_tag, multiple=multiple, refused=True)

    def _settle(self, delivery_tag: int, *, multiple: bool, refused: bool) -> None:
        if self._batch is not None:
            self._batch.settle(delivery_tag, multiple=multiple, refused=refused)

    def _on_return(self, _error: Exception, _exchange: str, _routing_key: str, message: Any) -> None:
        if self._batch is not None:
            self._batch.returned.add(message.properties.get("message_id"))

    def _on_blocked(self, _reason: str) -> None:
        self.blocked = True

    def _on_unblocked(self) -> None:
        self.blocked = False


class _Gathering:
    """Stands between py-amqp and its transport and can hold frames back until there are many."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._held: bytearray | None = None

    def write(self, data: bytes | memoryview) -> None:
        """Pass `data` on, or keep a copy: py-amqp uses its buffer again."""
        if self._held is None:
            self._transport.write(data)
            return
        self._held += data
        if len(self._held) >= GATHER_BYTES:
            self.end()
            self.begin()

    def begin(self) -> None:
        """Hold back from now on."""
        self._held = bytearray()

    def end(self) -> None:
        """Pass on what was held back, and hold back no more."""
        held, self._held = self._held, None
        if held:
            self._transport.write(held)


class _Batch:
    """The state of one call of `publish`."""

    def __init__(self, messages: Sequence[Outgoing]) -> None:
        self.outcome = Outcome()
        self.returned: set[str] = set()
        self._in_flight: dict[int, Outgoing] = {}
        self._released: list[Outgoing] = []
        self._lanes: dict[str, deque[Outgoing]] = {}
        for message in messages:
            self._lanes.setdefault(message.lane, deque()).append(message)

    @property
    def waiting(self) -> bool:
        """Whether anything is under way or free to go."""
        return bool(self._in_flight or self._released)

    def heads(self) -> list[Outgoing]:
        """The first publishable message of each lane."""
        return [message for lane in list(self._lanes) if (message := self._next(lane)) is not None]

    def sent(self, tag: int, message: Outgoing) -> None:
        """`message` went out under `tag`."""
        self._in_flight[tag] = message

    def released(self) -> list[Outgoing]:
        """What may go since the last time this was asked, its predecessors being confirmed."""
        released, self._released = self._released, []
        return released

    def settle(self, tag: int, *, multiple: bool, refused: bool) -> None:
        """The broker spoke about `tag`, and with `multiple` about all before it."""
        # Tags were given in rising order and are kept in it.
        tags = list(takewhile(lambda known: known <= tag, self._in_flight)) if multiple else [tag]
        for known in tags:
            message = self._in_flight.pop(known, None)
            if message is None:
                continue
            if refused:
                self._fail(message, NACKED)
            elif message.properties.get("message_id") in self.returned:
                self._fail(message, NO_ROUTE)
            else:
                self.outcome.confirmed.append(message.key)
                after = self._next(message.lane)
                if after is not None:
                    self._released.append(after)

    def _next(self, lane: str) -> Outgoing | None:
        waiting = self._lanes[lane]
        if not waiting:
            return None
        message = waiting.popleft()
        if publishable(message):
            return message
        self._fail(message, UNPUBLISHABLE)
        return None

    def _fail(self, message: Outgoing, reason: str) -> None:
        """Later messages of the same lane stay where they are: order is kept."""
        self.outcome.failed[message.key] = reason
        self._lanes[message.lane].clear()


def publishable(message: Outgoing) -> bool:
    """Whether names fit into AMQP; one that does not would make each attempt to publish fail half-way."""
    return all(len(name.encode()) <= SHORT_STRING_BYTES for name in (message.exchange, message.routing_key))


def _code(error: Exception) -> str:
    if isinstance(error, BrokerTrouble):
        return error.code
    if isinstance(error, amqp.AMQPError):
        return f"amqp_{getattr(error, 'code', 0) or type(error).__name__.lower()}"
    return type(error).__name__.lower()
