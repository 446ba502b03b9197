"""A process that was taken over cannot stop the messages of others that wait to be tried again."""

from __future__ import annotations

from uuid import uuid4

import amqp
import pytest

from shared.bus import wire
from shared.system import SERVICES
from tests.integration.security.test_broker_rights import log_in, refused, walled
from tests.waiting import until

__all__ = ["log_in", "walled"]

pytestmark = pytest.mark.integration

ATTACKER = "billing-sync"
VICTIM = "retention"
QUEUE = "evt-account-account.deactivated--retention"
ENOUGH = 40
"""The broker moves on 32 dead letters at a time; so many that it cannot move on hold up all behind them."""
TIER = wire.TIERS[0]


def messages(connection, exchange, key, *, count=1, headers=None):
    """Publish; raises what the broker says."""
    with connection.channel() as channel:
        channel.confirm_select()
        for _ in range(count):
            message = amqp.Message(b"{}", delivery_mode=2, application_headers=headers or {})
            channel.basic_publish_confirm(message, exchange=exchange, routing_key=key, confirm_timeout=20)


def tiers_of(walled, connection):
    """The tiers of five seconds into which a user may write, tried out."""
    found = walled.infrastructure.broker.call("GET", f"/api/exchanges/{walled.vhost}").json()
    names = [each["name"] for each in found if each["name"].startswith("retry.") and each["name"].endswith(".5s")]
    assert len(names) >= len(SERVICES)
    return [name for name in names if not refused(connection, putting(name, "nowhere"))]


def putting(exchange, key):
    def act(channel):
        channel.basic_publish_confirm(amqp.Message(b"{}"), exchange=exchange, routing_key=key)

    return act


def depth(channel, queue):
    return channel.queue_declare(queue, passive=True).message_count


def one_from(channel, queue, *, seconds=30):
    return until(lambda: channel.basic_get(queue, no_ack=True), seconds=seconds, what=f"a message in {queue}")


@pytest.fixture
def victim(log_in):
    with log_in(VICTIM).channel() as channel:
        channel.queue_purge(QUEUE)
        yield channel


@pytest.fixture
def attacker(log_in):
    connection = log_in(ATTACKER)
    with connection.channel() as channel:
        channel.queue_purge(wire.dead_queue(ATTACKER))
    return connection


@pytest.mark.parametrize("way", ["nowhere", "in a circle", "to another's tier", "by a header"])
def test_what_one_service_has_wait_holds_up_no_other_whatever_it_names(walled, victim, attacker, way):
    writable = tiers_of(walled, attacker)
    for tier in writable:
        key = {"nowhere": f"evt-{uuid4()}", "in a circle": tier}.get(way, TIER.name(VICTIM))
        headers = {"CC": [TIER.name(VICTIM), QUEUE]} if way == "by a header" else {}
        messages(attacker, tier, key, count=ENOUGH, headers=headers)
    messages(victim.connection, TIER.name(VICTIM), QUEUE)
    message = one_from(victim, QUEUE)
    assert message.delivery_info["exchange"] == wire.returns_exchange(VICTIM)
    assert victim.basic_get(QUEUE, no_ack=True) is None, "what another service had wait came here"


def test_what_comes_back_for_no_queue_leaves_the_tier_and_is_found_with_the_dead_ones(attacker):
    """So a service that has lost a queue does not stand still either."""
    key = f"evt-gone.{uuid4()}--{ATTACKER}"
    messages(attacker, TIER.name(ATTACKER), key, count=ENOUGH)
    own = "evt-account-account.updated--billing-sync"
    with attacker.channel() as channel:
        channel.queue_purge(own)
        messages(attacker, TIER.name(ATTACKER), own)
        one_from(channel, own)
        dead = [one_from(channel, wire.dead_queue(ATTACKER)) for _ in range(ENOUGH)]
        assert {(each.delivery_info["exchange"], each.delivery_info["routing_key"]) for each in dead} == {
            (wire.returns_exchange(ATTACKER), key)
        }
        until(lambda: depth(channel, TIER.name(ATTACKER)) == 0, seconds=20, what="the tier to be empty")


@pytest.mark.parametrize("exchange", [TIER.name(VICTIM), wire.returns_exchange(VICTIM), "", wire.RETIRED_TIERS[0]])
def test_no_queue_of_ones_own_may_send_its_dead_letters_to_anothers_tier(attacker, exchange):
    arguments = {"x-dead-letter-exchange": exchange, "x-dead-letter-routing-key": TIER.name(VICTIM)}

    def declare(channel):
        name = f"evt-{uuid4()}--{ATTACKER}"
        channel.queue_declare(name, durable=True, auto_delete=False, arguments=arguments)

    assert refused(attacker, declare)


def test_a_tier_that_one_service_has_filled_is_full_for_that_service_alone(walled, victim, attacker):
    server, policy = walled.infrastructure.broker, f"/api/policies/{walled.vhost}/small"
    small = {"pattern": r"^retry\.", "definition": {"max-length": 5}, "apply-to": "queues", "priority": 50}
    server.call("PUT", policy, small)
    try:
        with pytest.raises(amqp.exceptions.MessageNacked):
            messages(attacker, TIER.name(ATTACKER), "evt-x", count=1000)
        messages(victim.connection, TIER.name(VICTIM), QUEUE)
    finally:
        server.call("DELETE", policy)
    one_from(victim, QUEUE)
