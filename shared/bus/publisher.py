"""Publishing with the broker's confirmation, many messages under way at once on one connection."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from enum import Enum
from itertools import takewhile
from typing import Any, ClassVar, Final

import amqp
from amqp import spec

from shared.bus.connection import BrokerConnection, BrokerTrouble, SingleThreadConnection
from shared.errors import Unavailable
from shared.identifiers import new_id

CONFIRM_SECONDS: Final = 5.0
PERSISTENT: Final = 2
TRANSIENT: Final = 1
SHORT_STRING_BYTES: Final = 255


class Unroutable(Unavailable):
    """The broker has no queue for this message; nobody would ever have got it."""


class Outcome(Enum):
    """What became of a message."""

    CONFIRMED = "confirmed"
    UNROUTABLE = "no_route"
    REFUSED = "nacked"
    UNPUBLISHABLE = "unpublishable"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to be published. `expires_seconds` is how long it is worth anything."""

    body: bytes
    exchange: str
    routing_key: str
    key: str = field(default_factory=lambda: str(new_id()))
    headers: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    content_type: str = "application/json"
    persistent: bool = True
    mandatory: bool = True
    expires_seconds: float | None = None

    def to_amqp(self, *, user_id: str) -> amqp.Message:
        """The message as py-amqp wants it; the broker takes the time to live as text in milliseconds.

        `user_id` must be the user of the connection. The broker refuses any other, so its reader may believe it.
        """
        properties: dict[str, Any] = {
            "content_type": self.content_type,
            "content_encoding": "utf-8",
            "delivery_mode": PERSISTENT if self.persistent else TRANSIENT,
            "message_id": self.key,
            "user_id": user_id,
            "application_headers": dict(self.headers),
            **self.properties,
        }
        if self.expires_seconds is not None:
            properties["expiration"] = str(max(1, int(self.expires_seconds * 1000)))
        return amqp.Message(self.body, **properties)

    @property
    def publishable(self) -> bool:
        """Whether its names fit into AMQP; one that does not would make each attempt fail half-way."""
        return all(len(name.encode()) <= SHORT_STRING_BYTES for name in (self.exchange, self.routing_key))


@dataclass(kw_only=True)
class BatchOutcome:
    """What became of many messages, by their keys, and why the broker did not say it of all of them.

    Keys in neither were not published, or nobody knows; publishing them again is right in both cases.
    """

    confirmed: list[str] = field(default_factory=list)
    failed: dict[str, Outcome] = field(default_factory=dict)
    trouble: str | None = None


