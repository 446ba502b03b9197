"""What each process may do at the broker: read its own queues, ask what it has to ask, and speak for nobody else.

Without this any process could ask any service anything, for all calls go through one exchange: the gateway, which
everybody reaches, could have a password's link minted. So each user has the routing keys of the calls that its
program makes (topic permissions), may read the queues of its own name, and no service writes to an exchange of
events: the relay does, from the outbox of each.

Answers come back through the same exchange, to a key that begins with the name of whoever asked. That one alone
may bind it, and only those it calls may write to it. The keys of plain nameko are bare ids, so a service of others
never hears what is for one of ours.

Rights alone do not keep a message from going where its sender may not write: whoever makes calls may also declare
a queue of its own name whose dead letters become calls, without its rights being asked. Who reads must therefore
look whom a message is from: `shared.bus.sender_check`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shared.bus import wire
from shared.system import SERVICES

if TYPE_CHECKING:
    from shared.bus.topology import Binding, Topology

UUID: Final = wire.PLAIN_REPLY_KEY.pattern
PLAIN_REPLY_KEY: Final = UUID
"""Plain nameko's routing keys of replies: a random id that only the caller and the called service know."""

MOST_REPLICAS: Final = 16
"""So many processes of a kind may run, and in an upgrade as many more beside them."""
MOST_DESKS: Final = 4
"""The command line asks the desk: one process, two in an upgrade, and as many that have just been replaced."""
OUTSIDE_LIMITS: Final[Mapping[str, int]] = {"max-connections": 256, "max-channels": 2048}
"""What a service of others may open: nameko keeps up to ten connections a process to publish on."""
MOST_QUEUES: Final = 6000
"""So many queues there may be in all: anybody may make some, and an empty one takes 50 KiB of memory."""

_CONNECTIONS: Final[Mapping[str, int]] = {"relay": len(SERVICES), "gateway": 1, "desk": 2, "account": 4}
_SERVICE_CONNECTIONS: Final = 3
"""A service reads, writes and calls on a connection each; the relay has one for each outbox.

Account has one more, on which it asks services of others. The desk calls on one. It may have another until the
broker has noticed that the one before is gone.
"""
_SPARE_CHANNELS: Final = 4
"""For each connection, beside those on which queues are read: to publish, and to look what is there."""

NOTHING: Final = "^$"
ASKED_OF_OTHERS: Final[Mapping[str, str]] = {"account": rf"{wire.SERVICE.pattern}\.export_part"}
"""Who asks services of others what, whichever these are: the answer comes to a key that is for that alone."""
_EVENT_TYPE: Final = r"[a-z_]+\.[a-z_]+"

CALLS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = json.loads(
    Path(__file__).with_name("calls.json").read_text(encoding="utf-8")
)
"""What each program asks of which service, as its sources say: made by `deploy.generators.broker_calls`."""


def permissions(topology: Topology, users: Iterable[str], vhost: str) -> list[dict[str, str]]:
    """The rights of each user on exchanges and queues; the administrator has all."""
    return [{"user": user, "vhost": vhost, **_rights(user, topology)} for user in users]


def topic_permissions(topology: Topology, users: Iterable[str], vhost: str) -> list[dict[str, str]]:
    """Which calls each user may make, which answers it may give, and what it may bind a queue to.

    Where RabbitMQ finds no entry for a user and an exchange it allows every key, so each user has one for each
    topic exchange that it may read or write.
    """
    return [
        {"user": user, "vhost": vhost, "exchange": exchange, "write": _any_of(write), "read": _any_of(read)}
        for user in users
        if user in CALLS
        for exchange, write, read in _keys(user, topology)
    ]


def limits(topology: Topology, user: str) -> dict[str, int]:
    """How many connections and channels a user may have open; the administrator any number.

    With what one process that was taken over can open, the broker is not used up.
    """
    if user not in CALLS:
        return {}
    processes = MOST_DESKS if user == "desk" else 2 * MOST_REPLICAS
    connections = processes * _CONNECTIONS.get(user, _SERVICE_CONNECTIONS)
    read = sum(queue.name in _read_by(user, topology) for queue in topology.queues)
    return {"max-connections": connections, "max-channels": processes * read + connections * _SPARE_CHANNELS}


