"""Calling another service: nameko's wire format with what nameko leaves out, a time limit above all.

Works on green threads and on real ones, against our services and against plain nameko ones. All calls of a
process share one connection and one reply queue.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from shared import context, log
from shared.bus import wire
from shared.bus.connection import BrokerConnection, body_of, look_or_make
from shared.bus.publisher import ConfirmChannel, Outcome, Outgoing
from shared.bus.rpc_wire import context_headers
from shared.calls import Caller
from shared.clock import Clock
from shared.errors import (
    REFUSALS,
    DeadlineExceeded,
    Internal,
    Permanent,
    Refused,
    Unavailable,
)
from shared.events import BODY_LIMIT_BYTES
from shared.identifiers import new_id

DEFAULT_SECONDS: Final = 2.0
LONGEST_SECONDS: Final = 60.0
REPLY_QUEUE_EXPIRES_MS: Final = 300_000
UNDER_WAY_LIMIT: Final = 1000

_log = log.get("bus.rpc_client")


class BusCaller(Caller):
    """Calls services over the bus; see `shared.calls.Caller`."""

    def __init__(
        self, url: str, *, name: str, default_seconds: float = DEFAULT_SECONDS, asks_outside: bool = False
    ) -> None:
        """`name` is the wire name of the calling process; nothing is opened before `open` or the first call.

        `asks_outside` is for calling services of others: their answers come to a key of its own, and none of them
        can be taken for an answer of ours.
        """
        self.name = name
        self._default_seconds = default_seconds
        reply_id = str(new_id())
        self._reply_key = (wire.outside_reply_key if asks_outside else wire.reply_key)(name, reply_id)
        self._reply_queue = f"rpc.reply-{name}-{reply_id}"
        self._pending: dict[str, _Pending] = {}
        self._confirms: ConfirmChannel | None = None
        self._clock = Clock()  # never moved: a time limit is about real seconds
        kind = "outside" if asks_outside else "calls"
        self.connection = BrokerConnection(url, name=f"{name}.{kind}", prepare=self._prepare, lost=self._lost)

    @property
    def under_way(self) -> int:
        """How many calls wait for their reply now."""
        return len(self._pending)

    def open(self, *, wait_seconds: float = 30.0) -> None:
        """Connect. Raises as `BrokerConnection.open`."""
        self.connection.open(wait_seconds=wait_seconds)

    def close(self) -> None:
        """Disconnect; calls under way end with `Unavailable`."""
        self.connection.close()

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        """The reply of `service` to `method`; see `Caller.call`."""
        if context.in_transaction():
            # Locks would be held, and a connection, for as long as somebody else takes to answer.
            raise Permanent(f"{service}.{method} must not be called while a transaction is open")
        limit = min(self._default_seconds if timeout_seconds is None else timeout_seconds, LONGEST_SECONDS)
        until = time.monotonic() + limit
        self.connection.begin()
        if not self.connection.wait_ready(limit):
            raise Unavailable(f"{service} cannot be called: no connection to the broker")
        if len(self._pending) >= UNDER_WAY_LIMIT:
            raise Unavailable(f"{service} cannot be called: {UNDER_WAY_LIMIT} calls are under way already")
        key = str(new_id())
        pending = self._pending[key] = _Pending()
        try:
            self._send(key, service, method, fields, seconds=max(until - time.monotonic(), 0.001))
            answered = pending.done.wait(max(until - time.monotonic(), 0.0))
        finally:
            self._pending.pop(key, None)
        if not answered:
            raise _no_answer(pending, service, method, limit)
        return _result(pending, service, method)

    def _send(self, key: str, service: str, method: str, fields: Mapping[str, Any], *, seconds: float) -> None:
        confirms = self._confirms
        if confirms is None or self.connection.blocked:
            raise Unavailable(f"{service} cannot be called: the broker takes no messages now")
        body = encode({"args": [], "kwargs": fields})
        if len(body) > BODY_LIMIT_BYTES:
            raise Permanent(f"the call of {service}.{method} has more than {BODY_LIMIT_BYTES} bytes")
        deadline = self._clock.now() + timedelta(seconds=seconds)
        outgoing = Outgoing(
            body=body,
            exchange=wire.RPC_EXCHANGE,
            routing_key=f"{service}.{method}",
            key=key,
            headers={
                **context_headers(context.current(), user=self.connection.user, service=service),
                wire.HEADER_DEADLINE: int(deadline.timestamp() * 1000),
            },
            properties={"reply_to": self._reply_key, "correlation_id": key, "app_id": self.name},
            persistent=False,
            expires_seconds=seconds,
        )
        confirms.publish(outgoing)

    def _prepare(self, connection: Any) -> None:
        channel = connection.channel()
        channel.auto_decode = False
        channel.queue_declare(
            self._reply_queue,
            durable=True,
            auto_delete=False,
            # Said aloud: a virtual host whose default is quorum would else make a replicated queue of this.
            arguments={"x-expires": REPLY_QUEUE_EXPIRES_MS, "x-queue-type": "classic"},
        )
        look_or_make(connection, _declare_exchange)
        channel.queue_bind(self._reply_queue, wire.RPC_EXCHANGE, self._reply_key)
        channel.basic_consume(self._reply_queue, no_ack=True, callback=self._on_reply)
        self._confirms = ConfirmChannel(self.connection, connection, self._on_settled)

    def _on_settled(self, keys: list[str], outcome: Outcome) -> None:
        for pending in filter(None, map(self._pending.get, keys)):
            pending.outcome = outcome
            if outcome is not Outcome.CONFIRMED:
                pending.done.set()

    def _on_reply(self, message: Any) -> None:
        pending = self._pending.get(message.properties.get("correlation_id", ""))
        if pending is None:
            _log.debug("late_reply_dropped")
            return
        pending.body = body_of(message)
        pending.done.set()

    def _lost(self) -> None:
        self._confirms = None
        for pending in list(self._pending.values()):
            pending.outcome = Outcome.LOST
            pending.done.set()


class _Pending:
    """One call under way."""

    __slots__ = ("body", "done", "outcome")

    def __init__(self) -> None:
        self.done = threading.Event()
        self.body: bytes | None = None
        self.outcome: Outcome | None = None


def _declare_exchange(channel: Any, *, passive: bool) -> None:
    channel.exchange_declare(wire.RPC_EXCHANGE, "topic", passive=passive, durable=True, auto_delete=False)


def encode(value: Any) -> bytes:
    """JSON with ids and instants as text; whatever else is not JSON raises `TypeError`."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_plain).encode()


