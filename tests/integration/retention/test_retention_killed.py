"""The process of an erasure dies at each step, and another one finishes: the end is the same as without."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.account.deactivation.events import AccountDeactivated
from services.retention.certificates.signing import verify_chain
from shared.clock import FixedClock
from shared.database import Database
from shared.privacy import Kek, Keyring, Subject
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_lines import Kind
from shared.privacy.ledger_writer import LedgerWriter
from shared.signing import SigningKey
from tests import forked
from tests.integration.retention.erase_once import DUE, hear, service_of

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).resolve().parents[3]
INACTIVE_AT = datetime(2026, 11, 30, 11, tzinfo=UTC)
LEASE_OVER = timedelta(minutes=2)
STEPS = (
    "erasure.announce",
    "erasure.fence",
    "erasure.fence.begun",
    "erasure.fence.fixed",
    "erasure.fence.fenced",
    "erasure.order",
    "erasure.destroy",
    "erasure.destroy.written",
    "erasure.destroy.destroyed",
    "erasure.certify",
    "erasure.certify.issued",
)
ONE_A_RUN = {"certificate_id", "reference", "key_destruction_id", "previous", "sequence", "executed_at"}
"""What differs between two erasures that ended in the same way."""


@pytest.fixture(scope="module")
def told(databases, keyring_database) -> dict[str, str]:
    """What every process of this module is given."""

    def key() -> str:
        return base64.b64encode(os.urandom(32)).decode()

    return {
        "dsn": databases.dsn("retention"),
        "keyring_dsn": keyring_database.dsn("retention"),
        "kek": key(),
        "certificate_key": key(),
        "ledger_key": key(),
        "since": INACTIVE_AT.isoformat(),
    }


@pytest.fixture
def due(told, databases, keyring_database, tmp_path) -> dict[str, str]:
    """An account whose day has come, with keys, in an empty database."""
    with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
        owner.execute("TRUNCATE erasure, answer, certificate, came_back, outbox CASCADE")
    account_id = uuid4()
    own = told | {
        "account_id": str(account_id),
        "ledger": str(tmp_path / "ledger.jsonl"),
        "archive": str(tmp_path / "certificates.jsonl"),
        "now": DUE.isoformat(),
    }
    writer = LedgerWriter(Path(own["ledger"]), signing_key=SigningKey.parse(own["ledger_key"]))
    writer.create(uuid4(), INACTIVE_AT)
    kek = Kek.parse(own["kek"])
    minting, erasing = Keyring(keyring_database.dsn("account"), kek=kek), Keyring(own["keyring_dsn"], kek=None)
    database = Database(own["dsn"], source="retention", size=2)
    for store in (minting, erasing, database):
        store.open()
    try:
        subjects = [Subject.company(account_id), *(Subject.person(uuid4(), account_id) for _ in range(2))]
        minting.mint(subjects, INACTIVE_AT)
        service = service_of(own, database, erasing, FixedClock(INACTIVE_AT))
        event = AccountDeactivated(
            account_id=account_id, trigger="customer", deactivated_at=INACTIVE_AT, user_count=2
        )
        hear(service, event, "account")
    finally:
        for store in (minting, erasing, database):
            store.close()
    return own


def run(told: dict[str, str], *, failpoint: str = "") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "VILKAR_FAILPOINT": failpoint}
    return forked.run("tests.integration.retention.erase_once", env=environment, given=json.dumps(told))


def end_of(told: dict[str, str], databases, keyring_database) -> dict[str, Any]:
    """Everything by which two erasures could have ended differently."""
    with psycopg.connect(databases.owner_dsn("retention")) as owner:
        erasures = owner.execute("SELECT state, attempt, released, held, kept_back FROM erasure").fetchall()
        documents = [row for (row,) in owner.execute("SELECT document FROM certificate ORDER BY sequence")]
        bodies = [json.loads(bytes(body)) for (body,) in owner.execute("SELECT body FROM outbox ORDER BY id")]
    with psycopg.connect(keyring_database.owner_dsn()) as owner:
        query = "SELECT kind, state, wrapped IS NULL FROM data_key WHERE account_id = %s ORDER BY kind"
        keys = owner.execute(query, [told["account_id"]]).fetchall()
        fences = owner.execute("SELECT count(*) FROM fence WHERE account_id = %s", [told["account_id"]]).fetchall()
    signing_key = SigningKey.parse(told["certificate_key"])
    assert verify_chain(documents, [signing_key.public]) == 1
    assert Path(told["archive"]).read_text().splitlines() == documents
    (certificate,) = (json.loads(document)["certificate"] for document in documents)
    ledger = Ledger(Path(told["ledger"]), keys=[SigningKey.parse(told["ledger_key"]).public])
    erased = {entry.account_id for entry in ledger.read() if entry.kind == Kind.ACCOUNT_ERASED}
    return {
        "erasures": erasures,
        "certificate": {name: value for name, value in certificate.items() if name not in ONE_A_RUN},
        "told": sorted(body["type"] for body in bodies),
        "keys": keys,
        "fences": fences,
        "in_the_ledger": erased == {UUID(told["account_id"])},
    }


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Any]:
    """The end of an erasure that nobody disturbed; filled by the first test."""
    return {}


@pytest.mark.parametrize("step", [None, *STEPS])
def test_an_erasure_killed_at_any_step_ends_like_one_that_was_not(
    step, due, databases, keyring_database, undisturbed
):
    if step is not None:
        killed = run(due, failpoint=f"{step}:kill")
        assert killed.returncode == -signal.SIGKILL, f"{step} was never passed: {killed.stdout} {killed.stderr}"
        due["now"] = (DUE + LEASE_OVER).isoformat()
    finished = run(due)
    assert finished.stdout.strip() == "certified", finished.stderr
    end = end_of(due, databases, keyring_database)
    assert end["in_the_ledger"]
    assert {(state, empty) for _, state, empty in end["keys"]} == {("destroyed", True)}
    assert end["told"].count("account.erased") == 1
    assert undisturbed.setdefault("end", end) == end


def test_every_step_of_the_process_has_a_failpoint_in_this_test():
    text = "".join(path.read_text() for path in (REPOSITORY / "services/retention").rglob("*.py"))
    inner = {part.split('"')[0] for part in text.split('failpoints.hit("')[1:]}
    assert inner <= set(STEPS), f"not killed at {sorted(inner - set(STEPS))}"
