"""A service of the vendor's people with nobody in it."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from services.staff.service import replayer
from shared.database import Database
from tests.integration.staff.database_reader import reader  # noqa: F401  # a fixture
from tests.integration.staff.house import opened
from tests.integration.staff.staff_stage import TABLES, StaffStage, service_of
from tests.kept_facts import KeptFacts


@pytest.fixture(scope="module")
def staff_database(databases):
    opened = Database(databases.dsn("staff"), source="staff", size=4)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def owner(databases):
    """Whoever owns the tables, of whom nobody is there."""
    with psycopg.connect(databases.owner_dsn("staff"), autocommit=True) as connection:
        connection.execute(f"TRUNCATE {TABLES} CASCADE")
        yield connection


@pytest.fixture
def stage(staff_database, owner):
    return StaffStage.empty(staff_database, owner)


@pytest.fixture
def production_stage(stage):
    """The same people and the same clock, with the service as production has it."""
    return replace(stage, service=service_of(stage.database, stage.clock, software_keys=False))


@pytest.fixture
def ledger(stage, tmp_path):
    """A ledger that retention would have written, and the gate before the database."""
    return KeptFacts.begun(
        stage.owner, database=stage.database, replayer=replayer(), clock=stage.clock, folder=tmp_path
    )


@pytest.fixture(scope="module")
def house(infrastructure, broker, databases, keyring_database, tmp_path_factory):
    """The service as a process, with people in it."""
    folder = tmp_path_factory.mktemp("house")
    with opened(infrastructure, broker, databases, keyring_database, folder) as made:
        yield made
