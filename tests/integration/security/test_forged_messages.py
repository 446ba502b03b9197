"""A process that was taken over cannot put words into another's mouth, whichever way round the broker it takes."""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import amqp
import psycopg
import pytest
from kombu import Connection
from nameko.standalone.events import event_dispatcher
from psycopg.types.json import Jsonb

from services.account.deactivation.events import AccountDeactivated
from shared.bus import parked_messages, wire
from shared.bus.rpc_client import BusCaller
from shared.clock import Clock
from shared.database import Database
from shared.database.outbox import encode
from shared.errors import Conflict
from shared.events import Code
from shared.identifiers import new_id
from tests.integration import running
from tests.integration.relay import relay_env
from tests.integration.relay.relay_env import relaying
from tests.integration.security.test_broker_rights import log_in, walled
from tests.waiting import until

__all__ = ["log_in", "walled"]

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

QUEUE = "evt-account-account.deactivated--retention"
OUTSIDE_QUEUE = "evt-nogd-seat.closed--retention"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORIGIN = {wire.HEADER_EXCHANGE: "account.events", wire.HEADER_ROUTING_KEY: "account.deactivated"}
HEARD = """
CREATE TABLE IF NOT EXISTS heard (type text, told text);
GRANT SELECT, INSERT ON heard TO retention;
"""


class Hearer:
    """What the service that stands in for retention has heard and parked."""

    def __init__(self, databases):
        self.databases = databases

    def ask(self, query, *parameters):
        with psycopg.connect(self.databases.superuser_dsn("retention"), autocommit=True) as connection:
            asked = connection.execute(query, parameters)
            return asked.fetchall() if asked.description else []

    def heard(self):
        return self.ask("SELECT type, told FROM heard ORDER BY type, told")

    def parked(self):
        return self.ask("SELECT id, consumer, error_class, reason, body FROM parked ORDER BY parked_at")

    def replay(self, parked_id):
        """As the desk has it done."""
        database = Database(self.databases.dsn("retention"), source="retention", size=1)
        database.open()
        try:
            with database.transaction() as tx:
                return parked_messages.replay(tx, parked_id, actor="staff:7", now=Clock().now())
        finally:
            database.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("forged")


@pytest.fixture(scope="module")
def serving(walled, databases, folder):
    heard = {"exchange": "nogd.events", "write": "^$", "read": r"^seat\.closed$"}  # what the stand-in hears
    walled.infrastructure.broker.call("PUT", f"/api/topic-permissions/{walled.vhost}/retention", heard)
    with psycopg.connect(databases.superuser_dsn("retention")) as connection:
        connection.execute(HEARD)
    settings = {"TEST_DATABASE": databases.name("retention")}
    with running.service(
        "tests.integration.security.run_hearer", walled, folder=folder, user="retention", settings=settings
    ):
        yield Hearer(databases)


@pytest.fixture
def hearer(serving):
    serving.ask("TRUNCATE heard, parked, inbox, outbox, command_reply")
    return serving


def put(connection, body, *, exchange, key, headers=None, **properties):
    """Publish with whatever name is given on it."""
    with connection.channel() as channel:
        channel.confirm_select()
        message = amqp.Message(
            body, content_type="application/json", application_headers=headers or {}, **properties
        )
        channel.basic_publish_confirm(message, exchange=exchange, routing_key=key, confirm_timeout=10)


@pytest.fixture
def publish(log_in):
    """Publish as a process of ours."""
    return lambda user, body, **how: put(log_in(user), body, **how)


@contextmanager
def user_of(walled, **rights):
    """A user of the broker that is none of ours; its address."""
    server, name, password = walled.infrastructure.broker, f"nogd-{secrets.token_hex(4)}", secrets.token_hex(16)
    server.call("PUT", f"/api/users/{name}", {"password": password, "tags": ""})
    server.call("PUT", f"/api/permissions/{walled.vhost}/{name}", rights)
    try:
        yield f"amqp://{name}:{password}@{walled.host}:{walled.port}/{walled.vhost}"
    finally:
        server.call("DELETE", f"/api/users/{name}")


