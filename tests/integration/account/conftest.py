from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from services.account.authentication.password_hashing import PasswordHashing
from services.account.field_encryption.sealing import Sealing
from services.account.register.business_register import BusinessRegister
from services.account.service import AccountService
from shared.clock import FixedClock
from shared.database import Database
from shared.privacy import Keyring, Vault
from tests.plugins.account_world import INDEX, KEK, START, World
from tests.plugins.exporting import EXPORTING


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
    sealing = Sealing(Vault(keyring), INDEX)
    sealing.prepare(START)
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("DELETE FROM letter_request")  # what an earlier test left
    service = AccountService(
        database=database,
        clock=clock,
        sealing=sealing,
        hashing=PasswordHashing(memory_kib=64, passes=1),
        register=BusinessRegister("http://127.0.0.1:9"),
        exporting=EXPORTING,
    )
    return World(
        service=service,
        clock=clock,
        database=database,
        keyring=keyring,
        owner_dsn=owner_dsn,
        ip=f"203.0.{uuid4().int % 200}.{uuid4().int % 250 + 1}",
    )
