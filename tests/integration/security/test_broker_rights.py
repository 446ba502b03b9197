"""What a process that was taken over can do at the broker: no more than its own program."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import amqp
import pytest

from deploy.provision import broker_permissions, rabbitmq
from shared.bus import topology, wire
from shared.bus.discovery import services
from shared.bus.ensure_topology import ensure
from shared.bus.rpc_client import BusCaller
from shared.bus.topology import topology_of
from shared.errors import DeadlineExceeded
from shared.system import BUS_PROCESSES, wire_name
from tests.integration.security.attack_matrix import calls_of

pytestmark = pytest.mark.integration

OUTSIDER = "nogd"
UNANSWERED_SECONDS = 2.0
USERS = sorted(map(wire_name, BUS_PROCESSES))


@pytest.fixture(scope="module")
def walled(broker):
    """A virtual host with what the system has: its queues, its rights."""
    made = broker.infrastructure.broker
    system = topology.of_this_system(outside=(OUTSIDER,))
    made.call("POST", f"/api/definitions/{broker.vhost}", topology.definitions(system, vhost=broker.vhost))
    for entry in broker_permissions.permissions(system, USERS, broker.vhost):
        body = {kind: entry[kind] for kind in ("configure", "write", "read")}
        made.call("PUT", f"/api/permissions/{broker.vhost}/{entry['user']}", body)
    for entry in broker_permissions.topic_permissions(system, USERS, broker.vhost):
        body = {kind: entry[kind] for kind in ("exchange", "write", "read")}
        made.call("PUT", f"/api/topic-permissions/{broker.vhost}/{entry['user']}", body)
    return broker


@pytest.fixture
def log_in(walled):
    connections = []

    def connect(user: str) -> amqp.Connection:
        connection = amqp.Connection(
            f"{walled.host}:{walled.port}",
            userid=user,
            password=walled.password(user),
            virtual_host=walled.vhost,
            connect_timeout=5,
        )
        connection.connect()
        connections.append(connection)
        return connection

    yield connect
    for connection in connections:
        connection.collect()


def refused(connection, act) -> bool:
    """Whether the broker says 403 to what `act` does on a channel."""
    channel = connection.channel()
    channel.confirm_select()
    try:
        act(channel)
    except amqp.exceptions.AccessRefused:
        return True
    return False


def publishing(exchange: str, key: str):
    def act(channel) -> None:
        channel.basic_publish_confirm(amqp.Message("{}"), exchange=exchange, routing_key=key)

    return act


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
def test_every_service_can_set_up_what_is_its_own(log_in, service):
    ensure(log_in(service.name), topology_of([service]))


@pytest.mark.parametrize("name", ["retention", "audit"])
def test_a_participant_of_others_is_heard_and_its_exchange_is_neither_made_nor_removed(log_in, name):
    (service,) = [service for service in services() if service.name == name]
    ensure(log_in(name), topology_of([service], outside=(OUTSIDER,)))
    for exchange in ("account.events", f"{OUTSIDER}.events"):
        assert refused(log_in(name), lambda channel, named=exchange: channel.exchange_delete(named))
    assert refused(log_in(name), lambda channel: channel.exchange_declare("their-x.events", "topic"))


@pytest.mark.parametrize("user", [user for user in USERS if user != "relay"])
def test_answers_to_another_process_cannot_be_heard(log_in, user):
    """Not with its key, and not with a pattern that its key would match."""
    own = str(uuid4())
    queue = f"rpc.reply-{user}-{own}"
    connection = log_in(user)
    with connection.channel() as channel:
        channel.queue_declare(queue, durable=True, auto_delete=False, arguments={"x-expires": 60_000})
        channel.queue_bind(queue, "nameko-rpc", wire.reply_key(user, own))
    others = [
        make(other, str(uuid4()))
        for other in (*USERS, OUTSIDER)
        for make in (wire.reply_key, wire.outside_reply_key)
        if other != user
    ]
    patterns = ["#", "*", "*.*", "*.*.*", "*.reply.*", f"{user}.reply.*", f"{user}.reply.#", f"{user}.#"]
    for key in (*others, *patterns, str(uuid4())):
        bind = partial(amqp.Channel.queue_bind, queue=queue, exchange="nameko-rpc", routing_key=key)
        assert refused(connection, bind), key


@pytest.mark.parametrize("user", ["gateway", "desk", "relay"])
def test_who_answers_no_calls_can_forge_no_answer(log_in, user):
    for other in USERS:
        assert refused(log_in(user), publishing("nameko-rpc", wire.reply_key(other, str(uuid4())))), other


def test_answers_go_only_to_those_who_ask(log_in):
    assert not refused(log_in("billing-sync"), publishing("nameko-rpc", wire.reply_key("desk", str(uuid4()))))
    assert refused(log_in("billing-sync"), publishing("nameko-rpc", wire.reply_key("audit", str(uuid4()))))
    assert not refused(log_in("billing-sync"), publishing("nameko-rpc", str(uuid4()))), "plain nameko's own keys"


@pytest.mark.parametrize("user", [user for user in USERS if user != "relay"])
def test_every_process_can_call_and_be_answered(walled, user):
    """All calls at once: the broker takes each, and nobody is there to answer it."""
    caller = BusCaller(walled.uri(user), name=user, default_seconds=UNANSWERED_SECONDS)
    calls = [(service, method) for service, methods in broker_permissions.CALLS[user].items() for method in methods]

    def taken(call: tuple[str, str]) -> bool:
        try:
            caller.call(*call)
        except DeadlineExceeded:
            return True
        return False

    caller.open(wait_seconds=10)
    try:
        with ThreadPoolExecutor(max(len(calls), 1)) as pool:
            not_taken = [call for call, was in zip(calls, pool.map(taken, calls), strict=True) if not was]
        assert not_taken == []
        assert caller.connection.ready, "the broker has thrown it out"
    finally:
        caller.close()


@pytest.mark.parametrize(
    ("user", "call"),
    [
        ("gateway", "account.letter_facts"),
        ("gateway", "account.search_accounts"),
        ("gateway", "account.login_origins"),
        ("gateway", "account.reactivate_account"),
        ("gateway", "account.begin_erasure"),
        ("gateway", "retention.release"),
        ("gateway", "account.parked_show"),
        ("gateway", "audit.logins"),
        ("billing-sync", "account.letter_facts"),
        ("notification", "account.get_account"),
        ("audit", "account.letter_facts"),
        ("desk", "account.letter_facts"),
        ("desk", "account.begin_erasure"),
        ("relay", "account.get_account"),
        ("account", "retention.release"),
    ],
)
def test_a_call_that_is_not_its_own_is_refused(log_in, user, call):
    assert refused(log_in(user), publishing("nameko-rpc", call))


@pytest.mark.parametrize("user", [user for user in USERS if user != "relay"])
@pytest.mark.parametrize("exchange", ["account.events", "retention.events", "", "dead"])
def test_nobody_but_the_relay_publishes_events(log_in, user, exchange):
    assert refused(log_in(user), publishing(exchange, "account.deactivated"))


def test_the_relay_publishes_events(log_in):
    assert not refused(log_in("relay"), publishing("account.events", "account.deactivated"))


@pytest.mark.parametrize("user", [user for user in USERS if user != "account"])
def test_calls_to_another_service_can_be_neither_taken_nor_copied(log_in, user):
    assert refused(log_in(user), lambda channel: channel.basic_get("rpc-account"))
    assert refused(log_in(user), lambda channel: channel.queue_purge("rpc-account"))
    assert refused(log_in(user), lambda channel: channel.queue_delete("rpc-account"))
    name = f"rpc.reply-{user}-{uuid4()}"

    def eavesdrop(channel) -> None:
        channel.queue_declare(name, durable=True, auto_delete=True)
        channel.queue_bind(name, "nameko-rpc", "account.*")

    assert refused(log_in(user), eavesdrop)


def test_a_service_reads_no_events_meant_for_another(log_in):
    assert refused(log_in("billing-sync"), lambda c: c.basic_get("evt-account-account.registered--audit"))
    assert refused(log_in("gateway"), lambda c: c.basic_get("evt-account-account.registered--audit"))


def test_what_no_service_could_read_the_broker_does_not_take(log_in):
    channel = log_in("gateway").channel()
    channel.confirm_select()
    message = amqp.Message(b" " * (rabbitmq.MESSAGE_LIMIT_BYTES + 1))
    with pytest.raises(amqp.exceptions.PreconditionFailed):
        channel.basic_publish_confirm(message, exchange="nameko-rpc", routing_key="account.log_in")


@pytest.mark.parametrize("user", USERS)
def test_a_program_may_make_the_calls_that_it_asks_and_no_others(user):
    assert {service: set(methods) for service, methods in broker_permissions.CALLS[user].items()} == calls_of(user)
