"""Publishing with the broker's confirmation, many messages under way at once on one connection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

import amqp
from amqp import spec

from shared.bus.connection import BrokerConnection
from shared.errors import Unavailable
from shared.identifiers import new_id

CONFIRM_SECONDS: Final = 5.0
PERSISTENT: Final = 2
TRANSIENT: Final = 1


class Unroutable(Unavailable):
    """The broker has no queue for this message; nobody would ever have got it."""


class Outcome(Enum):
    """What the broker said about a published message."""

    CONFIRMED = "confirmed"
    UNROUTABLE = "unroutable"
    REFUSED = "refused"
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


class ConfirmChannel:
    """A channel in confirm mode that tells what became of each message by its key.

    Tags are counted here, because the broker counts them in the order in which the frames arrive: counting and
    writing are one step under a lock. A returned message comes before its confirmation, so a key seen in a
    return is remembered until then.
    """

    def __init__(
        self, connection: BrokerConnection, amqp_connection: Any, settled: Callable[[str, Outcome], None]
    ) -> None:
        """`settled` is called in the reader, once for each message unless the connection is lost before."""
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

    def publish(self, outgoing: Outgoing) -> None:
        """Write the message; raises `Unavailable` where the connection is gone."""
        message = outgoing.to_amqp(user_id=self._connection.user)
        args = (0, outgoing.exchange, outgoing.routing_key, outgoing.mandatory, False)
        with self._lock:
            self._tag += 1
            self._keys[self._tag] = outgoing.key
            # Not channel.basic_publish: that one also reads, and reading is the reader's alone.
            self._connection.send(self.channel, spec.Basic.Publish, "Bssbb", args, message)

    def _on_ack(self, tag: int, multiple: bool) -> None:  # noqa: FBT001  # py-amqp's signature
        for key in self._take(tag, multiple=multiple):
            if key in self._returned:
                self._returned.discard(key)
                self._settled(key, Outcome.UNROUTABLE)
            else:
                self._settled(key, Outcome.CONFIRMED)

    def _on_nack(self, tag: int, multiple: bool) -> None:  # noqa: FBT001  # py-amqp's signature
        for key in self._take(tag, multiple=multiple):
            self._returned.discard(key)
            self._settled(key, Outcome.REFUSED)

    def _on_return(self, _error: Exception, _exchange: str, _routing_key: str, message: Any) -> None:
        key = message.properties.get("message_id")
        if key:
            self._returned.add(key)

    def _take(self, tag: int, *, multiple: bool) -> list[str]:
        tags = [t for t in list(self._keys) if t <= tag] if multiple else [tag]
        return [key for t in tags if (key := self._keys.pop(t, None)) is not None]


class Publisher:
    """A connection for publishing only: a broker short of memory stops reading it, and nothing else."""

    def __init__(self, url: str, *, name: str) -> None:
        """`name` is what the broker shows for the connection."""
        self.connection = BrokerConnection(url, name=name, prepare=self._prepare, lost=self._lost)
        self._confirms: ConfirmChannel | None = None
        self._waiting: dict[str, _Waiting] = {}

    def open(self, *, wait_seconds: float) -> None:
        """Connect. Raises as `BrokerConnection.open`."""
        self.connection.open(wait_seconds=wait_seconds)

    def close(self) -> None:
        """Disconnect; who still waits for a confirmation gets `Unavailable`."""
        self.connection.close()

    def post(self, outgoing: Outgoing) -> None:
        """Publish without waiting for the confirmation; for what may be lost, such as a reply."""
        confirms = self._confirms
        if confirms is None or self.connection.blocked:
            raise Unavailable("there is no connection to publish on")
        confirms.publish(outgoing)

    def publish(self, outgoing: Outgoing, *, wait_seconds: float = CONFIRM_SECONDS) -> None:
        """Publish and wait until the broker has taken responsibility.

        Raises `Unroutable` where no queue takes the message, `Unavailable` where the broker refuses, is short of
        memory or disk, or does not confirm in time; the message may then be there nevertheless.
        """
        waiting = self._waiting[outgoing.key] = _Waiting()
        try:
            self.post(outgoing)
            if not waiting.done.wait(wait_seconds):
                raise Unavailable(f"the broker did not confirm within {wait_seconds} s")
        finally:
            self._waiting.pop(outgoing.key, None)
        if waiting.outcome is Outcome.UNROUTABLE:
            raise Unroutable(f"no queue takes what is sent to {outgoing.exchange!r} as {outgoing.routing_key!r}")
        if waiting.outcome is not Outcome.CONFIRMED:
            raise Unavailable(f"the broker did not take the message ({waiting.outcome.value})")

    def _prepare(self, connection: Any) -> None:
        self._confirms = ConfirmChannel(self.connection, connection, self._on_settled)

    def _on_settled(self, key: str, outcome: Outcome) -> None:
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.outcome = outcome
            waiting.done.set()

    def _lost(self) -> None:
        self._confirms = None
        for waiting in list(self._waiting.values()):
            waiting.done.set()


class _Waiting:
    __slots__ = ("done", "outcome")

    def __init__(self) -> None:
        self.done = threading.Event()
        self.outcome = Outcome.LOST
