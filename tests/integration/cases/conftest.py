"""cases on a real database, in the test's own process."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from services.cases.service import Cases
from shared.clock import FixedClock
from shared.database import Database
from tests.in_process import run
from tests.integration.cases.handling import NOW, Rota, replayer_of
from tests.kept_facts import KeptFacts


@pytest.fixture(scope="module")
def database(databases):
    opened = Database(databases.dsn("cases"), source="cases", size=8)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def owner(databases):
    with psycopg.connect(databases.owner_dsn("cases"), autocommit=True) as connection:
        connection.execute("TRUNCATE case_file, duty, duty_change, erased_mark, outbox CASCADE")
        yield connection


@pytest.fixture
def clock():
    return FixedClock(NOW)


@pytest.fixture
def rota():
    made = Rota()
    made.weeks["2026-11-23"] = ("staff:kari", "staff:ola")
    return made


@pytest.fixture
def cases(database, owner, clock, rota):
    service = Cases(database=database, clock=clock, caller=rota)
    run(service, "copy_duty")
    return service


@pytest.fixture
def ledger(cases, database, owner, clock, tmp_path) -> Iterator[KeptFacts]:
    """A ledger that retention would have written, and the gate before the database."""
    replayer = replayer_of(cases)
    yield KeptFacts.begun(owner, database=database, replayer=replayer, clock=clock, folder=tmp_path, mixed=True)
    owner.execute("UPDATE ledger_position SET position = NULL, hash = NULL, recorded_at = NULL")
