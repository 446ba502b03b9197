"""What is on the wire: the names of exchanges and queues, the headers that travel, and how a body is read.

Pure: imports neither nameko nor kombu, so the gateway, the relay and every test can use it. Writing a body is
`shared.database.outbox.encode`; strict when writing, tolerant when reading.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NoReturn
from uuid import UUID, uuid5

from shared.errors import Permanent
from shared.events import BODY_LIMIT_BYTES, CODE_PATTERN

RPC_EXCHANGE: Final = "nameko-rpc"
DEAD_EXCHANGE: Final = "dead"
EVENTS_SUFFIX: Final = ".events"

HEADER_ATTEMPT: Final = "x-attempt"
HEADER_TRACEPARENT: Final = "traceparent"
HEADER_DEADLINE: Final = "vilkar.deadline"
HEADER_ID: Final = "vilkar.id"
HEADER_EXCHANGE: Final = "vilkar.exchange"
HEADER_ROUTING_KEY: Final = "vilkar.routing-key"
HEADER_OUTBOX: Final = "vilkar.outbox"
"""Whose outbox a message came back from; only the relay's word counts."""
HEADER_CALL_STACK: Final = "nameko.call_id_stack"

CONTENT_TYPE: Final = "application/json"
ACCEPTED_CONTENT_TYPES: Final = frozenset({CONTENT_TYPE, "application/cloudevents+json"})
DEPTH_LIMIT: Final = 16
HEADER_LIMIT_CHARACTERS: Final = 255
PERSISTENT: Final = 2
NAMESPACE: Final = UUID("6f1d2f0e-7a57-5f0b-9a52-0d5b4b1c9c11")
"""Namespace of the ids that are derived from a message which brought none of its own."""

TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
SUBJECT: Final = re.compile(r"[A-Za-z0-9_.:/-]{0,200}")
ACTOR: Final = re.compile(r"[a-z][a-z_]{0,31}(:[A-Za-z0-9_.-]{1,64})?")
SERVICE: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
RETURNS: Final = re.compile(r"returns-[a-z][a-z0-9-]*")
PLAIN_REPLY_KEY: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Where plain nameko hears the answers to its calls: a bare random id."""
STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|[\[\]{}]', re.DOTALL)
"""A string may also end with the text: otherwise an unclosed one would be searched for again and again."""


class Undecodable(Permanent):
    """The message cannot be read, now or later; `reason` is a machine code and says what is wrong."""

    def __init__(self, reason: str) -> None:
        """`reason` never repeats what the message contained."""
        super().__init__(f"undecodable: {reason}")
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Tier:
    """One waiting time of messages that are to be tried again; each service has a tier of its own for each."""

    seconds: int

    def name(self, service: str) -> str:
        """The name of the fanout exchange and of the queue in which messages of `service` wait.

        The time is part of it, so a queue's time never has to be changed.
        """
        return f"retry.{service}.{self.seconds}s"


TIERS: Final = tuple(Tier(seconds=seconds) for seconds in (5, 30, 120, 600, 3600))
"""Five seconds, half a minute, two minutes, ten minutes, an hour."""
RETIRED_TIERS: Final = tuple(f"retry.{tier.seconds}s" for tier in TIERS)
"""The tiers that all services shared before each had its own (ADR 0021). A system that was set up before still has
them until its upgrade is over."""


def returns_exchange(service: str) -> str:
    """The direct exchange over which messages come back from the tiers of `service`, to its queues alone."""
    return f"returns-{service}"


def strays_exchange(service: str) -> str:
    """The fanout exchange that takes what comes back for no queue of `service`, to its dead-letter queue."""
    return f"strays-{service}"


def came_back(exchange: str) -> bool:
    """Whether a message arrived over an exchange that no event was ever published to: it was here before."""
    return exchange == "" or RETURNS.fullmatch(exchange) is not None


def events_exchange(service: str) -> str:
    """The topic exchange on which `service` publishes its events, as nameko names it."""
    return f"{service}{EVENTS_SUFFIX}"


def event_queue(source: str, event_type: str, consumer: str) -> str:
    """The queue in which `consumer` finds the events `event_type` of `source`.

    The method's name is no part of it: renaming a method must not leave a queue behind that nobody reads.
    """
    return f"evt-{source}-{event_type}--{consumer}"


def rpc_queue(service: str) -> str:
    """The queue of all calls to `service`, as nameko names it."""
    return f"rpc-{service}"


def reply_key(caller: str, key: str) -> str:
    """The routing key on which `caller` hears the answers to its calls; `key` is a random id.

    Three words: one that is bound to all calls of a service, `account.*`, must not get the answers to it.
    """
    return f"{caller}.reply.{key}"


def outside_reply_key(caller: str, key: str) -> str:
    """The routing key on which `caller` hears the answers of services of others, the one that they may write to.

    Three words, as `reply_key`, and another one in the midst: no answer of theirs is taken for one of ours.
    """
    return f"{caller}.outside.{key}"


def is_reply_key(key: object, user: str) -> bool:
    """Whether a call of `user` may ask to be answered at `key`: its own, or a bare id as plain nameko has them."""
    if not isinstance(key, str):
        return False
    own = reply_key(user, "")
    return PLAIN_REPLY_KEY.fullmatch(key.removeprefix(own) if user else key) is not None


def dead_queue(service: str) -> str:
    """Where the broker puts messages of `service` that it had to give up on."""
    return f"dead-{service}"


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """An event as it was read off the wire; `data` is not yet checked against its event class."""

    id: UUID
    type: str
    version: int
    source: str
    time: datetime
    subject: str
    sequence: int | None
    correlation_id: UUID
    causation_id: UUID | None
    traceparent: str | None
    data: dict[str, Any] = field(repr=False)
    actor: str = "system"
    attempt: int = 1


def event_properties(
    *, event_id: UUID | str, event_type: str, source: str, time: datetime, correlation_id: str | None = None
) -> dict[str, Any]:
    """The AMQP properties an event is published with: durable, and identified without opening the body."""
    properties: dict[str, Any] = {
        "message_id": str(event_id),
        "type": event_type,
        "app_id": source,
        "timestamp": int(time.timestamp()),
        "content_type": CONTENT_TYPE,
        "content_encoding": "utf-8",
        "delivery_mode": PERSISTENT,
    }
    if correlation_id is not None:
        properties["correlation_id"] = correlation_id
    return properties


def propagated(headers: Mapping[str, Any] | None) -> dict[str, Any]:
    """The headers that may travel on with work that a message causes: the trace, and nothing else.

    nameko would send every header it received on to everybody downstream; attempts, dead-letter history and
    call stacks belong to one delivery only.
    """
    trace = _traceparent((headers or {}).get(HEADER_TRACEPARENT))
    return {HEADER_TRACEPARENT: trace} if trace else {}


def retry_headers(
    headers: Mapping[str, Any] | None,
    *,
    attempt: int,
    exchange: str,
    routing_key: str,
    message_id: UUID | None = None,
) -> dict[str, Any]:
    """The headers of a message that waits in a tier before its next attempt, or is replayed from the parked list.

    It comes back over another exchange; so where it first came from is written down, for its source and its id
    would otherwise be lost.
    """
    before = headers or {}
    origin_exchange, origin_key = origin(before, exchange, routing_key)
    waiting = propagated(before)
    if HEADER_DEADLINE in before:
        waiting[HEADER_DEADLINE] = before[HEADER_DEADLINE]
    waiting[HEADER_ATTEMPT] = attempt
    waiting[HEADER_EXCHANGE] = origin_exchange
    waiting[HEADER_ROUTING_KEY] = origin_key
    if message_id is not None:
        waiting[HEADER_ID] = str(message_id)
    return waiting


def replay_headers(headers: Mapping[str, Any], *, service: str) -> dict[str, Any]:
    """The headers with which a message from the outbox of `service` is sent back to the queue it failed in.

    The row's other headers stay behind: `CC`, say, would have the broker deliver to further queues.
    """
    known = (HEADER_ATTEMPT, HEADER_EXCHANGE, HEADER_ROUTING_KEY, HEADER_ID, HEADER_DEADLINE, HEADER_TRACEPARENT)
    return {**{name: headers[name] for name in known if name in headers}, HEADER_OUTBOX: service}


def origin(headers: Mapping[str, Any] | None, exchange: str, routing_key: str) -> tuple[str, str]:
    """The exchange and routing key a message was first published with.

    The headers count only on what came back, and only from whom `shared.bus.sender_check` believes.
    """
    known = headers or {}
    if came_back(exchange) and isinstance(known.get(HEADER_EXCHANGE), str):
        return known[HEADER_EXCHANGE], str(known.get(HEADER_ROUTING_KEY, ""))
    return exchange, routing_key


def attempt_of(headers: Mapping[str, Any] | None) -> int:
    """Which attempt this delivery is, from 1. The broker's own `x-death` is not used: RabbitMQ 4 ignores it."""
    value = (headers or {}).get(HEADER_ATTEMPT, 1)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 1 else 1


def decode(
    body: bytes,
    *,
    content_type: str | None,
    headers: Mapping[str, Any] | None,
    exchange: str,
    routing_key: str,
    received_at: datetime,
) -> Envelope:
    """Read an event: our CloudEvents body, or a bare dict from a plain nameko `EventDispatcher`.

    `received_at` stands in where the message has no time of its own. Raises `Undecodable`.
    """
    first_exchange, first_key = origin(headers, exchange, routing_key)
    if not first_exchange.endswith(EVENTS_SUFFIX):
        raise Undecodable("exchange_is_no_events_exchange")
    source = first_exchange.removesuffix(EVENTS_SUFFIX)
    if not SERVICE.fullmatch(source) or not CODE_PATTERN.fullmatch(first_key):
        raise Undecodable("name_malformed")
    value = parse_object(body, content_type=content_type)
    if "specversion" in value:
        return _from_cloud_event(
            value, headers or {}, source=source, routing_key=first_key, received_at=received_at
        )
    return _from_bare(
        value, headers or {}, body=body, exchange=first_exchange, routing_key=first_key, received_at=received_at
    )


