"""Tiers that all services once shared go without a message in them, and without a process of before, being lost."""

from __future__ import annotations

import amqp
import pytest

from deploy.provision import broker_permissions, retired_tiers
from shared.bus import topology, wire
from shared.bus.discovery import services
from tests.integration.security.test_broker_rights import USERS, log_in, refused
from tests.integration.security.test_waiting_tiers import depth, messages, one_from, putting
from tests.waiting import until

__all__ = ["log_in"]

pytestmark = pytest.mark.integration

QUEUE = "evt-account-account.deactivated--retention"
SHARED, SHARED_HOUR = "retry.5s", "retry.3600s"


@pytest.fixture
def before(broker):
    """A broker as it was set up when all services shared their tiers."""
    server = broker.infrastructure.broker
    for user in USERS:
        server.call(
            "PUT", f"/api/permissions/{broker.vhost}/{user}", dict.fromkeys(("configure", "write", "read"), ".*")
        )
    with whole(broker) as connection, connection.channel() as channel:
        for tier, name in zip(wire.TIERS, wire.RETIRED_TIERS, strict=True):
            channel.exchange_declare(name, "fanout", durable=True, auto_delete=False)
            arguments = dict(topology.tier_queue(tier, "x").arguments) | {"x-dead-letter-exchange": ""}
            channel.queue_declare(name, durable=True, auto_delete=False, arguments=arguments)
            channel.queue_bind(name, name)
    yield server.call
    for path in (f"/api/queues/{broker.vhost}/{name}" for name in names(server.call, broker.vhost, "queues")):
        server.call("DELETE", path)


@pytest.fixture
def walled(before, broker):
    """So that one logs in here as where the rights are tried."""
    return broker


def whole(broker):
    return amqp.Connection(
        f"{broker.host}:{broker.port}", userid="admin", virtual_host=broker.vhost,
        password=broker.infrastructure.broker.admin_password,
    )  # fmt: skip


def wanted(vhost):
    system = topology.topology_of([each for each in services() if each.name in ("audit", "retention")])
    return {
        **topology.definitions(system, vhost=vhost),
        "permissions": broker_permissions.permissions(system, USERS, vhost),
        "topic_permissions": broker_permissions.topic_permissions(system, USERS, vhost),
    }


def names(ask, vhost, kind):
    return {each["name"] for each in ask("GET", f"/api/{kind}/{vhost}").json()}


def test_an_upgrade_loses_nothing_that_waits_and_ends_with_tiers_of_each_services_own(before, broker, log_in):
    ask, vhost = before, broker.vhost
    definitions = wanted(vhost)
    process = log_in("retention")
    messages(process, SHARED_HOUR, QUEUE)
    until(lambda: any(each.get("vhost") == vhost for each in ask("GET", "/api/connections").json()))

    said = retired_tiers.take_up(ask, vhost, definitions)
    assert len(said) == 1
    own = wire.TIERS[0].name("retention")
    with process.channel() as channel:
        for tier in (SHARED, own):  # a process of before, and one of after
            messages(process, tier, QUEUE)
            message = one_from(channel, QUEUE)
            assert (message.delivery_info["exchange"], channel.basic_get(QUEUE)) == ("", None)
        assert refused(process, putting("retry.audit.5s", QUEUE))

        (left,) = retired_tiers.retire(ask, vhost, definitions)
        assert left.startswith(f"{SHARED_HOUR} holds 1 messages")
        assert names(ask, vhost, "exchanges") & set(wire.RETIRED_TIERS) == set()
        assert names(ask, vhost, "queues") & set(wire.RETIRED_TIERS) == {SHARED_HOUR}
        assert refused(process, putting(SHARED, QUEUE))
        messages(process, own, QUEUE)
        assert one_from(channel, QUEUE).delivery_info["exchange"] == wire.returns_exchange("retention")
    process.close()

    with whole(broker) as connection, connection.channel() as channel:
        assert depth(channel, SHARED_HOUR) == 1
        channel.queue_purge(SHARED_HOUR)
    assert retired_tiers.take_up(ask, vhost, definitions) == []
    assert names(ask, vhost, "queues") & set(wire.RETIRED_TIERS) == set()
    patterns = {each["name"] for each in ask("GET", f"/api/policies/{vhost}").json()}
    assert patterns == {each["name"] for each in definitions["policies"]}


def test_where_no_process_runs_they_go_at_once(before, broker):
    ask, vhost = before, broker.vhost
    assert retired_tiers.take_up(ask, vhost, wanted(vhost)) == []
    for kind in ("exchanges", "queues"):
        assert names(ask, vhost, kind) & set(wire.RETIRED_TIERS) == set()
