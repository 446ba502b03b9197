"""The account service, its neighbours' parts and a keyring with key files, for renewals of the data keys."""

from __future__ import annotations

import base64
import os

import psycopg
import pytest

from deploy.keys.files import HOLDERS
from services.account.authentication.password_hashing import PasswordHashing
from services.account.field_encryption.sealing import Sealing
from services.account.register.business_register import BusinessRegister
from services.account.service import AccountService
from services.audit.logins.feature import SEALED_TABLES as AUDIT_TABLES
from shared.clock import FixedClock
from shared.database import Database
from shared.privacy import Vault
from shared.privacy.kek_rotation import Keeper
from shared.privacy.reencryption import Resealer
from tests.integration.privacy.keyring_env import KeyringEnv
from tests.integration.resealing.reencryption_env import SEALED, ReencryptionEnv
from tests.plugins.account_world import INDEX, START, World
from tests.plugins.exporting import EXPORTING


@pytest.fixture
def keyring_env(tmp_path, keyring_database):
    first = base64.b64encode(os.urandom(32)).decode()
    for holder in HOLDERS:
        (tmp_path / holder).mkdir()
        (tmp_path / holder / "kek").write_text(first)
    (tmp_path / "keyring_keeper").mkdir()
    made = KeyringEnv(tmp_path, keyring_database)
    made.query("TRUNCATE data_key, fence, retired_kek, renewal, reseal_report")
    return made


@pytest.fixture
def env(keyring_env, databases):
    opened = {name: Database(databases.dsn(name), source=name, size=20) for name in ("account", "audit")}
    rings = {holder: keyring_env.ring(holder, size=10) for holder in (*HOLDERS, "retention")}
    keeper = Keeper(keyring_env.access.dsn("keyring_keeper"))
    for each in (*opened.values(), *rings.values(), keeper):
        each.open()
    for name, tables in (
        ("account", (*SEALED, "letter_request", "outbox")),
        ("audit", [each.name for each in AUDIT_TABLES]),
    ):
        with psycopg.connect(databases.superuser_dsn(name), autocommit=True) as connection:
            connection.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
    sealing = Sealing(Vault(rings["account"]), INDEX)
    sealing.prepare(START)
    clock = FixedClock(START)
    service = AccountService(
        database=opened["account"],
        clock=clock,
        sealing=sealing,
        hashing=PasswordHashing(memory_kib=64, passes=1),
        register=BusinessRegister("http://127.0.0.1:9"),
        exporting=EXPORTING,
    )
    yield ReencryptionEnv(
        keyring_env=keyring_env,
        world=World(service, clock, opened["account"], rings["account"], databases.owner_dsn("account")),
        rings=rings,
        keeper=keeper,
        audit=Resealer(holder="audit", database=opened["audit"], vault=Vault(rings["audit"]), tables=AUDIT_TABLES),
        audit_database=opened["audit"],
        databases=databases,
    )
    for each in (keeper, *rings.values(), *opened.values()):
        each.close()
