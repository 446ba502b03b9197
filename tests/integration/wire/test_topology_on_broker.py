"""What the definitions and the policies do on a real broker; the traps of this stack by their numbers."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from urllib.parse import quote

import amqp
import pytest

from shared.bus import topology, wire
from shared.bus.ensure_topology import ensure
from tests.integration.relay import relay_env
from tests.integration.relay.relay_env import QUEUE
from tests.waiting import until

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def channel(broker):
    relay_env.set_up(broker)
    with relay_env.channel_to(broker) as opened:
        for queue in relay_env.TOPOLOGY.queues:
            opened.queue_purge(queue.name)
        yield opened


def queues_of(broker):
    return {q["name"]: q for q in broker.infrastructure.broker.call("GET", f"/api/queues/{broker.vhost}").json()}


def send(channel, body=b"{}", *, exchange="account.events", key="account.ticked", **properties):
    properties = {"content_type": "application/json", "delivery_mode": 2} | properties
    channel.basic_publish(amqp.basic_message.Message(body, **properties), exchange, key)


def fetch(channel, queue, *, seconds=20.0):
    return until(lambda: channel.basic_get(queue, no_ack=True), seconds=seconds, what=f"a message in {queue}")


def read(message, *, headers=None):
    body = message.body if isinstance(message.body, bytes) else message.body.encode()
    return wire.decode(
        body,
        content_type=message.properties["content_type"],
        headers=headers or message.properties.get("application_headers"),
        exchange=message.delivery_info["exchange"],
        routing_key=message.delivery_info["routing_key"],
        received_at=NOW,
    )


def test_the_generated_definitions_load_and_load_again_and_every_policy_applies(broker):
    text = (relay_env.REPOSITORY / "deploy/rabbitmq/definitions.json").read_text(encoding="utf-8")
    made = json.loads(text.replace('"vilkar"', json.dumps(broker.vhost)))
    server = broker.infrastructure.broker
    for _ in range(2):
        server.call("POST", "/api/definitions", made)
    names = {queue["name"] for queue in made["queues"]}
    assert len(names) > 30
    assert names <= set(queues_of(broker))
    governed = {name for name in names if name.startswith(("evt-", "rpc-", "dead-", "retry."))}
    # The management interface learns of a queue's policy some seconds later.
    there = until(lambda: all_governed(broker, governed), what="policies to be told of")
    for name, queue in there.items():
        if name in governed:
            policy = next(p for p in topology.policies() if p["name"] == queue["policy"])
            assert queue["effective_policy_definition"] == policy["definition"]
    bindings = server.call("GET", f"/api/bindings/{broker.vhost}").json()
    bound = {(b["source"], b["destination"], b["routing_key"]) for b in bindings}
    assert {(b["source"], b["destination"], b["routing_key"]) for b in made["bindings"]} <= bound


def all_governed(broker, names):
    there = queues_of(broker)
    return there if all(there[name].get("policy") for name in names) else None


def test_14_a_message_waits_in_a_tier_for_seconds_and_returns_to_the_one_that_failed(channel):
    started = time.monotonic()
    headers = wire.retry_headers({}, attempt=2, exchange="account.events", routing_key="account.ticked")
    send(channel, exchange=wire.TIERS[0].name("retention"), key=QUEUE, application_headers=headers)
    message = fetch(channel, QUEUE)
    assert 4.5 <= time.monotonic() - started < 15
    assert (message.delivery_info["exchange"], message.delivery_info["routing_key"]) == ("returns-retention", QUEUE)
    got = read(message)
    assert (got.source, got.type, got.attempt) == ("account", "account.ticked", 2)


def test_16_declaring_again_after_a_change_of_policy_is_no_precondition_failed(broker, channel):
    path = f"/api/policies/{broker.vhost}/changed"
    changed = {"pattern": "^evt-", "definition": {"delivery-limit": 3}, "apply-to": "queues", "priority": 50}
    server = broker.infrastructure.broker
    server.call("PUT", path, changed)
    try:
        ensure(channel.connection, relay_env.TOPOLOGY)
    finally:
        server.call("DELETE", path)


def test_16_other_arguments_would_be_refused_with_406(broker, channel):
    arguments = {"x-queue-type": "quorum", "x-delivery-limit": 3}
    with relay_env.channel_to(broker) as other, pytest.raises(amqp.PreconditionFailed):
        other.queue_declare(QUEUE, durable=True, auto_delete=False, arguments=arguments)


def test_18_a_renamed_handler_finds_its_queue_again():
    class Before(relay_env.Service):
        name = "retention"

        @relay_env.handles(relay_env.Ticked)
        def old_name(self, message, tx):
            """Only declared."""

    class After(relay_env.Service):
        name = "retention"

        @relay_env.handles(relay_env.Ticked)
        def new_name(self, message, tx):
            """Only declared."""

    assert topology.topology_of([Before]) == topology.topology_of([After])


def test_22_attempts_are_counted_in_a_header_that_survives_being_published_again(channel):
    headers = {}
    for attempt in (2, 3):
        headers = wire.retry_headers(
            headers, attempt=attempt, exchange="account.events", routing_key="account.ticked"
        )
        send(channel, exchange=wire.TIERS[0].name("retention"), key=QUEUE, application_headers=headers)
        message = fetch(channel, QUEUE)
        headers = message.properties["application_headers"]
        assert wire.attempt_of(headers) == attempt
        # What the broker adds says nothing of the attempts before: it was not told of them.
        assert "x-death" not in wire.retry_headers(headers, attempt=9, exchange="", routing_key=QUEUE)


def test_23_reply_queues_stay_classic_and_event_queues_are_quorum(broker, channel):
    arguments = {"x-expires": 300000}
    channel.queue_declare("rpc.reply-probe-1", durable=True, auto_delete=False, arguments=arguments)
    kinds = {name: queue["type"] for name, queue in queues_of(broker).items()}
    assert kinds["rpc.reply-probe-1"] == "classic"
    assert kinds["rpc-retention"] == "classic"
    assert kinds[QUEUE] == "quorum"
    vhost = broker.infrastructure.broker.call("GET", f"/api/vhosts/{quote(broker.vhost, safe='')}").json()
    assert vhost.get("default_queue_type") in (None, "undefined", "classic")


def test_24_messages_that_a_crashing_consumer_had_prefetched_end_in_the_dead_queue_and_are_not_lost(
    broker, channel
):
    for number in range(3):
        send(channel, json.dumps({"number": number}).encode())
    for crash in range(topology.DELIVERY_LIMIT + 1):
        with relay_env.channel_to(broker) as crashing:
            got = []
            until(lambda crashing=crashing, got=got: prefetched(crashing, got, 3), what=f"crash {crash}")
    dead = wire.dead_queue("retention")
    numbers = sorted(json.loads(fetch(channel, dead).body)["number"] for _ in range(3))
    assert numbers == [0, 1, 2]
    assert channel.basic_get(QUEUE, no_ack=True) is None


def prefetched(channel, got, count):
    message = channel.basic_get(QUEUE)
    if message is not None:
        got.append(message)
    return len(got) == count


def test_15_a_dict_that_looks_like_a_kombu_type_comes_through_as_it_was_sent(channel):
    trap = {"__type__": "datetime", "__value__": "2020-01-01T00:00:00"}
    send(channel, json.dumps(trap).encode())
    assert read(fetch(channel, QUEUE)).data == trap


def test_a_queue_of_somebody_else_that_nobody_reads_stays_within_its_bounds(broker, channel):
    channel.queue_declare("evt-account-account.ticked--nogd.idle", durable=True, auto_delete=False)
    try:
        policy = until(lambda: queues_of(broker)["evt-account-account.ticked--nogd.idle"].get("policy"))
        assert policy == "outside-events"
        bounds = queues_of(broker)["evt-account-account.ticked--nogd.idle"]["effective_policy_definition"]
        assert bounds == {"max-length": topology.OUTSIDE_QUEUE_LENGTH, "overflow": "drop-head"}
    finally:
        channel.queue_delete("evt-account-account.ticked--nogd.idle")


def test_calls_that_nobody_fetches_expire_within_half_a_minute(broker, channel):
    until(lambda: all_governed(broker, {"rpc-retention"}), what="the policy to be told of")
    assert queues_of(broker)["rpc-retention"]["effective_policy_definition"]["message-ttl"] == 30_000