@pytest.fixture
def seat_office(walled):
    """A service of others: it makes and writes to its own exchange, and no more."""
    with user_of(walled, configure=r"^nogd\.events$", write=r"^nogd\.events$", read="^$") as uri:
        yield uri


@pytest.fixture
def almighty(walled):
    """A connection of somebody who may do everything at the broker."""
    with user_of(walled, configure=".*", write=".*", read=".*") as uri, Connection(uri) as connection:
        yield connection.connection


@pytest.fixture
def intruder(almighty):
    """Publish as somebody who may do everything at the broker."""
    return lambda body, **how: put(almighty, body, **how)


@pytest.fixture
def service_with_all_rights(walled, log_in):
    """Log in as a process that may do everything at the broker: what stands behind its rights has to hold too."""
    server, narrow = walled.infrastructure.broker, {}

    def connect(user):
        path = f"/api/permissions/{walled.vhost}/{user}"
        narrow[path] = {kind: server.call("GET", path).json()[kind] for kind in ("configure", "write", "read")}
        server.call("PUT", path, dict.fromkeys(narrow[path], ".*"))
        return log_in(user)

    yield connect
    for path, rights in narrow.items():
        server.call("PUT", path, rights)


def deactivated(account_id: UUID) -> AccountDeactivated:
    return AccountDeactivated(account_id=account_id, trigger=Code("request"), deactivated_at=NOW, user_count=1)


def body_of(account_id: UUID) -> bytes:
    return encode(deactivated(account_id), event_id=new_id(), source="account", now=NOW, sequence=1)


def queue_of(connection, user, **arguments):
    """A queue that bears the name of a process."""
    name = f"evt-{secrets.token_hex(4)}--{user}"
    with connection.channel() as channel:
        channel.queue_declare(name, durable=True, auto_delete=False, arguments=arguments)
    return name


@contextmanager
def relay_of(service, databases, walled, folder):
    """The real relay of one service's outbox."""
    table = relay_env.Table(databases, folder)
    with relaying(table, walled, service=service):
        yield


def test_what_the_relay_brings_is_heard(walled, databases, hearer, folder):
    account_id = uuid4()
    relay_env.Table(databases, folder).add(deactivated(account_id))
    with relay_of("account", databases, walled, folder):
        until(lambda: hearer.heard() == [("account.deactivated", str(account_id))], seconds=60)
    assert hearer.parked() == []


@pytest.mark.parametrize("named", ["with its own name", "without a name"])
@pytest.mark.parametrize("exchange", ["retry.retention.5s", "returns-retention", ""])
def test_an_event_forged_by_the_way_of_what_comes_back_is_not_believed(
    hearer, service_with_all_rights, exchange, named
):
    properties = {"user_id": "account"} if named == "with its own name" else {}
    connection = service_with_all_rights("account")
    put(connection, body_of(uuid4()), exchange=exchange, key=QUEUE, headers=ORIGIN, **properties)
    (parked,) = until(hearer.parked, seconds=60)
    assert (parked[1], parked[2]) == (QUEUE, "SenderNotBelieved")
    assert hearer.heard() == []


def test_nobody_can_sign_with_anothers_name(publish):
    tier = "retry.billing-sync.5s"
    with pytest.raises(amqp.PreconditionFailed):
        publish("billing-sync", b"{}", exchange=tier, key=QUEUE, headers=ORIGIN, user_id="relay")


def test_what_is_not_believed_cannot_be_sent_again_and_so_be_believed(hearer, intruder):
    intruder(body_of(uuid4()), exchange="", key=QUEUE, headers=ORIGIN)
    (parked,) = until(hearer.parked, seconds=60)
    with pytest.raises(Conflict, match="not believed"):
        hearer.replay(parked[0])
    assert hearer.ask("SELECT * FROM outbox") == []


