"""The whole process: its calls, its loops and its one listener, over a real broker."""

from __future__ import annotations

import json
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import psycopg
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its deprecation, told at the first import; nothing is patched here
    import eventlet  # noqa: F401

from shared.bus.rpc_client import BusCaller
from shared.context import acting_as
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from shared.participation.events import ErasureOrdered
from tests.forms import PASSWORD, confirmation_call
from tests.integration import running
from tests.plugins.account_world import World
from tests.plugins.ledger import begin_ledger
from tests.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def process(infrastructure, broker, databases, keyring_database, tmp_path_factory):
    """The account service, running; the register it asks does not answer."""
    folder = tmp_path_factory.mktemp("account")
    begin_ledger(infrastructure, folder, keyring_database.owner_dsn())
    settings = {
        "TEST_DATABASE": databases.name("account"),
        "TEST_KEYRING": keyring_database.name("keyring"),
        "VILKAR_REGISTER_URL": "http://127.0.0.1:9",
    }
    with running.service(
        "tests.integration.run_service", broker, "account", folder=folder, user="account", settings=settings
    ) as started:
        yield started.told


@pytest.fixture(scope="module")
def caller(process, broker):
    made = BusCaller(broker.uri("gateway"), name="gateway", default_seconds=10)
    made.open(wait_seconds=10)
    yield made
    made.close()


@pytest.fixture
def call(caller):
    return lambda method, **fields: caller.call("account", method, **json.loads(json.dumps(fields, default=str)))


@pytest.fixture
def call_as(call):
    """A call that comes with a session, as the gateway sends it along."""

    def calling(session, method, **fields):
        with acting_as(fields["actor"], session=session):
            return call(method, **fields)

    return calling


@pytest.fixture
def rows(databases):
    def ask(query: str, *parameters):
        with psycopg.connect(databases.owner_dsn("account")) as connection:
            return connection.execute(query, parameters).fetchall()

    return ask


def application(email: str) -> dict:
    return World.application(World.__new__(World), email, origin={"ip": "203.0.113.9", "user_agent": None})


def events(rows, user_or_account, event_type: str) -> list[dict]:
    found = [json.loads(bytes(body)) for (body,) in rows("SELECT body FROM outbox ORDER BY id")]
    return [e["data"] for e in found if e["type"] == event_type and str(user_or_account) in json.dumps(e["data"])]


def newcomer(call, rows) -> dict:
    """Sign up, confirm, log in, all over the bus."""
    email = f"kari.{uuid4().hex[:10]}@firma.example"
    before = {row[0] for row in rows("SELECT id FROM account_user")}
    assert call("sign_up", **application(email)) == {"status": "accepted"}
    (user_id,) = {row[0] for row in rows("SELECT id FROM account_user")} - before
    (asked,) = events(rows, user_id, "user.confirmation_requested")
    facts = call("letter_facts", user_id=user_id, letter="email_confirmation", ticket_id=asked["ticket_id"])
    assert facts["email"] == email
    call("confirm_email", **confirmation_call(facts["link_token"]))
    origin = {"ip": "203.0.113.9", "user_agent": "Mozilla/5.0"}
    return call("log_in", email=email, password=PASSWORD, origin=origin) | {"email": email}


@pytest.mark.clause("LINK-1", "ERASE-1")
def test_from_sign_up_to_erasure_over_the_bus(call, call_as, rows, broker) -> None:
    me = newcomer(call, rows)
    known = call("authenticate", token=me["token"])
    mine = {"account_id": me["account_id"], "actor": known["actor"]}
    go = partial(call_as, me["token"])
    proof = {"current_password": PASSWORD, "origin": {"ip": "203.0.113.9"}}
    ola = {"name": "Ola", "email": "Ola@firma.example", "phone": "90012345", "idempotency_key": "k1"}
    assert go("add_user", **mine, **ola) == go("add_user", **mine, **ola)
    assert len(go("list_users", **mine)["users"]) == 2
    with pytest.raises(Invalid):
        go("update_account", **mine, version=1, nickname="x")
    with pytest.raises(Conflict) as refused:
        go("deactivate_account", **mine, **proof, version=7)
    assert refused.value.details == {"version": 1}
    begun = time.monotonic()
    with pytest.raises(Invalid):
        go("deactivate_account", **mine, version=1)
    go("deactivate_account", **mine, **proof, version=1)
    with pytest.raises(Unauthenticated):
        call("authenticate", token=me["token"])
    assert time.monotonic() - begun < 5
    with pytest.raises(Unauthenticated):
        go("get_account", **mine)
    assert call("standing", account_id=me["account_id"])["state"] == "inactive"
    erasure_id = uuid4()
    running.publish(
        broker, ErasureOrdered(erasure_id=erasure_id, account_id=me["account_id"], user_id=None, attempt=1)
    )
    until(lambda: events(rows, erasure_id, "erasure.step_completed"), what="the step")
    with pytest.raises(NotFound):
        call("standing", account_id=me["account_id"])


