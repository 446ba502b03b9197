"""The whole process: it hears, sequences and verifies over a real broker, and goes on answering meanwhile."""

from __future__ import annotations

import time
import warnings
from uuid import uuid4

import psycopg
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its deprecation, told at the first import; nothing is patched here
    import eventlet  # noqa: F401

from services.account.login.events import LoginSucceeded
from services.account.users.events import UserUpdated
from services.audit.verification.__main__ import verify
from shared.context import acting_as
from shared.errors import Forbidden, Invalid, NotFound
from shared.participation.events import ErasureOrdered
from shared.statements import StatementSigner
from tests.integration import running
from tests.integration.audit.audit_stage import Stage
from tests.plugins.ledger import begin_ledger
from tests.staff_statements import SigningCaller
from tests.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("audit")


@pytest.fixture(scope="module")
def process(infrastructure, broker, databases, keyring_database, state):
    """The audit service, running; nobody answers for the account service."""
    begin_ledger(infrastructure, state, keyring_database.owner_dsn())
    settings = {"TEST_DATABASE": databases.name("audit"), "TEST_KEYRING": keyring_database.name("keyring")}
    with running.service(
        "tests.integration.run_service", broker, "audit", folder=state, user="audit", settings=settings
    ):
        yield


@pytest.fixture(scope="module")
def caller(process, infrastructure, broker):
    secret = infrastructure.secrets_root / "staff" / "statement_signing_key"
    made = SigningCaller(broker.uri("desk"), StatementSigner.parse(secret.read_text()))
    made.open(wait_seconds=10)
    yield made
    made.close()


@pytest.fixture
def call(caller):
    return lambda method, **fields: caller.call("audit", method, **fields)


@pytest.fixture
def rows(databases):
    def ask(query: str, *parameters):
        with psycopg.connect(databases.owner_dsn("audit")) as connection:
            return connection.execute(query, parameters).fetchall()

    return ask


def settled(call, rows, size: int) -> None:
    until(lambda: call("trail_head")["size"] >= size, seconds=60, what=f"{size} rows")


def ended(call, verification_id: str):
    found = call("verification", verification_id=verification_id)
    return found if found["state"] in ("whole", "damaged") else None


def test_what_is_published_enters_the_trail_and_can_be_proved(call, rows, broker):
    account, user = uuid4(), uuid4()
    running.publish(broker, *(UserUpdated(account_id=account, user_id=user, fields=["name"]) for _ in range(50)))
    page = until(
        lambda: len(found := call("trail", subject=f"account/{account}")["rows"]) == 50 and found, what="the rows"
    )
    assert {row["user_id"] for row in page} == {str(user)}
    head = call("trail_head")
    assert head["halted"] is None
    assert call("proof", seq=1)["checkpoint"]["tree_size"] >= 1
    with pytest.raises(NotFound):
        call("proof", seq=10**9)
    with pytest.raises(Invalid):
        call("trail", subject="Kari Nordmann")


def test_who_did_it_is_in_the_trail(call, broker):
    account = uuid4()
    with acting_as("staff:kari"):
        running.publish(broker, UserUpdated(account_id=account, user_id=uuid4(), fields=["role"]))
    (row,) = until(lambda: call("trail", subject=f"account/{account}")["rows"], what="the row")
    assert row["actor"] == "staff:kari"


def test_what_comes_within_a_moment_is_taken_in_together(process, rows, broker):
    account = uuid4()
    for _ in range(5):
        running.publish(broker, LoginSucceeded(account_id=account, user_id=uuid4(), attempt_id=uuid4()))
    until(
        lambda: rows("SELECT count(*) FROM login_event WHERE account_id = %s", account) == [(5,)], what="all five"
    )
    newest = rows(
        "SELECT xmin::text FROM inbox WHERE consumer ~ 'login.succeeded' ORDER BY processed_at DESC LIMIT 5"
    )
    assert len(newest) == 5
    assert len(set(newest)) < 5


def test_an_erasure_is_answered_and_the_story_is_found_no_more(call, rows, broker):
    account, user, erasure = uuid4(), uuid4(), uuid4()
    running.publish(broker, LoginSucceeded(account_id=account, user_id=user, attempt_id=uuid4()))
    until(lambda: call("trail", subject=f"user/{user}")["rows"], what="the login")
    assert rows("SELECT origin FROM login_event WHERE user_id = %s", user) == [("pending",)]
    running.publish(broker, ErasureOrdered(erasure_id=erasure, account_id=account, user_id=None, attempt=1))
    until(
        lambda: rows("SELECT 1 FROM outbox WHERE subject = %s", f"erasure/{erasure}"),
        what="the step's confirmation",
    )
    assert call("trail", subject=f"user/{user}")["rows"] == []
    assert rows("SELECT 1 FROM login_event WHERE user_id = %s", user) == []


def test_logins_are_refused_over_the_bus_with_the_reason(call):
    with pytest.raises(Forbidden, match="attendance or performance"):
        call(
            "logins",
            account_id=str(uuid4()),
            purpose="attendance",
            actor="staff:kari",
            **{"from": "2026-11-01T00:00:00+00:00", "to": "2026-11-08T00:00:00+00:00"},
        )


def test_sequencing_and_verifying_many_rows_do_not_hold_up_calls(call, rows, databases, state):
    before = call("trail_head")["size"]
    filling = Stage(None, None, None, None, None, None, databases.dsn("audit"), "", "")
    filling.fill(30_000, step=100)
    waits = []

    def timed() -> dict:
        begun = time.monotonic()
        head = call("trail_head")
        waits.append(time.monotonic() - begun)
        return head

    until(lambda: timed()["size"] >= before + 30_000, seconds=240, what="all rows")
    begun = call("verify", actor="staff:kari")
    until(lambda: timed() and ended(call, begun["verification_id"]), seconds=120, what="the verification")
    found = ended(call, begun["verification_id"])
    assert (found["state"], found["findings"]) == ("whole", [])
    assert found["rows_done"] >= 30_000
    waits.sort()
    assert waits[int(len(waits) * 0.95)] < 2.0, waits[-5:]
    key = (state / "audit" / "public_key").read_text()
    report = verify(databases.dsn("audit"), key, state / "audit" / "checkpoints.jsonl")
    assert report.ok
    assert report.checkpoints >= 3
