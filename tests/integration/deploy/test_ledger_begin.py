"""The first line of the ledger: written in a new system, and never in the place of a ledger that is missing."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest

from shared.bus.ledger_start import begin_if_first
from shared.clock import FixedClock
from shared.config import LEDGER_FILE
from shared.database import Database
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_writer import LedgerWriter
from shared.privacy.restore_gate import Gate, GateState
from tests.integration.privacy.sample_service import MemberReplayer
from tests.unit.privacy.ledger_samples import KEY, erased

pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-1")]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Nobody(MemberReplayer):
    """A database without anybody in it."""

    def replay(self, tx, entry):
        pass

    def verify(self, tx, entry):
        return True

    def is_empty(self, tx):
        return True


@pytest.fixture(scope="module")
def database(databases):
    opened = Database(databases.dsn("retention"), source="retention", size=2)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _new(databases, database) -> None:
    with psycopg.connect(databases.owner_dsn("retention")) as owner:
        owner.execute("UPDATE ledger_position SET position = NULL, hash = NULL, recorded_at = NULL")


@pytest.fixture
def ledger(tmp_path) -> LedgerWriter:
    return LedgerWriter(tmp_path / "ledger" / LEDGER_FILE, signing_key=KEY)


def gate(database: Database, ledger: LedgerWriter) -> Gate:
    return Gate(Ledger(ledger.path, keys=ledger.keys), database, Nobody(), clock=FixedClock(NOW))


def test_a_new_system_has_a_ledger_once_and_the_gate_opens(database, ledger):
    assert begin_if_first(ledger, database, NOW)
    first = ledger.opening()
    assert not begin_if_first(ledger, database, NOW)
    assert ledger.opening() == first
    assert gate(database, ledger).open() is GateState.OPEN


def test_a_ledger_that_is_gone_is_not_begun_anew_and_the_gate_stays_shut(database, ledger):
    begin_if_first(ledger, database, NOW)
    ledger.append([erased(1)], NOW)
    assert gate(database, ledger).open() is GateState.OPEN
    ledger.path.unlink()
    assert not begin_if_first(ledger, database, NOW)
    assert not ledger.path.exists()
    assert gate(database, ledger).open() is GateState.BROKEN


def test_a_ledger_that_is_there_is_left_alone_whatever_the_database_says(database, ledger):
    begin_if_first(ledger, database, NOW)
    ledger.append([erased(1)], NOW)
    before = ledger.path.read_bytes()
    assert not begin_if_first(ledger, database, NOW)
    assert ledger.path.read_bytes() == before
