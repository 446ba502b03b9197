"""What a person sends back from the parked list goes through the real relay to the queue it failed in."""

from __future__ import annotations

from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from shared.bus import wire
from shared.identifiers import new_id
from tests.integration.relay.relay_env import ADD_REPLAY, QUEUE, relaying, take, take_all, ticks
from tests.waiting import until

pytestmark = pytest.mark.integration

OWN_QUEUE = "evt-retention-erasure.ordered--account"


def send_back(table, queue, body, headers):
    row = (new_id(), queue, f"parked/{uuid4()}", body, Jsonb(headers), table.clock.now())
    assert table.change(ADD_REPLAY, *row) == 1


@pytest.fixture
def own_queue(table, broker):
    from tests.integration.relay import relay_env

    with relay_env.channel_to(broker) as channel:
        channel.queue_declare(OWN_QUEUE, durable=True, auto_delete=False)
        channel.queue_purge(OWN_QUEUE)


@pytest.mark.parametrize("body", [b"\x80\x04\x95 no JSON", b"[1]", b'{"specversion": "1.0"}'])
def test_a_replayed_message_arrives_with_its_bytes_and_tells_where_it_came_from(table, broker, own_queue, body):
    headers = {
        wire.HEADER_ATTEMPT: 1,
        wire.HEADER_EXCHANGE: "retention.events",
        wire.HEADER_ROUTING_KEY: "erasure.ordered",
        wire.HEADER_ID: str(uuid4()),
    }
    send_back(table, OWN_QUEUE, body, headers)
    with relaying(table, broker):
        (message,) = take(broker, OWN_QUEUE, count=1)
        until(lambda: not table.waiting())
    got = message.body if isinstance(message.body, bytes) else message.body.encode()
    assert got == body
    assert message.properties["application_headers"] == {**headers, wire.HEADER_OUTBOX: "account"}
    assert message.properties["user_id"] == "relay"
    assert (message.properties["type"], message.properties["app_id"]) == ("erasure.ordered", "retention")


def test_a_replayed_message_goes_to_no_other_queue_and_in_nobody_elses_name(table, broker, own_queue):
    """`CC` and `BCC` would name further queues to the broker."""
    elsewhere = {name: [QUEUE] for name in ("CC", "BCC")}
    send_back(table, OWN_QUEUE, b"{}", {**elsewhere, wire.HEADER_OUTBOX: "retention"})
    with relaying(table, broker):
        (message,) = take(broker, OWN_QUEUE, count=1)
        until(lambda: not table.waiting())
    assert message.properties["application_headers"] == {wire.HEADER_OUTBOX: "account"}
    assert take_all(broker, QUEUE) == []


def test_a_row_addressed_to_the_queue_of_another_service_is_never_published(table, broker):
    for queue in (QUEUE, "rpc-account", "retry.account.5s"):
        send_back(table, queue, b"{}", {})
    table.add(*ticks(1))
    with relaying(table, broker):
        take(broker, QUEUE, count=1)
        until(lambda: table.rows("last_error", "published_at IS NULL") == [("foreign_exchange",)] * 3)