def test_an_event_on_anothers_exchange_that_the_relay_has_not_brought_is_not_believed(hearer, intruder):
    intruder(body_of(uuid4()), exchange="account.events", key="account.deactivated")
    (parked,) = until(hearer.parked, seconds=60)
    assert parked[2] == "SenderNotBelieved"
    assert hearer.heard() == []


def test_the_relays_name_on_a_message_for_one_service_is_worth_nothing_at_another(
    hearer, databases, walled, folder, almighty
):
    """Its own outbox, a queue of its own name, and from there on to another's: the last step is nobody's right."""
    way = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": QUEUE, "x-message-ttl": 1}
    queue = queue_of(almighty, "account", **way)
    table = relay_env.Table(databases, folder)
    row = (new_id(), queue, f"parked/{uuid4()}", body_of(uuid4()), Jsonb(ORIGIN), table.clock.now())
    table.change(relay_env.ADD_REPLAY, *row)
    with relay_of("account", databases, walled, folder):
        (parked,) = until(hearer.parked, seconds=60)
    assert (parked[1], parked[2]) == (QUEUE, "SenderNotBelieved")
    assert hearer.heard() == []


def test_a_call_that_comes_from_a_queues_dead_letters_is_not_carried_out(walled, hearer, log_in):
    """The broker asks nobody's rights where it moves dead letters on: any call could be made so."""
    way = {"x-dead-letter-exchange": "nameko-rpc", "x-dead-letter-routing-key": "retention.release"}
    connection = log_in("notification")
    queue = queue_of(connection, "notification", **way, **{"x-message-ttl": 1})
    with connection.channel() as channel:
        channel.exchange_declare(queue, "fanout", durable=False, auto_delete=True)
        channel.queue_bind(queue, queue)
    call = json.dumps({"args": [], "kwargs": {"what": "everything"}}).encode()
    put(connection, call, exchange=queue, key="", reply_to=str(uuid4()))
    (parked,) = until(hearer.parked, seconds=60)
    assert (parked[1], parked[3]) == ("rpc-retention", "not_sent_as_a_call")
    assert hearer.heard() == []
    desk = BusCaller(walled.uri("desk"), name="desk")
    try:
        desk.call("retention", "release", what="this", timeout_seconds=20)
    finally:
        desk.close()
    assert hearer.heard() == [("release", "this")]


@pytest.mark.parametrize("body", [b'{"args": [], "kwargs": {"what": "nothing"}}', b"{"], ids=["a call", "none"])
@pytest.mark.parametrize("key", ["gateway.reply", "nobody", "account.end_for_erasure"])
def test_who_asks_to_be_answered_where_the_service_may_not_write_costs_nobody_an_answer(
    walled, hearer, publish, body, key
):
    """The broker would close the connection of the service that answers, and lose what others wait for."""
    elsewhere = f"gateway.reply.{uuid4()}" if key == "gateway.reply" else key
    desk = BusCaller(walled.uri("desk"), name="desk")
    try:
        for what in ("first", "second"):
            publish(
                "desk", body, exchange="nameko-rpc", key="retention.release", reply_to=elsewhere, user_id="desk"
            )
            desk.call("retention", "release", what=what, timeout_seconds=20)
    finally:
        desk.close()
    assert hearer.heard() == [("release", "first"), ("release", "second")]
    assert {parked[3] for parked in hearer.parked()} == {"not_its_own_reply_key"}


def test_a_call_through_an_exchange_of_the_callers_own_is_neither_carried_out_nor_answered(hearer, log_in):
    """Queues and exchanges are declared with one right: who may make one of a name may make the other."""
    name, connection = f"rpc.reply-gateway-{uuid4()}", log_in("gateway")
    with connection.channel() as channel:
        channel.exchange_declare(name, "fanout", durable=False, auto_delete=True)
        channel.exchange_bind("nameko-rpc", name, "")
    put(connection, b"{", exchange=name, key="retention.release", reply_to=f"gateway.reply.{uuid4()}")
    (parked,) = until(hearer.parked, seconds=60)
    assert (parked[1], parked[3]) == ("rpc-retention", "not_sent_as_a_call")


