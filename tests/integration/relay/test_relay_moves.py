"""The relay against a real outbox and a real broker: what is committed arrives, in order, and is marked."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from shared import context
from shared.bus import wire
from shared.database.outbox import Outbox as OutboxTable
from tests.integration.relay import relay_env
from tests.integration.relay.relay_env import QUEUE, Ticked, Tocked, Whispered, relaying, take, ticks
from tests.waiting import until

pytestmark = pytest.mark.integration

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def numbers(messages):
    return [json.loads(message.body)["data"]["number"] for message in messages]


def test_committed_events_arrive_in_order_and_are_marked(table, broker):
    ids = [table.add(event)[0] for event in ticks(50)]
    with relaying(table, broker) as relay:
        messages = take(broker, QUEUE, count=50)
        until(lambda: not table.waiting())
        until(lambda: relay_env.figure(relay, "vilkar_relay_published_total") == 50)
    assert [message.properties["message_id"] for message in messages] == [str(event_id) for event_id in ids]
    assert numbers(messages) == list(range(1, 51))


def test_a_rolled_back_transaction_publishes_nothing(table, broker):
    with psycopg.connect(table.databases.dsn("account")) as connection:
        OutboxTable(connection, "account").add(*ticks(1), now=table.clock.now())
        connection.rollback()
    (kept,) = table.add(*ticks(1))
    with relaying(table, broker):
        (message,) = take(broker, QUEUE, count=1)
    assert message.properties["message_id"] == str(kept)


def test_an_event_is_identified_without_opening_its_body_and_decodes_to_what_was_written(table, broker):
    story = context.Context(correlation_id=uuid4(), causation_id=uuid4(), traceparent=TRACE)
    with context.working_in(story):
        (event_id,) = table.add(Ticked(account_id=uuid4(), number=7))
    with relaying(table, broker):
        (message,) = take(broker, QUEUE, count=1)
    properties = message.properties
    assert properties["message_id"] == str(event_id)
    assert (properties["type"], properties["app_id"]) == ("account.ticked", "account")
    assert properties["correlation_id"] == str(story.correlation_id)
    assert (properties["delivery_mode"], properties["content_type"]) == (2, "application/json")
    assert properties["application_headers"]["traceparent"] == TRACE
    got = wire.decode(
        message.body.encode() if isinstance(message.body, str) else bytes(message.body),
        content_type=properties["content_type"],
        headers=properties["application_headers"],
        exchange=message.delivery_info["exchange"],
        routing_key=message.delivery_info["routing_key"],
        received_at=table.clock.now(),
    )
    assert (got.id, got.causation_id, got.traceparent) == (event_id, story.causation_id, TRACE)
    assert Ticked.from_data(got.data).number == 7


def test_11_an_event_whose_queue_is_missing_waits_and_holds_back_only_its_own_subject(table, broker):
    relay_env.drop_queue(broker, wire.event_queue("account", "account.tocked", "retention"))
    mine, other = uuid4(), uuid4()
    table.add(Tocked(account_id=mine, number=1), *ticks(2, account_id=mine, first=2))
    table.add(*ticks(2, account_id=other, first=10))
    with relaying(table, broker):
        assert numbers(take(broker, QUEUE, count=2)) == [10, 11]
        until(lambda: len(table.waiting()) == 3)
        first = table.rows("attempts, last_error, retry_at IS NOT NULL")[0]
        assert (first[0] >= 1, first[1], first[2]) == (True, "no_route", True)
        assert [row[0] for row in table.rows("attempts")[1:3]] == [0, 0]
        relay_env.set_up(broker)
        table.clock.move(timedelta(minutes=10))
        assert numbers(take(broker, QUEUE, count=2)) == [2, 3]
        until(lambda: not table.waiting())
    assert numbers(take(broker, wire.event_queue("account", "account.tocked", "retention"), count=1)) == [1]


def test_an_event_that_nobody_hears_by_design_does_not_wait_for_a_listener(table, broker):
    table.add(Whispered(account_id=uuid4(), number=1))
    with relaying(table, broker):
        until(lambda: not table.waiting())


def test_a_listener_outside_hears_what_nobody_of_ours_hears(table, broker):
    with relay_env.channel_to(broker) as channel:
        channel.queue_declare("evt-account-account.whispered--nogd.hear", durable=True, auto_delete=False)
        channel.queue_bind("evt-account-account.whispered--nogd.hear", "account.events", "account.whispered")
    table.add(Whispered(account_id=uuid4(), number=1))
    with relaying(table, broker):
        take(broker, "evt-account-account.whispered--nogd.hear", count=1)


def test_a_row_that_speaks_for_another_service_is_never_published(table, broker):
    table.add(*ticks(1))
    assert table.change("UPDATE outbox SET exchange = 'retention.events'") == 1
    table.add(*ticks(1, first=5))
    with relaying(table, broker):
        assert numbers(take(broker, QUEUE, count=1)) == [5]
        until(lambda: table.rows("last_error", "published_at IS NULL") == [("foreign_exchange",)])


def test_a_full_queue_refuses_and_the_event_goes_when_there_is_room(table, broker):
    policy = f"/api/policies/{broker.vhost}/small"
    body = {
        "pattern": "^evt-account-account.ticked--retention$",
        "definition": {"max-length": 3, "overflow": "reject-publish"},
        "apply-to": "queues",
        "priority": 99,
    }
    server = broker.infrastructure.broker
    server.call("PUT", policy, body)
    try:
        for event in ticks(12):
            table.add(event)
        with relaying(table, broker):
            until(lambda: ("nacked",) in table.rows("last_error", "published_at IS NULL"))
            seen = []

            def drain():
                seen.extend(numbers(relay_env.take_all(broker, QUEUE)))
                table.clock.move(timedelta(minutes=1))
                return not table.waiting()

            until(drain)
            seen.extend(numbers(relay_env.take_all(broker, QUEUE)))
    finally:
        server.call("DELETE", policy)
    assert list(dict.fromkeys(seen)) == list(range(1, 13))


def test_a_missing_exchange_stops_nothing_for_good(table, broker):
    with relay_env.channel_to(broker) as channel:
        channel.exchange_delete("account.events")
    table.add(*ticks(3))
    with relaying(table, broker) as relay:
        until(lambda: relay_env.figure(relay, "vilkar_relay_trouble_total", code="amqp_404") >= 1)
        assert len(table.waiting()) == 3
        relay_env.set_up(broker)
        assert numbers(take(broker, QUEUE, count=3)) == [1, 2, 3]
        until(lambda: not table.waiting())


def test_25_an_event_whose_transaction_commits_late_is_not_passed_over(table, broker):
    with relaying(table, broker), psycopg.connect(table.databases.dsn("account")) as slow:
        early = OutboxTable(slow, "account").add(*ticks(1), now=table.clock.now())
        (late,) = table.add(*ticks(1, first=2))
        (first,) = take(broker, QUEUE, count=1)
        until(lambda: not table.waiting())
        slow.commit()
        (second,) = take(broker, QUEUE, count=1)
    assert [m.properties["message_id"] for m in (first, second)] == [str(late), str(early)]


def test_26_no_notify_is_sent_and_an_event_is_still_under_way_within_a_second(table, broker):
    with psycopg.connect(table.databases.superuser_dsn("account")) as connection:
        found = connection.execute(
            "SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace"
            " WHERE nspname = 'public' AND prosrc ~* 'notify'"
        ).fetchall()
    assert found == []
    with relaying(table, broker) as relay:
        until(lambda: relay.state == "active")
        table.add(*ticks(1))
        take(broker, QUEUE, count=1, seconds=1.0)


def test_published_rows_are_removed_after_seven_days_and_waiting_ones_never(table, broker):
    relay_env.drop_queue(broker, wire.event_queue("account", "account.tocked", "retention"))
    table.add(Tocked(account_id=uuid4(), number=1), *ticks(2))
    with relaying(table, broker):
        until(lambda: len(table.waiting()) == 1)
    # More than one portion is due: the relay goes on until fewer than a portion came.
    table.change(
        "INSERT INTO outbox (event_id, exchange, routing_key, subject, body, created_at, published_at)"
        " SELECT gen_random_uuid(), 'account.events', 'account.ticked', 's', '{}', %s, %s"
        " FROM generate_series(1, 2500)",
        table.clock.now(),
        table.clock.now(),
    )
    table.clock.move(timedelta(days=6, hours=23))
    with relaying(table, broker) as relay:
        until(lambda: relay_env.figure(relay, "vilkar_outbox_waiting") == 1)
        assert len(table.rows()) == 2503
    table.clock.move(timedelta(hours=2))
    with relaying(table, broker) as relay:
        until(lambda: len(table.rows()) == 1)
        assert relay_env.figure(relay, "vilkar_relay_forgotten_total") == 2502
    assert len(table.waiting()) == 1


def test_depth_and_age_of_what_waits_are_measured(table, broker):
    relay_env.drop_queue(broker, wire.event_queue("account", "account.tocked", "retention"))
    table.add(*(Tocked(account_id=uuid4(), number=n) for n in range(4)))
    with relaying(table, broker):
        until(lambda: [row[0] for row in table.rows("attempts")] == [1] * 4)
    table.clock.move(timedelta(hours=1))
    with relaying(table, broker) as relay:
        until(lambda: relay_env.figure(relay, "vilkar_outbox_waiting") == 4)
        assert 3600 <= relay_env.figure(relay, "vilkar_outbox_oldest_seconds") < 3700


def test_a_large_backlog_is_cut_into_batches_by_size_too(table, broker):
    table.add(*ticks(15))
    assert table.change("UPDATE outbox SET body = convert_to(%s, 'UTF8')", json.dumps({"x": "y" * 1_000_000})) == 15
    with relaying(table, broker):
        until(lambda: not table.waiting())
    relay_env.take_all(broker, QUEUE)


def test_19_of_the_headers_of_a_row_only_the_trace_is_published(table, broker):
    table.add(*ticks(1))
    headers = {"traceparent": TRACE, "x-death": "1", "x-attempt": 4, "nameko.user_id": "7"}
    assert table.change("UPDATE outbox SET headers = %s", json.dumps(headers)) == 1
    with relaying(table, broker):
        (message,) = take(broker, QUEUE, count=1)
    published = dict(message.properties["application_headers"])
    published.pop("x-delivery-count", None)
    assert published == {"traceparent": TRACE}
