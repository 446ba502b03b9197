"""Services of others in plain nameko take part: the programs of `examples/` as they are, and the whole system."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from uuid import uuid4

import pytest

from deploy.native.plan import REPOSITORY
from deploy.provision import outside_service
from shared.system import CONTRIBUTORS, PARTICIPANTS, VIRTUAL_HOST
from tests.e2e.people import PASSWORD, Company, Visitor, a_letter, move_to
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

FOR = ("--purpose", "customer_support")
WITH_THEIRS = ",".join((*PARTICIPANTS, "nogd"))
CALL = """
import sys
from nameko.standalone.rpc import ServiceRpcProxy

with ServiceRpcProxy("nogd", {"AMQP_URI": sys.argv[1]}, timeout=20) as nogd:
    print(nogd.close_seat(user_id=sys.argv[2]))
"""


def program(module, *arguments, **how):
    command = [sys.executable, "-W", "ignore", *module, *arguments]
    return {"args": command, "cwd": REPOSITORY, "env": {"PATH": os.environ["PATH"]}, **how}


@pytest.fixture
def newcustomers(system):
    """The address of a service of others that may sign customers up and look at them, and nothing else."""
    broker, name = system.infrastructure.broker, "newcustomers"
    calls = ["account.sign_up", "account.get_account"]
    password = outside_service.make(broker.call, VIRTUAL_HOST, name, calls=calls)
    yield f"amqp://{name}:{password}@127.0.0.1:{broker.amqp_port}/{VIRTUAL_HOST}"
    broker.call("DELETE", f"/api/users/{name}")


def client(uri, *arguments):
    """Run the plain client to its end; its answer."""
    how = program(["-m", "examples.plain_client"], uri, *arguments)
    ended = subprocess.run(**how, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@contextmanager
def running(system, module, tmp_path, *, waits_for, uri=None):
    """A plain nameko service of the examples, from when its queue has a consumer to the end of the block."""
    told = tmp_path / f"{module}.log"
    with told.open("wb") as log:
        process = subprocess.Popen(
            **program(["-m", f"examples.{module}"], uri or system.broker_uri, stdout=log, stderr=subprocess.STDOUT)
        )
    try:
        until(lambda: consumers(system, waits_for) or process.poll() is not None, what=f"{module} to listen")
        assert process.poll() is None, told.read_text()
        yield told
    finally:
        process.terminate()
        process.wait(30)
        if consumers(system, waits_for) is not None:
            system.infrastructure.broker.call("DELETE", f"/api/queues/vilkar/{waits_for}")


def consumers(system, queue):
    known = system.infrastructure.broker.call("GET", "/api/queues/vilkar").json()
    return next((each.get("consumers") for each in known if each["name"] == queue), None)


def test_a_plain_client_creates_an_account_by_rpc_and_a_plain_listener_hears_of_it(system, newcustomers, tmp_path):
    queue = "evt-account-account.registered--newcustomers.welcome"
    email = f"kari.{uuid4().hex[:8]}@example.no"
    with running(system, "plain_listener", tmp_path, waits_for=queue) as told:
        assert client(newcustomers, "sign-up", "--email", email) == {"status": "accepted"}
        line = until(lambda: told.read_text().strip(), what="the listener to tell")
    account_id = json.loads(line.splitlines()[-1])["account_id"]
    assert client(newcustomers, "show", account_id)["email"] == email
    a_letter(system, email, "email_confirmation")
    assert [row["account_id"] for row in system.vilkar("account", "find", "--email", email, *FOR)] == [account_id]


def test_a_plain_service_is_called_and_what_it_dispatches_reaches_whoever_listens(system, tmp_path):
    from tests.e2e.event_tap import channel_to

    user_id = str(uuid4())
    with (
        running(system, "plain_dispatcher", tmp_path, waits_for="rpc-nogd"),
        channel_to(system.broker_uri) as channel,
    ):
        channel.queue_declare("evt-nogd-seat.closed--e2e", exclusive=True)
        channel.queue_bind("evt-nogd-seat.closed--e2e", "nogd.events", "seat.closed")
        how = program(["-c", CALL], system.broker_uri, user_id)
        subprocess.run(**how, check=True, timeout=60, capture_output=True)
        message = until(lambda: channel.basic_get("evt-nogd-seat.closed--e2e", no_ack=True), what="the event")
    assert json.loads(message.body) == {"user_id": user_id}


def test_an_erasure_waits_for_a_plain_participant_and_is_certified_once_it_has_answered(system, tmp_path):
    queue = "evt-retention-erasure.ordered--nogd.forget"
    company = Company(system).move_in()
    with system.told("retention", VILKAR_ERASURE_PARTICIPANTS=WITH_THEIRS):
        keep_queue(system, queue, "retention", "erasure.ordered")  # it has run before and is away
        company.leave()
        move_to(system, company.scheduled())
        company.until_state("ordered")
        with system.bus() as bus:

            def answered():
                parts = company.erasures(bus)[-1]["participants"]
                return {part["participant"] for part in parts if part["state"] == "done"}

            until(lambda: answered() == set(PARTICIPANTS), what="all of ours")
            assert company.erasures(bus)[-1]["state"] == "ordered"
        with running(system, "plain_participant", tmp_path, waits_for=queue):
            erasure = company.until_state("certified")
            staying = Company(system).move_in()
            foreseen = system.vilkar("retention", "dry-run", staying.account_id, "--seconds", 60, *FOR)
    assert {part["participant"] for part in foreseen["participants"]} == {*PARTICIPANTS, "nogd"}
    assert foreseen["complete"]
    parts = {part["participant"]: part["state"] for part in erasure["participants"]}
    assert parts["nogd"] == "done"
    stores = system.vilkar("certificate", "show", erasure["certificate_id"])["certificate"]["erased"]
    assert "nogd" in {store["store"] for store in stores}


@pytest.fixture
def nogd(system):
    """The address of a service of others with the rights that it is given, and no more."""
    broker = system.infrastructure.broker
    password = outside_service.make(broker.call, VIRTUAL_HOST, "nogd")
    yield f"amqp://nogd:{password}@127.0.0.1:{broker.amqp_port}/{VIRTUAL_HOST}"
    broker.call("DELETE", "/api/users/nogd")


@pytest.mark.clause("RIGHTS-1", "RIGHTS-2")
def test_a_copy_waits_for_a_service_of_others_and_goes_straight_to_a_receiver_with_a_receipt(
    system, nogd, tmp_path
):
    queue = "evt-account-export.ordered--nogd.hear_order"
    company = Company(system).move_in()
    proof = {"email": company.creator.email, "password": PASSWORD}
    with system.told("account", VILKAR_OUTSIDE_CONTRIBUTORS="nogd"):
        keep_queue(system, queue, "account", "export.ordered")
        asked = company.must("POST", "/v1/exports", 202, json={"kind": "portability", "whose": "own"})
        copy = f"/v1/exports/{asked['export_id']}"
        until(lambda: undone(company) == {"nogd"}, what="the parts of ours")
        company.must("POST", f"{copy}/download", 409, json=proof)
        with running(system, "plain_participant", tmp_path, waits_for=queue, uri=nogd):
            until(lambda: undone(company) == set(), what="the part of theirs", seconds=120)
        until(lambda: copies(company)[0]["state"] == "ready", what="the file")
    code = company.must("POST", f"{copy}/transfers", 201, json=proof | {"receiver": "Nabobedriften AS"})["code"]
    receiver = Visitor(system)
    file = receiver.ask("POST", "/v1/handed-over/fetch", json={"code": code})
    assert file.status_code == 200, file.text
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        counted = {each["name"] for each in json.loads(archive.read("manifest.json"))["contributors"]}
        assert counted == {*CONTRIBUTORS, "nogd"}
        assert "tables/nogd.seats.csv" in archive.namelist()
    confirmed = {"code": code, "sha256": hashlib.sha256(file.content).hexdigest()}
    receipt = receiver.must("POST", "/v1/handed-over/receipt", 200, json=confirmed)
    (mine,) = company.must("GET", "/v1/transfers", 200)["transfers"]
    assert mine["receipt"] == receipt["receipt"]
    receiver.must("POST", "/v1/handed-over/fetch", 404, json={"code": code})


def copies(company):
    return company.must("GET", "/v1/exports", 200)["exports"]


def undone(company):
    """The parts of a copy that are not there."""
    return {each["name"] for each in copies(company)[0]["parts"] if not each["done"]}


def keep_queue(system, queue, source, event):
    """What the participant's queue is when it has run before: nameko declares it durable."""
    from tests.e2e.event_tap import channel_to

    with channel_to(system.broker_uri) as channel:
        channel.queue_declare(queue, durable=True, auto_delete=False)
        channel.queue_bind(queue, f"{source}.events", event)