def test_who_acts_is_whose_session_it_is_and_no_process_says_otherwise(call, call_as, rows) -> None:
    me, other = newcomer(call, rows), newcomer(call, rows)
    theirs = {"account_id": other["account_id"], "actor": f"user:{other['user_id']}"}
    for session in (None, me["token"], "x" * 40):
        with pytest.raises(Unauthenticated):
            call_as(session, "get_account", **theirs)
        with pytest.raises(Unauthenticated):
            call_as(session, "deactivate_account", **theirs, version=1)
    for actor in ("staff:kari", "system"):
        with pytest.raises(Forbidden):
            call_as(me["token"], "deactivate_account", account_id=other["account_id"], actor=actor, version=1)
    assert call_as(other["token"], "get_account", **theirs)["account_id"] == other["account_id"]
    told = until(lambda: events(rows, "gateway", "claim.refused"), seconds=30, what="the audit trail to be told")
    assert {claim["claimed"] for claim in told} <= {"user", "staff", "system"}
    assert other["user_id"] not in json.dumps(told)


def test_letters_asked_for_are_answered_by_the_loop(call, rows) -> None:
    me = newcomer(call, rows)
    assert call("request_password_reset", email=me["email"]) == {"status": "accepted"}
    (asked,) = until(lambda: events(rows, me["user_id"], "user.password_reset_requested"), what="the letter")
    facts = call("letter_facts", user_id=me["user_id"], letter="password_reset", ticket_id=asked["ticket_id"])
    call("reset_password", token=facts["link_token"], new_password="Bjørka står i lauv 99")
    with pytest.raises(Unauthenticated):
        call("authenticate", token=me["token"])


def test_many_log_ins_do_not_hold_up_those_who_are_in(call, rows) -> None:
    me = newcomer(call, rows)
    waits: list[float] = []

    def fail(number: int) -> None:
        email, origin = (
            f"ukjent.{number}.{uuid4().hex}@firma.example",
            {"ip": f"198.51.100.{number}", "user_agent": None},
        )
        with pytest.raises(Unauthenticated):
            call("log_in", email=email, password="feil passord her", origin=origin)

    with ThreadPoolExecutor(12) as pool:
        hashing = [pool.submit(fail, number) for number in range(60)]
        while not all(each.done() for each in hashing):
            begun = time.monotonic()
            call("authenticate", token=me["token"])
            waits.append(time.monotonic() - begun)
        for each in hashing:
            each.result()
    waits.sort()
    assert len(waits) > 5
    assert waits[-1] < 5.0, waits  # a session is refused or let in within five seconds, whatever goes on


def test_the_log_tells_no_name_and_no_address(process, call, rows) -> None:
    me = newcomer(call, rows)
    with pytest.raises(Invalid):
        call("sign_up", **application(me["email"]) | {"language": "Torbjørg"})
    text = process.read_text()
    assert "serving" in text
    for planted in (
        me["email"],
        "firma.example",
        "Torbjørg",
        "Fossmo",
        "Bjørkholt",
        "41378216",
        "203.0.113",
        PASSWORD,
    ):
        assert planted not in text


@pytest.mark.clause("ISOLATE-1")
def test_a_password_that_is_changed_twice_by_one_form_is_changed_once(call, call_as, rows) -> None:
    me = newcomer(call, rows)
    actor, new = f"user:{me['user_id']}", "Isen gaar i mai 9 ganger"

    def change(key: str, wanted: str = new, ip: str = "203.0.113.9"):
        fields = {"token": me["token"], "current_password": PASSWORD, "new_password": wanted, "origin": {"ip": ip}}
        with acting_as(actor, session=me["token"]):
            return call("change_password", **fields, idempotency_key=key)

    assert change("k1") == change("k1", ip="203.0.113.10"), "from another address it is the same form"
    with pytest.raises(Conflict) as refused:
        change("k1", wanted=f"{new} til")
    assert refused.value.details == {"reason": "key_of_another"}
    with pytest.raises(Forbidden) as wrong:
        change("k2")
    assert wrong.value.details == {"reason": "wrong_password"}