def parse_object(body: bytes, *, content_type: str | None) -> dict[str, Any]:
    """The JSON object in `body`: UTF-8, at most 256 KiB, of bounded depth, no key twice, no NaN.

    Raises `Undecodable`.
    """
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind not in ACCEPTED_CONTENT_TYPES:
        raise Undecodable("content_type")
    if len(body) > BODY_LIMIT_BYTES:
        raise Undecodable("too_large")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Undecodable("not_utf8") from None
    if not _shallow(text):
        raise Undecodable("too_deep")
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite_float
        )
    except ValueError:
        raise Undecodable("not_json") from None
    if not isinstance(value, dict):
        raise Undecodable("not_an_object")
    return value


def _from_cloud_event(
    value: dict[str, Any], headers: Mapping[str, Any], *, source: str, routing_key: str, received_at: datetime
) -> Envelope:
    if value["specversion"] != "1.0":
        raise Undecodable("specversion")
    if value.get("source") != source:
        raise Undecodable("source_is_not_the_exchange")  # who may write to an exchange is who it is from
    if value.get("type") != routing_key:
        raise Undecodable("type_is_not_the_routing_key")
    data = value.get("data")
    if not isinstance(data, dict):
        raise Undecodable("data_is_no_object")
    event_id = _event_id(value.get("id"), source)
    return Envelope(
        id=event_id,
        type=routing_key,
        version=_version(value.get("dataversion", 1)),
        source=source,
        time=_time(value.get("time"), received_at),
        subject=_subject(value.get("subject")),
        sequence=_sequence(value.get("sequence")),
        correlation_id=uuid_of(value.get("correlationid")) or event_id,
        causation_id=uuid_of(value.get("causationid")),
        traceparent=_traceparent(value.get("traceparent")) or _traceparent(headers.get(HEADER_TRACEPARENT)),
        data=data,
        actor=_actor(value.get("actor")),
        attempt=attempt_of(headers),
    )


def _from_bare(
    value: dict[str, Any],
    headers: Mapping[str, Any],
    *,
    body: bytes,
    exchange: str,
    routing_key: str,
    received_at: datetime,
) -> Envelope:
    event_id = uuid_of(headers.get(HEADER_ID)) or _derived_id(body, headers, exchange, routing_key)
    return Envelope(
        id=event_id,
        type=routing_key,
        version=1,
        source=exchange.removesuffix(EVENTS_SUFFIX),
        time=received_at,
        subject="",
        sequence=None,
        correlation_id=event_id,
        causation_id=None,
        traceparent=_traceparent(headers.get(HEADER_TRACEPARENT)),
        data=value,
        attempt=attempt_of(headers),
    )


def _derived_id(body: bytes, headers: Mapping[str, Any], exchange: str, routing_key: str) -> UUID:
    """The same for every delivery of one message, different for messages of different calls.

    Two equal dicts sent from within one call of the third service count as one event; so do equal dicts of a
    sender without a call stack. Whoever needs more sends an envelope with an id.
    """
    stack = headers.get(HEADER_CALL_STACK)
    calls = [str(call) for call in stack] if isinstance(stack, list | tuple) else []
    what = json.dumps([exchange, routing_key, calls, body.decode("utf-8")])
    return uuid5(NAMESPACE, what)


def _event_id(value: Any, source: str) -> UUID:
    if not isinstance(value, str) or not 0 < len(value) <= HEADER_LIMIT_CHARACTERS:
        raise Undecodable("id")
    return uuid_of(value) or uuid5(NAMESPACE, json.dumps([source, value]))


def uuid_of(value: Any) -> UUID | None:
    """The id that a header holds as text, else None."""
    if not isinstance(value, str):
        return None
    try:
        return UUID(value)
    except ValueError:
        return None


def _version(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Undecodable("dataversion")
    return value


def _sequence(value: Any) -> int | None:
    """Our own is a number; the CloudEvents extension of that name is a string of digits."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:  # noqa: PLR2004  # bigint
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _time(value: Any, received_at: datetime) -> datetime:
    if value is None:
        return received_at
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Undecodable("time") from None
    if moment.tzinfo is None:
        raise Undecodable("time")
    return moment


def _subject(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or not SUBJECT.fullmatch(value):
        raise Undecodable("subject")
    return value


def _actor(value: Any) -> str:
    """Who did it: a kind and an opaque id. Anything else, a name for instance, is not carried further."""
    return value if isinstance(value, str) and ACTOR.fullmatch(value) else "system"


def _traceparent(value: Any) -> str | None:
    return value if isinstance(value, str) and TRACEPARENT.fullmatch(value) else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Undecodable("key_twice")
    return made


def _refuse_constant(_name: str) -> NoReturn:
    raise Undecodable("not_a_number")


def _finite_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Undecodable("not_a_number")
    return value


def _shallow(text: str) -> bool:
    """Whether no bracket stands deeper than the limit; counted only where there are enough brackets."""
    if text.count("{") + text.count("[") <= DEPTH_LIMIT:
        return True
    depth = 0
    for token in STRING_OR_BRACKET.finditer(text):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token.group(), 0)
        if depth > DEPTH_LIMIT:
            return False
    return True