def _plain(value: Any) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be sent in a call")


def _no_answer(pending: _Pending, service: str, method: str, limit: float) -> Exception:
    if pending.outcome is None:
        return Unavailable(f"the broker did not take the call of {service}.{method} within {limit} s")
    return DeadlineExceeded(f"{service}.{method} did not answer within {limit} s")


def _result(pending: _Pending, service: str, method: str) -> Any:
    if pending.body is None:
        if pending.outcome is Outcome.UNROUTABLE:
            raise Unavailable(f"there is no service {service}")
        if pending.outcome is Outcome.REFUSED:
            raise Unavailable(f"the broker refused the call of {service}.{method}")
        raise DeadlineExceeded(f"the connection was lost while {service}.{method} was under way")
    try:
        reply = wire.parse_object(pending.body, content_type=wire.CONTENT_TYPE)
    except wire.Undecodable as error:
        raise Internal(f"unreadable-reply-{error.reason}") from None
    if reply.get("error"):
        raise to_exception(reply["error"], service=service, method=method)
    return reply.get("result")


def to_exception(error: Any, *, service: str, method: str) -> Exception:
    """What an error on the wire means here. Texts of foreign services are not repeated: they may hold anything."""
    known = error if isinstance(error, dict) else {}
    kind = str(known.get("exc_type", ""))
    refusal = REFUSALS.get(str(known.get("code", "")))
    if refusal is not None:
        details = known.get("details")
        return refusal(str(known.get("value", "")) or None, details=details if isinstance(details, dict) else None)
    if kind in ("Unavailable", "DeadlineExceeded") and "error_id" not in known:
        cls = Unavailable if kind == "Unavailable" else DeadlineExceeded
        return cls(f"{service}.{method} could not be carried out now")
    if kind == "MethodNotFound":
        # Not for good: processes of two versions run side by side while a new one is being brought out.
        return Unavailable(f"{service} has no method {method} now")
    if kind in ("IncorrectSignature", "MalformedRequest"):
        return Permanent(f"{service}.{method} cannot be called like this ({kind})")
    return Internal(str(known.get("error_id", "")) or f"{service}.{method}:{kind or 'unknown'}")


__all__ = ["BusCaller", "Refused", "encode", "to_exception"]
