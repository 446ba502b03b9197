from __future__ import annotations

import os
from uuid import uuid4

import psycopg
import pytest
from two_services import AsCalled, Two

from services.account.authentication.password_hashing import PasswordHashing
from services.account.field_encryption.sealing import Sealing
from services.account.register.business_register import BusinessRegister
from services.account.service import AccountService
from services.retention.certificates.archive import CertificateArchive
from services.retention.service import Retention
from shared.clock import FixedClock
from shared.database import Database
from shared.privacy import Keyring, Vault
from shared.privacy.ledger_writer import LedgerWriter
from shared.signing import SigningKey
from tests.plugins.account_world import INDEX, KEK, START, World
from tests.plugins.exporting import EXPORTING


@pytest.fixture(scope="module")
def both_databases(databases, keyring_database):
    opened = {
        "account": Database(databases.dsn("account"), source="account", size=8),
        "retention": Database(databases.dsn("retention"), source="retention", size=8),
        "account_keyring": Keyring(keyring_database.dsn("account"), kek=KEK),
        "retention_keyring": Keyring(keyring_database.dsn("retention"), kek=None),
    }
    for each in opened.values():
        each.open()
    yield opened
    for each in opened.values():
        each.close()


@pytest.fixture
def two(both_databases, databases, tmp_path) -> Two:
    """Both services on empty outboxes, with one clock."""
    for name in ("account", "retention"):
        with psycopg.connect(databases.owner_dsn(name), autocommit=True) as owner:
            owner.execute("TRUNCATE outbox")
    clock, caller = FixedClock(START), AsCalled()
    sealing = Sealing(Vault(both_databases["account_keyring"]), INDEX)
    sealing.prepare(START)
    caller.world = World(
        service=AccountService(
            database=both_databases["account"],
            clock=clock,
            sealing=sealing,
            hashing=PasswordHashing(memory_kib=64, passes=1),
            register=BusinessRegister("http://127.0.0.1:9"),
            exporting=EXPORTING,
        ),
        clock=clock,
        database=both_databases["account"],
        keyring=both_databases["account_keyring"],
        owner_dsn=databases.owner_dsn("account"),
        ip=f"203.0.{uuid4().int % 200}.{uuid4().int % 250 + 1}",
    )
    ledger = LedgerWriter(tmp_path / "ledger.jsonl", signing_key=SigningKey(os.urandom(32)))
    ledger.create(uuid4(), START)
    key = SigningKey(os.urandom(32))
    retention = Retention(
        database=both_databases["retention"],
        clock=clock,
        caller=caller,
        keyring=both_databases["retention_keyring"],
        signing_key=key,
        ledger=ledger,
        archive=CertificateArchive(tmp_path / "certificates.jsonl"),
    )
    with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
        owner.execute("TRUNCATE erasure, answer, certificate, came_back, early_request CASCADE")
    return Two(world=caller.world, retention=retention, caller=caller, public_keys=[key.public])
