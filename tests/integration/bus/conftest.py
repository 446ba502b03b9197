from __future__ import annotations

import uuid
import warnings
from typing import TYPE_CHECKING

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its deprecation, told at the first import; nothing is patched here
    import eventlet  # noqa: F401

from shared import log
from shared.bus.rpc_client import BusCaller
from shared.statements import StatementSigner
from tests.integration.bus.harness import Bench, Process
from tests.staff_statements import SigningCaller

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", autouse=True)
def _logs_as_in_a_service() -> None:
    log.configure(service="tests", level="ERROR")


@pytest.fixture(scope="module")
def bench(infrastructure, broker, tmp_path_factory) -> Iterator[Bench]:
    """A database that holds the bus's own tables and the probe's, so no service's migrations play a part."""
    made = Bench(broker, infrastructure.db, f"probe_{uuid.uuid4().hex[:10]}", tmp_path_factory.mktemp("probe"))
    made.prepare()
    yield made
    made.close()


@pytest.fixture(scope="module")
def running(bench: Bench) -> Process:
    """One probe for all tests of a module that do not stop it."""
    return bench.start().wait_ready()


@pytest.fixture
def probe(bench: Bench, running: Process) -> Bench:
    """The bench with its running probe and empty tables."""
    running.wait_ready()
    bench.clear()
    return bench


@pytest.fixture(scope="module")
def signer(bench: Bench) -> StatementSigner:
    """What signs as the service staff of this bench does."""
    secret = bench.broker.infrastructure.secrets_root / "staff" / "statement_signing_key"
    return StatementSigner.parse(secret.read_text())


@pytest.fixture(scope="module")
def desk(bench: Bench, signer: StatementSigner) -> Iterator[SigningCaller]:
    """As `caller`, but a person of staff makes its calls."""
    made = SigningCaller(bench.broker.uri("desk"), signer)
    made.open(wait_seconds=10)
    yield made
    made.close()


@pytest.fixture(scope="module")
def caller(bench: Bench) -> Iterator[BusCaller]:
    made = BusCaller(bench.broker.uri("gateway"), name="gateway")
    made.open(wait_seconds=10)
    yield made
    made.close()
