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

from services.retention.events import ErasureOrdered
from shared.bus import discovery, topology, wire
from shared.database.outbox import encode
from shared.identifiers import new_id
from tests.integration import running
from tests.integration.relay import support
from tests.integration.relay.support import relaying
from tests.plugins.ledger import begin_ledger
from tests.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

CALL = """
import sys
from nameko.standalone.rpc import ServiceRpcProxy

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


@pytest.fixture(scope="module")
def whole(broker):
    """Everything that our services declare, as the definitions bring it."""
    support.set_up(broker, topology.topology_of(discovery.services(), discovery.events(), outside=("nogd",)))


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
        with support.channel_to(broker) as channel:
            channel.queue_declare(queue, passive=True)
    except amqp.NotFound:
        return False
    return True


@contextmanager
def plain(module, broker, folder, *, waits_for):
    with running.program(f"examples.{module}", broker.uri("gateway"), folder=folder) as process:
        until(lambda: queue_exists(broker, waits_for), seconds=60, what=process.told.read_text())
        yield process


def test_a_plain_client_signs_up_and_a_plain_listener_hears_of_it(account, broker, databases, folder):
    table = support.Table(databases, folder)
    queue = "evt-account-account.registered--newcustomers.welcome"
    with plain("plain_listener", broker, folder, waits_for=queue) as hearing, relaying(table, broker):
        email = f"kari.{uuid4().hex[:8]}@example.no"
        assert example("plain_client", broker.uri("gateway"), "sign-up", "--email", email)["status"]
        line = until(lambda: hearing.told.read_text().strip(), seconds=60, what="the listener to print")
        account_id = json.loads(line.splitlines()[-1])["account_id"]
        shown = example("plain_client", broker.uri("audit"), "show", account_id)
    assert (shown["account_id"], shown["name"], shown["email"]) == (account_id, "Eksempel AS", email)


def test_a_plain_dispatchers_bare_dict_is_heard_by_a_service_of_ours(listener, broker, folder):
    user_id = str(uuid4())
    with plain("plain_dispatcher", broker, folder, waits_for="rpc-nogd"):
        subprocess.run([sys.executable, "-W", "ignore", "-c", CALL, broker.uri("gateway"), user_id], check=True)
        until(lambda: listener() == [("nogd", "seat.closed", user_id)], seconds=60, what="the seat to be heard of")


def test_a_plain_participant_forgets_when_ordered_and_says_so(listener, broker, folder):
    order = ErasureOrdered(erasure_id=uuid4(), account_id=uuid4(), user_id=None, attempt=1)
    queue = "evt-retention-erasure.ordered--nogd.forget"
    with plain("plain_participant", broker, folder, waits_for=queue):
        publish(broker, order, "retention")
        told = f"nogd {order.erasure_id} {{'seats': 0}}"
        until(
            lambda: ("nogd", "erasure.step_completed", told) in listener(),
            seconds=60,
            what="the step to be heard of",
        )


def publish(broker, event, source):
    clock = support.Clock(environment="test")
    event_id = new_id()
    body = encode(event, event_id=event_id, source=source, now=clock.now(), sequence=None)
    properties = wire.event_properties(event_id=event_id, event_type=event.type, source=source, time=clock.now())
    with support.channel_to(broker) as channel:
        channel.confirm_select()
        message = amqp.basic_message.Message(body, **properties)
        channel.basic_publish_confirm(message, f"{source}.events", event.type, mandatory=True, confirm_timeout=5)


def test_the_examples_import_nothing_of_ours():
    for path in (running.REPOSITORY / "examples").glob("*.py"):
        assert "shared" not in [line.split()[1].split(".")[0] for line in imports(path)], path.name
        assert "services" not in [line.split()[1].split(".")[0] for line in imports(path)], path.name


def imports(path):
    return [line for line in path.read_text().splitlines() if line.startswith(("import ", "from "))]
