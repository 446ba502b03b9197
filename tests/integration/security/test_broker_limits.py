"""One process that was taken over cannot use up the broker's connections, channels and queues."""

from __future__ import annotations

from uuid import uuid4

import amqp
import pytest

from deploy.provision import broker_permissions, outside_service
from tests.integration.security.test_broker_rights import log_in, walled
from tests.waiting import until

__all__ = ["log_in", "walled"]

pytestmark = pytest.mark.integration

NAME = "seats"


@pytest.fixture
def outsider(walled):
    """Opens connections as a service of others; the limits of our own users belong to all tests at once."""
    ask, connections = walled.infrastructure.broker.call, []
    password = outside_service.make(ask, walled.vhost, NAME)

    def connect():
        connection = amqp.Connection(
            f"{walled.host}:{walled.port}", userid=NAME, password=password, virtual_host=walled.vhost
        )
        connections.append(connection)
        connection.connect()
        return connection

    yield connect
    for connection in connections:
        connection.collect()
    ask("DELETE", f"/api/users/{NAME}")


def limit(walled, kind, value):
    walled.infrastructure.broker.call("PUT", f"/api/user-limits/{NAME}/{kind}", {"value": value})


def test_a_service_of_others_has_limits_from_the_start(walled, outsider):
    (found,) = walled.infrastructure.broker.call("GET", f"/api/user-limits/{NAME}").json()
    assert found["value"] == dict(broker_permissions.OUTSIDE_LIMITS)
    assert outsider().connected


def test_who_has_all_its_connections_gets_no_more_and_the_others_still_do(walled, outsider, log_in):
    limit(walled, "max-connections", 3)
    opened = [outsider() for _ in range(3)]
    with pytest.raises(amqp.NotAllowed, match="limit"):
        outsider()
    assert log_in("account").connected
    opened[0].close()
    assert until(lambda: again(outsider), seconds=20, what="a connection in place of the one that was closed")


def again(outsider):
    try:
        return outsider()
    except amqp.NotAllowed:
        return None


def test_who_has_all_its_channels_gets_no_more(walled, outsider, log_in):
    limit(walled, "max-channels", 5)
    connection = outsider()
    opened = [connection.channel() for _ in range(5)]
    with pytest.raises(amqp.NotAllowed, match="limit"):
        connection.channel()
    assert len(opened) == 5
    assert log_in("account").channel().is_open


def test_there_are_only_so_many_queues_and_those_that_are_there_go_on(walled, outsider, log_in):
    ask, path = walled.infrastructure.broker.call, f"/api/vhost-limits/{walled.vhost}/max-queues"
    there = len(ask("GET", f"/api/queues/{walled.vhost}").json())
    ask("PUT", path, {"value": there + 3})
    names = [f"rpc.reply-{NAME}-{uuid4()}" for _ in range(4)]
    try:
        channel = outsider().channel()
        for name in names[:3]:
            channel.queue_declare(name, durable=True, auto_delete=False)
        with pytest.raises(amqp.PreconditionFailed, match="limit"):
            channel.queue_declare(names[3], durable=True, auto_delete=False)
        own = log_in("retention").channel()
        assert own.queue_declare("rpc-retention", durable=True, auto_delete=False).queue == "rpc-retention"
    finally:
        ask("DELETE", path)
        for name in names[:3]:
            ask("DELETE", f"/api/queues/{walled.vhost}/{name}")
