"""The programs of `examples/`, plain nameko all of them, against the real services and the real broker."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from uuid import uuid4

import amqp
import psycopg
import pytest
from kombu import Connection

from deploy.provision import outside_service
from shared.bus import wire
from shared.bus.rpc_client import BusCaller
from shared.database.outbox import encode
from shared.errors import Internal
from shared.events import Code
from shared.identifiers import new_id
from shared.participation.calls import ExportPart
from shared.participation.events import ErasureOrdered, ExportOrdered
from tests.integration import running
from tests.integration.relay import relay_env
from tests.integration.relay.relay_env import relaying
from tests.integration.security.test_broker_rights import publishing, refused, walled
from tests.plugins.ledger import begin_ledger
from tests.waiting import until

__all__ = ["walled"]

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

CALL = """
import sys
from examples.declaring import look_only
from nameko.standalone.rpc import ServiceRpcProxy

look_only(sys.argv[3])
with ServiceRpcProxy("nogd", {"AMQP_URI": sys.argv[1]}, timeout=20) as nogd:
    assert nogd.close_seat(user_id=sys.argv[2]) == {"user_id": sys.argv[2]}
"""
HEARD = """
CREATE TABLE IF NOT EXISTS heard (message_id uuid, source text, type text, told text);
GRANT SELECT, INSERT ON heard TO retention;
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("wire")


NOGD, NEWCUSTOMERS = "nogd", "newcustomers"


@pytest.fixture(scope="module")
def outside(walled):
    """The addresses of services of others, each with the rights that `make outside-service` gives it."""
    ask = walled.infrastructure.broker.call
    passwords = {
        NOGD: outside_service.make(ask, walled.vhost, NOGD),
        NEWCUSTOMERS: outside_service.make(ask, walled.vhost, NEWCUSTOMERS, calls=["nogd.close_seat"]),
    }
    yield {
        name: f"amqp://{name}:{password}@{walled.host}:{walled.port}/{walled.vhost}"
        for name, password in passwords.items()
    }
    for name in passwords:
        ask("DELETE", f"/api/users/{name}")


@pytest.fixture(scope="module")
def whole(walled, outside):
    """Everything that our services declare, as the definitions bring it; the stand-in for retention hears more."""
    types = "seat.closed|erasure.step_completed|erasure.dry_run_answered".replace(".", r"\.")
    heard = {"exchange": "nogd.events", "write": "^$", "read": f"^({types})$"}
    walled.infrastructure.broker.call("PUT", f"/api/topic-permissions/{walled.vhost}/retention", heard)


@pytest.fixture
def account(whole, broker, databases, keyring_database, tmp_path):
    begin_ledger(broker.infrastructure, tmp_path, keyring_database.owner_dsn())
    settings = {
        "TEST_DATABASE": databases.name("account"),
        "TEST_KEYRING": keyring_database.name("keyring"),
        "VILKAR_REGISTER_URL": "http://127.0.0.1:9",
    }
    with running.service(
        "tests.integration.run_service", broker, "account", folder=tmp_path, user="account", settings=settings
    ):
        yield


@pytest.fixture
def listener(whole, broker, databases, folder):
    with psycopg.connect(databases.superuser_dsn("retention")) as connection:
        connection.execute(HEARD)
        connection.execute("DELETE FROM heard")
    settings = {"TEST_DATABASE": databases.name("retention"), "VILKAR_OUTSIDE_SERVICES": "nogd"}
    with running.service(
        "tests.integration.wire.run_listener", broker, folder=folder, user="retention", settings=settings
    ):
        yield lambda: heard(databases)


def heard(databases):
    with psycopg.connect(databases.superuser_dsn("retention")) as connection:
        return connection.execute("SELECT source, type, told FROM heard").fetchall()


def example(module, *arguments):
    """Run an example to its end; its exit status and its answer."""
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", f"examples.{module}", *arguments],
        cwd=running.REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def queue_exists(broker, queue):
    try:
        with relay_env.channel_to(broker) as channel:
            channel.queue_declare(queue, passive=True)
    except amqp.NotFound:
        return False
    return True


@contextmanager
def plain(module, uri, broker, folder, *, waits_for):
    with running.program(f"examples.{module}", uri, folder=folder) as process:
        until(lambda: queue_exists(broker, waits_for), seconds=60, what=process.told.read_text())
        yield process


def test_a_plain_client_signs_up_and_a_plain_listener_hears_of_it(account, outside, broker, databases, folder):
    table = relay_env.Table(databases, folder)
    queue = "evt-account-account.registered--newcustomers.welcome"
    with (
        plain("plain_listener", outside[NEWCUSTOMERS], broker, folder, waits_for=queue) as hearing,
        relaying(table, broker),
    ):
        email = f"kari.{uuid4().hex[:8]}@example.no"
        assert example("plain_client", outside[NOGD], "sign-up", "--email", email)["status"]
        line = until(lambda: hearing.told.read_text().strip(), seconds=60, what="the listener to print")
        account_id = json.loads(line.splitlines()[-1])["account_id"]
        shown = example("plain_client", outside[NOGD], "show", account_id)
    assert (shown["account_id"], shown["name"], shown["email"]) == (account_id, "Eksempel AS", email)


