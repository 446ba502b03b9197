from __future__ import annotations

import pytest

from deploy.provision import postgres
from shared.clock import FixedClock
from shared.database import Database
from shared.privacy import Keyring
from tests.integration.audit.audit_stage import KEK, NOW, Accounts, Stage, audit_service
from tests.plugins.infrastructure import DatabaseAccess


@pytest.fixture(scope="module")
def keyrings(keyring_database):
    made = {role: Keyring(keyring_database.dsn(role), kek=KEK) for role in ("account", "retention", "audit")}
    for keyring in made.values():
        keyring.open()
    yield made
    for keyring in made.values():
        keyring.close()


@pytest.fixture
def stage(infrastructure, keyrings, tmp_path):
    """A database of the test's own, because a trail cannot be emptied."""
    instance = postgres.service_instance(infrastructure.secrets_root)
    access = DatabaseAccess(infrastructure, infrastructure.db, instance, "db_password")
    database = Database(access.dsn("audit"), source="audit", size=8)
    database.open()
    clock, accounts, file = FixedClock(NOW), Accounts(), tmp_path / "audit" / "checkpoints.jsonl"
    service = audit_service(database=database, clock=clock, accounts=accounts, keyring=keyrings["audit"], file=file)
    yield Stage(
        service=service,
        clock=clock,
        accounts=accounts,
        minting=keyrings["account"],
        erasing=keyrings["retention"],
        file=service.outside,
        dsn=access.dsn("audit"),
        owner_dsn=access.owner_dsn("audit"),
        superuser_dsn=access.superuser_dsn("audit"),
    )
    database.close()
    access.drop()
