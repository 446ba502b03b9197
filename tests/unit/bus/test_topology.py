"""From declarations to what the broker must have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import pytest

from shared.bus import Service, handles, topology, wire
from shared.events import Event

pytestmark = pytest.mark.unit


@dataclass(frozen=True, kw_only=True)
class Opened(Event):
    type: ClassVar[str] = "door.opened"
    source: ClassVar[str | None] = "account"
    door_id: UUID


@dataclass(frozen=True, kw_only=True)
class Closed(Opened):
    type: ClassVar[str] = "door.closed"


@dataclass(frozen=True, kw_only=True)
class Answered(Event):
    """Published by several."""

    type: ClassVar[str] = "door.answered"
    door_id: UUID


class Keeper(Service):
    name = "keeper"

    @handles(Opened)
    def note(self, message, tx):
        """Only declared."""

    @handles(Answered, sources=("account", "audit"))
    def note_answer(self, message, tx):
        """Only declared."""


class Watcher(Service):
    name = "watcher"

    @handles(Opened)
    def watch(self, message, tx):
        """Only declared."""


MADE = topology.topology_of([Watcher, Keeper], [Opened, Closed, Answered])
QUEUES = {queue.name: queue for queue in MADE.queues}


def test_each_listener_has_a_queue_of_its_own_for_each_event_and_source():
    assert {name for name in QUEUES if name.startswith("evt-")} == {
        "evt-account-door.opened--keeper",
        "evt-account-door.opened--watcher",
        "evt-account-door.answered--keeper",
        "evt-audit-door.answered--keeper",
    }


def test_the_order_of_declaration_changes_nothing():
    assert topology.topology_of([Keeper, Watcher], [Answered, Closed, Opened]) == MADE


def test_event_and_dead_queues_are_quorum_queues_and_queues_of_calls_are_as_nameko_declares_them():
    for name, queue in QUEUES.items():
        wanted = {} if name.startswith("rpc-") else {"x-queue-type": "quorum"}
        assert {key: value for key, value in queue.arguments.items() if key == "x-queue-type"} == wanted
    assert QUEUES["rpc-keeper"].arguments == {}


def test_16_no_argument_that_may_have_to_change_is_declared_from_code():
    for name, queue in QUEUES.items():
        if not name.startswith("retry."):
            assert set(queue.arguments) <= {"x-queue-type"}
    for tier in wire.TIERS:
        name = tier.name("keeper")
        assert QUEUES[name].arguments["x-message-ttl"] == tier.seconds * 1000
        assert str(tier.seconds) in name


def test_each_service_waits_in_tiers_of_its_own_and_what_comes_back_reaches_its_queues_alone():
    tiers = {name for name in QUEUES if name.startswith("retry.")}
    assert tiers == {tier.name(service) for tier in wire.TIERS for service in ("keeper", "watcher")}
    for service in ("keeper", "watcher"):
        own = {name for name in QUEUES if name.endswith(f"--{service}")}
        for tier in wire.TIERS:
            assert QUEUES[tier.name(service)].arguments["x-dead-letter-exchange"] == f"returns-{service}"
        back = {(b.queue, b.routing_key) for b in MADE.bindings if b.exchange == f"returns-{service}"}
        assert back == {(name, name) for name in own}


def test_what_comes_back_for_a_queue_that_is_gone_goes_to_the_dead_ones_of_the_service():
    (back,) = [exchange for exchange in MADE.exchanges if exchange.name == "returns-keeper"]
    assert (back.kind, back.arguments) == ("direct", {"alternate-exchange": "strays-keeper"})
    assert [(b.queue, b.routing_key) for b in MADE.bindings if b.exchange == "strays-keeper"] == [
        ("dead-keeper", "")
    ]


def test_types_that_nobody_hears_are_listed_and_those_of_several_publishers_are_not():
    assert MADE.unheard == {"account": ("door.closed",)}


def test_a_participant_outside_is_heard_where_an_event_has_no_source_of_its_own():
    wider = topology.topology_of([Keeper], [Opened], outside=("nogd",))
    assert "evt-nogd-door.answered--keeper" in {queue.name for queue in wider.queues}
    assert "evt-nogd-door.opened--keeper" not in {queue.name for queue in wider.queues}
    assert "nogd.events" in {exchange.name for exchange in wider.exchanges}


@pytest.mark.parametrize(
    ("queue", "policy"),
    [
        ("evt-account-account.deactivated--retention", "events-retention"),
        ("evt-account-account.updated--billing-sync", "events-billing-sync"),
        ("evt-account-account.deactivated--nogd.close_seats", "outside-events"),
        ("rpc-account", "calls"),
        ("dead-audit", "dead"),
        ("rpc.reply-account-6f1d2f0e", None),
        ("retry.audit.5s", "waiting"),
        ("retry.5s", "waiting"),
    ],
)
def test_a_queue_follows_the_one_policy_meant_for_it(queue, policy):
    matching = [p for p in topology.policies() if re.search(p["pattern"], queue)]
    best = max(matching, key=lambda p: p["priority"], default=None)
    assert (best["name"] if best else None) == policy
    assert sum(p["priority"] == (best or p)["priority"] for p in matching) <= 1


def test_14_calls_expire_after_thirty_seconds_in_the_brokers_unit():
    calls = next(policy for policy in topology.policies() if policy["name"] == "calls")
    assert calls["definition"]["message-ttl"] == 30 * 1000


def test_23_the_definitions_set_no_default_queue_type_that_would_reach_reply_queues():
    made = topology.definitions(MADE, vhost="somewhere")
    assert made["vhosts"] == [{"name": "somewhere"}]
    assert {entry["vhost"] for part in ("exchanges", "queues", "bindings", "policies") for entry in made[part]} == {
        "somewhere"
    }
    assert "users" not in made