def test_a_plain_dispatchers_bare_dict_is_heard_by_a_service_of_ours(listener, outside, broker, folder):
    user_id = str(uuid4())
    with plain("plain_dispatcher", outside[NOGD], broker, folder, waits_for="rpc-nogd"):
        told = [CALL, outside[NEWCUSTOMERS], user_id, NEWCUSTOMERS]
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", *told], cwd=running.REPOSITORY, check=True, timeout=60
        )
        until(lambda: ("nogd", "seat.closed", user_id) in listener(), seconds=60, what="the seat to be heard of")


def test_a_plain_participant_forgets_when_ordered_and_says_so(listener, outside, broker, folder):
    order = ErasureOrdered(erasure_id=uuid4(), account_id=uuid4(), user_id=None, attempt=1)
    queue = "evt-retention-erasure.ordered--nogd.forget"
    with plain("plain_participant", outside[NOGD], broker, folder, waits_for=queue):
        publish(broker, order, "retention")
        told = f"nogd {order.erasure_id} {{'seats': 0}}"
        until(
            lambda: ("nogd", "erasure.step_completed", told) in listener(),
            seconds=60,
            what="the step to be heard of",
        )


def test_a_plain_contributor_is_asked_by_account_for_what_was_ordered_and_for_nothing_else(
    whole, outside, broker, folder
):
    order = ExportOrdered(account_id=uuid4(), export_id=uuid4(), kind=Code("access"))
    caller = BusCaller(broker.uri("account"), name="account", asks_outside=True)
    caller.open()
    try:
        with plain("plain_participant", outside[NOGD], broker, folder, waits_for="rpc-nogd"):
            with pytest.raises(Internal, match="NotOrderedError"):
                caller.ask(ExportPart(export_id=order.export_id), of="nogd")
            publish(broker, order, "account")
            answer = until(
                lambda: answered(caller, ExportPart(export_id=order.export_id)), seconds=60, what="its part"
            )
    finally:
        caller.close()
    assert (answer.page.table, answer.page.rows, answer.following) == ("seats", (), None)


def answered(caller, call):
    try:
        return caller.ask(call, of="nogd")
    except Internal:  # it has not heard of the order yet
        return None


def publish(broker, event, source):
    clock = relay_env.Clock(environment="test")
    event_id = new_id()
    body = encode(event, event_id=event_id, source=source, now=clock.now(), sequence=None)
    properties = wire.event_properties(event_id=event_id, event_type=event.type, source=source, time=clock.now())
    with relay_env.channel_to(broker, user="relay") as channel:
        channel.confirm_select()
        message = amqp.basic_message.Message(body, **properties | {"user_id": "relay"})
        channel.basic_publish_confirm(message, f"{source}.events", event.type, mandatory=True, confirm_timeout=5)


@pytest.mark.parametrize(
    "act",
    [
        lambda channel: channel.exchange_delete("nameko-rpc"),
        lambda channel: channel.exchange_delete("nogd.events"),
        lambda channel: channel.exchange_declare("nameko-rpc", "topic", durable=True, auto_delete=False),
        lambda channel: channel.queue_delete("rpc-account"),
        lambda channel: channel.queue_delete("evt-nogd-erasure.step_completed--retention"),
        lambda channel: channel.queue_purge("rpc-account"),
        lambda channel: channel.basic_get("dead-account"),
        lambda channel: channel.queue_declare("evt-account-account.registered--audit", durable=True),
        lambda channel: hearing(channel, "nameko-rpc", "account.*"),
        lambda channel: hearing(channel, "nameko-rpc", wire.reply_key("gateway", str(uuid4()))),
        lambda channel: hearing(channel, "nameko-rpc", wire.outside_reply_key("account", str(uuid4()))),
        lambda channel: hearing(channel, "account.events", "user.password_reset_requested"),
        lambda channel: hearing(channel, "account.events", "#"),
        publishing("nameko-rpc", "account.log_in"),
        publishing("nameko-rpc", "retention.release"),
        publishing("nameko-rpc", wire.reply_key("gateway", str(uuid4()))),
        publishing("nameko-rpc", wire.reply_key("account", str(uuid4()))),
        publishing("account.events", "account.registered"),
        publishing("retry.account.5s", "rpc-account"),
        publishing("", "rpc-account"),
    ],
)
def test_a_service_of_others_removes_takes_hears_and_says_nothing_of_ours(whole, outside, act):
    with Connection(outside[NOGD]) as connection:
        assert refused(connection.connection, act)


def hearing(channel, exchange, key):
    channel.queue_declare("evt-spy--nogd.spy", durable=True, auto_delete=False)
    channel.queue_bind("evt-spy--nogd.spy", exchange, key)


@pytest.mark.parametrize("name", ["account", "billing-sync", "admin", "guest", "search-1-0", "Nogd", "a b", ""])
def test_nobody_else_gets_a_name_of_ours(name):
    with pytest.raises(outside_service.NameTakenError):
        outside_service.check_name(name)


def test_the_examples_import_nothing_of_ours():
    for path in (running.REPOSITORY / "examples").glob("*.py"):
        assert "shared" not in [line.split()[1].split(".")[0] for line in imports(path)], path.name
        assert "services" not in [line.split()[1].split(".")[0] for line in imports(path)], path.name


def imports(path):
    return [line for line in path.read_text().splitlines() if line.startswith(("import ", "from "))]