class ConfirmChannel:
    """A channel in confirm mode that tells what became of each message by its key.

    Tags are counted here, because the broker counts them in the order in which the frames arrive: counting and
    writing are one step under a lock. A returned message comes before its confirmation, so a key seen in a
    return is remembered until then.
    """

    def __init__(
        self, connection: BrokerConnection, amqp_connection: Any, settled: Callable[[list[str], Outcome], None]
    ) -> None:
        """`settled` is called with keys while reading, once with each key unless the connection is lost before."""
        self._connection = connection
        self._settled = settled
        self._lock = threading.Lock()
        self._tag = 0
        self._keys: dict[int, str] = {}
        self._returned: set[str] = set()
        self.channel = amqp_connection.channel()
        self.channel.auto_decode = False
        self.channel.confirm_select()
        self.channel.events["basic_ack"].add(self._on_ack)
        self.channel.events["basic_nack"].add(self._on_nack)
        self.channel.events["basic_return"].add(self._on_return)

    def publish(self, *messages: Outgoing) -> None:
        """Write the messages; raises `Unavailable` where the connection is gone."""
        with self._lock, self._connection.gathered() if len(messages) > 1 else nullcontext():
            for outgoing in messages:
                message = outgoing.to_amqp(user_id=self._connection.user)
                args = (0, outgoing.exchange, outgoing.routing_key, outgoing.mandatory, False)
                self._tag += 1
                self._keys[self._tag] = outgoing.key
                # Not channel.basic_publish: that one also reads, and reading is the reader's alone.
                self._connection.send(self.channel, spec.Basic.Publish, "Bssbb", args, message)

    def _on_ack(self, tag: int, multiple: bool) -> None:  # noqa: FBT001  # py-amqp's signature
        keys = self._take(tag, multiple=multiple)
        returned = self._returned.intersection(keys) if self._returned else ()
        if returned:
            self._returned -= returned
            self._settled([key for key in keys if key in returned], Outcome.UNROUTABLE)
            keys = [key for key in keys if key not in returned]
        self._settled(keys, Outcome.CONFIRMED)

    def _on_nack(self, tag: int, multiple: bool) -> None:  # noqa: FBT001  # py-amqp's signature
        keys = self._take(tag, multiple=multiple)
        self._returned.difference_update(keys)
        self._settled(keys, Outcome.REFUSED)

    def _on_return(self, _error: Exception, _exchange: str, _routing_key: str, message: Any) -> None:
        key = message.properties.get("message_id")
        if key:
            self._returned.add(key)

    def _take(self, tag: int, *, multiple: bool) -> list[str]:
        """The keys that a tag stands for; with `multiple` also those before it, in the order they were written."""
        tags = list(takewhile(lambda known: known <= tag, list(self._keys))) if multiple else [tag]
        return [key for known in tags if (key := self._keys.pop(known, None)) is not None]


class Publisher:
    """A connection for publishing only: a broker short of memory stops reading it, and nothing else."""

    connection: BrokerConnection
    connection_class: ClassVar[type[BrokerConnection]] = BrokerConnection

    def __init__(self, url: str, *, name: str) -> None:
        """`name` is what the broker shows for the connection."""
        self.connection = self.connection_class(url, name=name, prepare=self._prepare, lost=self._lost)
        self._confirms: ConfirmChannel | None = None
        self._batches: dict[str, _Batch] = {}

    def open(self, *, wait_seconds: float) -> None:
        """Connect. Raises as `BrokerConnection.open`."""
        self.connection.open(wait_seconds=wait_seconds)

    def close(self, *, wait_seconds: float = 5.0) -> None:
        """Disconnect; who still waits for a confirmation gets `Unavailable`."""
        self.connection.close(wait_seconds=wait_seconds)

    def post(self, outgoing: Outgoing) -> None:
        """Publish without waiting for the confirmation; for what may be lost, such as a reply."""
        if self.connection.blocked:
            raise Unavailable("the broker takes no messages now")
        self._write(outgoing)

    def publish(self, outgoing: Outgoing, *, wait_seconds: float = CONFIRM_SECONDS) -> None:
        """Publish and wait until the broker has taken responsibility.

        Raises `Unroutable` where no queue takes the message, `Unavailable` where the broker refuses, is short of
        memory or disk, or does not confirm in time; the message may then be there nevertheless.
        """
        if self.connection.blocked:
            raise Unavailable("the broker takes no messages now")
        outcome = self.publish_all([[outgoing]], deadline_seconds=wait_seconds)
        failed = outcome.failed.get(outgoing.key)
        if failed is Outcome.UNROUTABLE:
            raise Unroutable(f"no queue takes what is sent to {outgoing.exchange!r} as {outgoing.routing_key!r}")
        if failed or outcome.trouble:
            why = failed.value if failed else outcome.trouble
            raise Unavailable(f"the broker did not confirm the message ({why})")

    def publish_all(self, lanes: Iterable[Iterable[Outgoing]], *, deadline_seconds: float) -> BatchOutcome:
        """Publish all lanes at once and wait for the confirmations, for at most `deadline_seconds`.

        Messages of one lane go one after another, each confirmed before the next; after one that is not taken the
        rest of its lane stays where it is. Trouble with the broker is told by the outcome and not raised.
        """
        batch = _Batch(lanes)
        self._batches |= dict.fromkeys(batch.keys, batch)
        deadline = time.monotonic() + deadline_seconds
        sending = batch.begin()
        try:
            while batch.under_way:
                self._write(*sending)
                sending = self._following(batch, deadline)
        except BrokerTrouble as error:
            batch.go_on()  # what was confirmed before counts
            batch.outcome.trouble = error.code
        finally:
            for key in batch.keys:
                self._batches.pop(key, None)
        return batch.outcome

    def _following(self, batch: _Batch, deadline: float) -> list[Outgoing]:
        """Wait until the broker has spoken; what may be written then. Raises `BrokerTrouble`."""
        left = max(deadline - time.monotonic(), 0.0)
        answered = self.connection.wait_for(batch.news, left, complete=batch.all_told)
        following = batch.go_on()
        if not answered:
            raise BrokerTrouble("blocked" if self.connection.blocked else "confirm_deadline")
        if batch.lost and batch.under_way:
            raise BrokerTrouble(self.connection.fault_code)
        return following

    def _write(self, *messages: Outgoing) -> None:
        confirms = self._confirms
        if confirms is None:
            raise BrokerTrouble(self.connection.fault_code)
        confirms.publish(*messages)

    def _prepare(self, connection: Any) -> None:
        self._confirms = ConfirmChannel(self.connection, connection, self._on_settled)

    def _on_settled(self, keys: list[str], outcome: Outcome) -> None:
        for key in keys:
            batch = self._batches.get(key)
            if batch is not None:
                batch.settle(key, outcome)

    def _lost(self) -> None:
        self._confirms = None
        for batch in set(self._batches.values()):
            batch.lose()


