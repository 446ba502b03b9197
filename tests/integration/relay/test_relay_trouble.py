"""The relay when broker, line or database misbehave: it does not hang, loses nothing, and goes on by itself."""

from __future__ import annotations

import json
import subprocess
import time
from contextlib import contextmanager

import psycopg
import pytest

from deploy.native import programs
from shared.bus import wire
from shared.bus.connection import BrokerTrouble
from shared.bus.publisher import Outcome, Outgoing, SingleThreadPublisher
from tests.integration.relay import relay_env
from tests.integration.relay.faulty_line import Line
from tests.integration.relay.relay_env import QUEUE, relaying, take, ticks
from tests.waiting import until

pytestmark = pytest.mark.integration

DEADLINE = 1.0


@pytest.fixture
def short_deadline(monkeypatch):
    monkeypatch.setattr("shared.bus.relay.CONFIRM_SECONDS", DEADLINE)


def numbers(messages):
    return [json.loads(message.body)["data"]["number"] for message in messages]


def outgoing(number, routing_key="account.ticked", *, exchange="account.events"):
    return Outgoing(key=str(number), exchange=exchange, routing_key=routing_key, body=b"{}")


@contextmanager
def publishing(broker, *, port=None):
    publisher = SingleThreadPublisher(relay_env.url_of(broker, port=port), name="test")
    publisher.open(wait_seconds=5)
    yield publisher
    publisher.close(wait_seconds=1)


def each_alone(*messages):
    return [[message] for message in messages]


def rabbitmqctl(broker, *arguments):
    """Run the tool itself as the broker's user; the machine's wrapper would look for another node."""
    subprocess.run(
        ["/usr/lib/rabbitmq/bin/rabbitmqctl", "-q", *arguments],
        env=broker.infrastructure.broker.environment,
        user=programs.run_as("rabbitmq"),
        check=True,
        capture_output=True,
        timeout=60,
    )


def test_12_a_broker_under_alarm_keeps_nothing_waiting_longer_than_the_deadline(table, broker, short_deadline):
    with relaying(table, broker) as relay:
        until(lambda: relay.state == "active")
        rabbitmqctl(broker, "set_vm_memory_high_watermark", "0.0000001")
        try:
            for event in ticks(5):
                table.add(event)
            until(lambda: relay_env.figure(relay, "vilkar_relay_trouble_total", code="blocked") >= 1)
            assert len(table.waiting()) == 5
            assert time.monotonic() - relay.alive_at < 10
        finally:
            rabbitmqctl(broker, "set_vm_memory_high_watermark", "0.4")
        until(lambda: not table.waiting(), seconds=30)
    seen = numbers(relay_env.take_all(broker, QUEUE))
    assert list(dict.fromkeys(seen)) == [1, 2, 3, 4, 5]
    assert len(seen) <= 5 + seen.count(1) - 1, "only the probe may have gone out more than once"


def test_a_line_that_falls_silent_is_given_up_after_the_deadline(table, broker, short_deadline):
    with Line((broker.host, broker.port)) as line, relaying(table, broker, port=line.port) as relay:
        until(lambda: relay.state == "active")
        line.silent.set()
        for event in ticks(20):
            table.add(event)
        until(lambda: relay_env.figure(relay, "vilkar_relay_trouble_total", code="confirm_deadline") >= 1)
        assert len(table.waiting()) == 20
        line.silent.clear()
        line.cut()
        until(lambda: not table.waiting(), seconds=30)
    seen = numbers(relay_env.take_all(broker, QUEUE))
    assert list(dict.fromkeys(seen)) == list(range(1, 21))


def test_a_line_that_is_cut_again_and_again_loses_nothing(table, broker):
    with Line((broker.host, broker.port)) as line, relaying(table, broker, port=line.port):
        for number in range(1, 61):
            table.add(*ticks(1, first=number))
            if number % 15 == 0:
                line.cut()
        until(lambda: not table.waiting(), seconds=60)
    assert set(numbers(relay_env.take_all(broker, QUEUE))) == set(range(1, 61))


def test_a_confirm_left_over_from_a_return_is_not_taken_for_the_next_message(table, broker):
    with publishing(broker) as publisher:
        for turn in range(5):
            base = turn * 10
            batch = each_alone(
                outgoing(base + 1, "account.nowhere"),
                outgoing(base + 2),
                outgoing(base + 3, "account.nowhere"),
            )
            outcome = publisher.publish_all(batch, deadline_seconds=5)
            assert outcome.confirmed == [str(base + 2)]
            assert outcome.failed == dict.fromkeys((str(base + 1), str(base + 3)), Outcome.UNROUTABLE)
            assert outcome.trouble is None