def outside_permission(name: str, heard: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The rights of a service of others on exchanges and queues. `heard` are types of events by source."""
    own = [rf"rpc\.reply-{re.escape(name)}-{UUID}", f"rpc-{re.escape(name)}", rf"evt-.+--{re.escape(name)}\.\w+"]
    calls, sources = (
        re.escape(wire.RPC_EXCHANGE),
        [re.escape(wire.events_exchange(source)) for source in sorted(heard)],
    )
    return {
        "configure": _any_of(own),
        "write": _any_of([*own, calls, re.escape(wire.events_exchange(name))]),
        "read": _any_of([*own, calls, *sources]),
    }


def outside_topic_permissions(
    name: str, heard: Mapping[str, Sequence[str]], calls: Sequence[str]
) -> list[dict[str, str]]:
    """Its rights on routing keys: it makes these calls, answers others like it and account, hears these events."""
    permissions = [
        (
            wire.RPC_EXCHANGE,
            [*map(re.escape, calls), PLAIN_REPLY_KEY, *map(_outside_reply_key, sorted(ASKED_OF_OTHERS))],
            [rf"{re.escape(name)}\.\*", PLAIN_REPLY_KEY],
        )
    ]
    permissions += [
        (wire.events_exchange(source), [], [re.escape(each) for each in heard[source]]) for source in sorted(heard)
    ]
    permissions.append((wire.events_exchange(name), [_EVENT_TYPE], []))
    return [
        {"exchange": exchange, "write": _any_of(write), "read": _any_of(read)}
        for exchange, write, read in permissions
    ]


def _keys(user: str, topology: Topology) -> Iterator[tuple[str, list[str], list[str]]]:
    """Exchanges with the routing keys that a user may write, and bind a queue to."""
    if user == "relay":
        for exchange in _event_exchanges(topology):
            yield exchange, [_EVENT_TYPE], []
        yield wire.RPC_EXCHANGE, [], []
        return
    reads = [rf"{re.escape(user)}\.\*"] if user in SERVICES else []
    reads.append(_reply_key(user))
    asked = [ASKED_OF_OTHERS[user]] if user in ASKED_OF_OTHERS else []
    reads += [_outside_reply_key(user) for _ in asked]
    yield wire.RPC_EXCHANGE, [*_calls(user), *asked, *_answers(user)], reads
    heard: dict[str, list[str]] = {}
    for binding in _bound(user, topology):
        if binding.exchange.endswith(wire.EVENTS_SUFFIX):
            heard.setdefault(binding.exchange, []).append(re.escape(binding.routing_key))
    for exchange, types in sorted(heard.items()):
        yield exchange, [], types


def _bound(user: str, topology: Topology) -> list[Binding]:
    """What binds the queues of events of a service: to the events it hears, and to what comes back to it."""
    return [binding for binding in topology.bindings if binding.queue.endswith(f"--{user}")]


def _read_by(user: str, topology: Topology) -> set[str]:
    """The queues that each process of a service reads."""
    return {wire.dead_queue(user), wire.rpc_queue(user), *(binding.queue for binding in _bound(user, topology))}


def _event_exchanges(topology: Topology) -> list[str]:
    """The exchanges of events of our own services."""
    names = [wire.events_exchange(service) for service in SERVICES]
    return [exchange.name for exchange in topology.exchanges if exchange.name in names]


def _rights(user: str, topology: Topology) -> dict[str, str]:
    if user not in CALLS:
        return dict.fromkeys(("configure", "write", "read"), ".*")
    if user == "relay":
        # The default exchange takes what a person sends back from the parked list to the queue it failed in.
        write = [*map(re.escape, _event_exchanges(topology)), r"amq\.default"]
        return {"configure": NOTHING, "write": _any_of(write), "read": NOTHING}
    own = _own_queues(user)
    write, read = [*own, re.escape(wire.RPC_EXCHANGE)], [*own, re.escape(wire.RPC_EXCHANGE)]
    if user in SERVICES:
        write += [re.escape(tier.name(user)) for tier in wire.TIERS]
        # Not `dead`: that exchange has no topics, so whoever may read it could have anybody's dead letters.
        read += sorted({re.escape(binding.exchange) for binding in _bound(user, topology)})
    return {"configure": _any_of(own), "write": _any_of(write), "read": _any_of(read)}


def _own_queues(user: str) -> list[str]:
    name = re.escape(user)
    replies = rf"rpc\.reply-{name}-{UUID}"
    if user not in SERVICES:
        return [replies]
    return [replies, f"rpc-{name}", f"dead-{name}", f"evt-.+--{name}"]


def _calls(user: str) -> list[str]:
    return [rf"{re.escape(service)}\.({'|'.join(methods)})" for service, methods in sorted(CALLS[user].items())]


def _answers(user: str) -> list[str]:
    """Where a service's answers go: to those of ours that call it, and to plain nameko."""
    if user not in SERVICES:
        return []
    return [*(_reply_key(caller) for caller in sorted(CALLS) if user in CALLS[caller]), PLAIN_REPLY_KEY]


def _reply_key(caller: str) -> str:
    return re.escape(wire.reply_key(caller, "")) + UUID


def _outside_reply_key(caller: str) -> str:
    return re.escape(wire.outside_reply_key(caller, "")) + UUID


def _any_of(patterns: Iterable[str]) -> str:
    return f"^({'|'.join(patterns)})$" if (patterns := list(patterns)) else NOTHING