class SingleThreadPublisher(Publisher):
    """Publishes as fast as one thread can; see `SingleThreadConnection`."""

    connection: SingleThreadConnection
    connection_class = SingleThreadConnection


class _Batch:
    """Messages under way. `settle` and `lose` are called by the reader, the rest by whoever publishes."""

    def __init__(self, lanes: Iterable[Iterable[Outgoing]]) -> None:
        self.outcome = BatchOutcome()
        self.under_way: dict[str, deque[Outgoing]] = {}
        """What waits behind each message, by its key."""
        self.lost = False
        self._lanes = [deque(lane) for lane in lanes]
        self.keys = [message.key for lane in self._lanes for message in lane]
        self._told: deque[tuple[str, Outcome]] = deque()
        self.news = threading.Event()

    def settle(self, key: str, outcome: Outcome) -> None:
        """The broker has spoken about a message."""
        self._told.append((key, outcome))
        if not self.news.is_set():  # of hundreds told at once only the first need wake anybody
            self.news.set()

    def all_told(self) -> bool:
        """Whether the broker has spoken about every message that is under way."""
        return len(self._told) >= len(self.under_way)

    def lose(self) -> None:
        """The connection is gone; nothing more will be told."""
        self.lost = True
        self.news.set()

    def begin(self) -> list[Outgoing]:
        """The first messages to be written."""
        return self._heads(self._lanes)

    def go_on(self) -> list[Outgoing]:
        """Take up what was told; the messages to be written now that those before them are confirmed."""
        self.news.clear()
        free = []
        while self._told:
            key, outcome = self._told.popleft()
            lane = self.under_way.pop(key, None)
            if lane is None:
                continue
            if outcome is Outcome.CONFIRMED:
                self.outcome.confirmed.append(key)
                free.append(lane)
            else:
                self.outcome.failed[key] = outcome
        return self._heads(free)

    def _heads(self, lanes: Iterable[deque[Outgoing]]) -> list[Outgoing]:
        heads = []
        for lane in filter(None, lanes):
            message = lane.popleft()
            if message.publishable:
                self.under_way[message.key] = lane
                heads.append(message)
            else:
                self.outcome.failed[message.key] = Outcome.UNPUBLISHABLE
        return heads