def test_a_confirm_left_over_from_a_missed_deadline_is_not_taken_for_the_next_message(table, broker):
    with Line((broker.host, broker.port)) as line, publishing(broker, port=line.port) as publisher:
        line.silent.set()
        outcome = publisher.publish_all(each_alone(outgoing(1)), deadline_seconds=0.3)
        assert (outcome.confirmed, outcome.trouble) == ([], "confirm_deadline")
        line.silent.clear()
        outcome = publisher.publish_all(each_alone(outgoing(3, "account.nowhere"), outgoing(4)), deadline_seconds=5)
        assert (outcome.confirmed, outcome.failed) == (["4"], {"3": Outcome.UNROUTABLE})
        line.cut()
        assert publisher.publish_all(each_alone(outgoing(5)), deadline_seconds=5).confirmed == []
        assert publisher.publish_all(each_alone(outgoing(6)), deadline_seconds=5).trouble is not None


def test_within_a_lane_nothing_overtakes_a_message_that_was_not_taken(table, broker):
    with publishing(broker) as publisher:
        lanes = [[outgoing(1), outgoing(2, "account.nowhere"), outgoing(3)], [outgoing(4)]]
        outcome = publisher.publish_all(lanes, deadline_seconds=5)
    assert sorted(outcome.confirmed) == ["1", "4"]
    assert outcome.failed == {"2": Outcome.UNROUTABLE}
    assert len(relay_env.take_all(broker, QUEUE)) == 2


def test_a_name_too_long_for_the_wire_spoils_no_batch(table, broker):
    with publishing(broker) as publisher:
        outcome = publisher.publish_all(each_alone(outgoing(1, "x" * 256), outgoing(2)), deadline_seconds=5)
    assert (outcome.confirmed, outcome.failed) == (["2"], {"1": Outcome.UNPUBLISHABLE})


def test_a_broker_that_cannot_be_reached_is_trouble_and_not_a_hang(broker):
    started = time.monotonic()
    with pytest.raises(BrokerTrouble), publishing(broker, port=1):
        pytest.fail("nobody listens there")
    assert time.monotonic() - started < 6


def test_17_a_missing_permission_is_told_and_tried_again_and_ends_nothing(table, broker):
    permissions = f"/api/permissions/{broker.vhost}/relay"
    server = broker.infrastructure.broker
    before = server.call("GET", permissions).json()
    rights = {kind: before[kind] for kind in ("configure", "write", "read")}
    table.add(*ticks(3))
    server.call("PUT", permissions, {**rights, "write": "^$"})
    try:
        with relaying(table, broker) as relay:
            until(lambda: relay_env.figure(relay, "vilkar_relay_trouble_total", code="amqp_403") >= 2)
            assert relay.state == "trouble"
            assert len(table.waiting()) == 3
            server.call("PUT", permissions, rights)
            assert numbers(take(broker, QUEUE, count=3)) == [1, 2, 3]
    finally:
        server.call("PUT", permissions, rights)


def test_of_two_relays_one_stands_by_and_takes_over_when_the_other_loses_its_session(table, broker):
    with relaying(table, broker) as first:
        until(lambda: first.state == "active")
        with relaying(table, broker) as second:
            until(lambda: second.state == "standby")
            for number in range(1, 101):
                table.add(*ticks(1, first=number))
                if number in (30, 60):
                    before = (first.state, second.state)
                    end_the_leader(table)
                    until(lambda before=before: (first.state, second.state) != before)
            until(lambda: not table.waiting())
            assert sorted((first.state, second.state)) in (["active", "standby"], ["active", "trouble"])
    assert set(numbers(relay_env.take_all(broker, QUEUE))) == set(range(1, 101))


def end_the_leader(table):
    with psycopg.connect(table.databases.superuser_dsn("account"), autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchall()
    assert ended == [(True,)]


def test_31_events_lie_in_queues_that_are_on_the_disk_before_they_are_confirmed(table, broker):
    queues = broker.infrastructure.broker.call("GET", f"/api/queues/{broker.vhost}").json()
    kinds = {queue["name"]: queue["type"] for queue in queues}
    events = [name for name in kinds if name.startswith(("evt-", "dead-", "retry."))]
    assert wire.event_queue("account", "account.ticked", "retention") in events
    assert {kinds[name] for name in events if "nogd" not in name} == {"quorum"}