def test_a_call_that_a_header_takes_further_is_not_carried_out_there(walled, hearer, log_in):
    """`CC` names further routing keys, and RabbitMQ 3.10 asks for the right to the first alone."""
    connection = log_in("notification")
    call = json.dumps({"args": [], "kwargs": {"what": "everything"}}).encode()
    sender = {"reply_to": f"notification.reply.{uuid4()}", "user_id": "notification"}
    for allowed in ("account.letter_facts", "retention.timeline"):
        headers = {"CC": ["retention.release"], "BCC": ["retention.release"]}
        put(connection, call, exchange="nameko-rpc", key=allowed, headers=headers, **sender)
    desk = BusCaller(walled.uri("desk"), name="desk")
    try:
        desk.call("retention", "release", what="this", timeout_seconds=20)
    finally:
        desk.close()
    assert hearer.heard() == [("release", "this")]


def test_what_claims_to_have_been_given_up_is_not_kept_to_be_sent_again(hearer, intruder):
    death = {"queue": QUEUE, "reason": "delivery_limit", "exchange": "account.events", "count": 1}
    claims = {
        **ORIGIN,
        "x-death": [{**death, "routing-keys": ["account.deactivated"]}],
        "x-first-death-queue": QUEUE,
        "x-first-death-reason": "delivery_limit",
        "x-first-death-exchange": "account.events",
    }
    intruder(body_of(uuid4()), exchange="", key="dead-retention", headers=claims)
    (parked,) = until(hearer.parked, seconds=60)
    assert (parked[1], parked[2], bytes(parked[4])) == ("dead-retention", "SenderNotBelieved", b"")
    with pytest.raises(Conflict):
        hearer.replay(parked[0])


def test_a_forged_event_that_the_broker_gives_up_on_stays_one(hearer, intruder):
    """As above, but by the way that a true one takes."""
    death = {"queue": QUEUE, "reason": "delivery_limit", "exchange": "", "count": 1, "routing-keys": [QUEUE]}
    headers = {**ORIGIN, "x-death": [death]}
    intruder(body_of(uuid4()), exchange="dead", key="dead-retention", headers=headers)
    (parked,) = until(hearer.parked, seconds=60)
    assert (parked[1], parked[2]) == (QUEUE, "SenderNotBelieved")


def test_a_plain_dispatcher_of_others_is_heard(hearer, seat_office):
    seat_id = str(uuid4())
    dispatch(seat_office, seat_id=seat_id, failures=0)
    until(lambda: hearer.heard() == [("seat.closed", seat_id)], seconds=60)


def test_an_event_of_others_that_fails_at_first_is_heard_later(hearer, seat_office):
    seat_id = str(uuid4())
    dispatch(seat_office, seat_id=seat_id, failures=1)
    until(lambda: hearer.heard() == [("seat.closed", seat_id)], seconds=60)
    assert hearer.parked() == []


def test_an_event_of_others_that_was_parked_is_heard_when_it_is_sent_again(
    hearer, seat_office, databases, walled, folder
):
    seat_id = str(uuid4())
    dispatch(seat_office, seat_id=seat_id, failures=-1)
    (parked,) = until(hearer.parked, seconds=60)
    assert parked[3] == "it is not mended yet"
    hearer.ask("INSERT INTO heard VALUES ('mended', '')")
    assert hearer.replay(parked[0]) == OUTSIDE_QUEUE
    with relay_of("retention", databases, walled, folder):
        until(lambda: ("seat.closed", seat_id) in hearer.heard(), seconds=60)


def dispatch(uri, **data):
    """As plain nameko does it."""
    event_dispatcher({"AMQP_URI": uri}, mandatory=True)("nogd", "seat.closed", data)
