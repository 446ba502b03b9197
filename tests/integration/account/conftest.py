from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from shared.clock import FixedClock
from shared.database import Database
from shared.privacy import Keyring
from tests.plugins.account_world import KEK, START, World, account_service


@pytest.fixture(scope="module")
def account_parts(databases, keyring_database):
    database = Database(databases.dsn("account"), source="account", size=20)
    keyring = Keyring(keyring_database.dsn("account"), kek=KEK, size=10)
    database.open()
    keyring.open()
    yield database, keyring, databases.owner_dsn("account")
    database.close()
    keyring.close()


@pytest.fixture
def world(account_parts) -> World:
    database, keyring, owner_dsn = account_parts
    clock = FixedClock(START)
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("DELETE FROM letter_request")  # what an earlier test left
    return World(
        service=account_service(database, keyring, clock),
        clock=clock,
        database=database,
        keyring=keyring,
        owner_dsn=owner_dsn,
        ip=f"203.0.{uuid4().int % 200}.{uuid4().int % 250 + 1}",
    )
