"""Three databases of the data set, the keyring, a folder for the repositories, and a clock that stands still."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from deploy.backup.backups import Backups
from deploy.backup.settings import BackupSet, BackupSettings
from deploy.native import packages
from deploy.provision import postgres
from shared.clock import FixedClock
from shared.config import Secrets
from tests.integration.backup import quick_repositories
from tests.server_folders import new_folder

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SERVICES = ("account", "retention", "staff")


@pytest.fixture(scope="session")
def restic(infrastructure, tmp_path_factory) -> Path:
    """The folder of the program that keeps the repositories; root gets it as `make up` would."""
    if packages.RESTIC in packages.missing():
        if os.geteuid() != 0:
            pytest.skip("could not run: restic is not installed (apt-get install restic)")
        packages.install([packages.RESTIC], say=print)
    program, folder = shutil.which("restic"), tmp_path_factory.mktemp("restic")
    assert program is not None
    quick_repositories.install(folder, program, (infrastructure.secrets_root / "backup").glob("*_backup_key"))
    return folder


@pytest.fixture(scope="module", autouse=True)
def path(restic: Path) -> Iterator[None]:
    """Where programs are found, as long as tests of backups run: others' processes may not look into the folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{restic}:{os.environ['PATH']}")
        yield


@dataclass
class World:
    """A system to be backed up."""

    settings: BackupSettings
    clock: FixedClock
    superuser: dict[str, str]
    owners: dict[str, str]

    @property
    def backups(self) -> Backups:
        return Backups(self.settings, clock=self.clock)

    @property
    def target(self) -> Path:
        return Path(self.settings.target)

    def told(self, **changes: object) -> World:
        return replace(self, settings=replace(self.settings, **changes))

    def run(self, database: str, query: str, *values: object) -> list[tuple]:
        with psycopg.connect(self.superuser[database]) as connection:
            cursor = connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def key(self, wrapped: bytes | None = None) -> UUID:
        """A data key in the keyring; returns whose."""
        subject = uuid4()
        self.run(
            "keyring",
            "INSERT INTO data_key (kind, subject_id, account_id, wrapped, kek_id, fingerprint, state, created_at) "
            "VALUES ('company', %s, %s, %s, 'kek', 'print', 'live', %s)",
            subject, subject, wrapped or os.urandom(60), NOW,
        )  # fmt: skip
        return subject

    def keys(self) -> set[UUID]:
        return {row[0] for row in self.run("keyring", "SELECT subject_id FROM data_key")}

    def event(self, database: str, *, published_at: datetime | None) -> UUID:
        """An event in an outbox."""
        event = uuid4()
        self.run(
            database,
            "INSERT INTO outbox (event_id, exchange, routing_key, subject, body, created_at, published_at) "
            "VALUES (%s, 'x', 'y', 'z', 'body', %s, %s)",
            event, NOW, published_at,
        )  # fmt: skip
        return event

    def events(self, database: str) -> dict[UUID, datetime | None]:
        return dict(self.run(database, "SELECT event_id, published_at FROM outbox"))


def real(access: object, logical: str) -> postgres.Database:
    """The database of the test under the name it has on the server, with its owner and users."""
    known = {each.name: each for each in (*postgres.service_databases(), *postgres.keyring_databases())}[logical]
    return replace(known, name=access.name(logical))


@pytest.fixture
def world(infrastructure, databases, keyring_database) -> Iterator[World]:
    root = new_folder("vilkar-backup-")
    data = BackupSet(
        name="data", host="127.0.0.1", port=infrastructure.db.port, password="db_password", server="postgres",
        databases=tuple(real(databases, name) for name in SERVICES), window_days=30,
    )  # fmt: skip
    keyring = BackupSet(
        name="keyring", host="127.0.0.1", port=infrastructure.keyring.port, password="keyring_password",
        server="keyring", databases=(real(keyring_database, "keyring"),), window_days=7,
    )  # fmt: skip
    secrets = root / "secrets"
    secrets.mkdir()
    for file in (infrastructure.secrets_root / "backup").iterdir():
        (secrets / file.name).write_text(file.read_text())
    made = World(
        BackupSettings(
            target=str(root / "target"), folder_is_off_site=False, s3_in_the_clear=False,
            secrets=Secrets(folder=secrets),
            superusers=infrastructure.secrets_root, work=root / "work",
            state_dir=root / "state", record_dir=root / "state",
            environment="test",
            ledger=root / "ledger" / "ledger.jsonl",
            proofs={"certificates": root / "state" / "certificates", "audit": root / "state" / "audit"},
            sets=(data, keyring),
        ),
        FixedClock(NOW),
        {**{name: databases.superuser_dsn(name) for name in SERVICES}, "keyring": keyring_database.superuser_dsn()},
        {name: databases.owner_dsn(name) for name in SERVICES},
    )  # fmt: skip
    for database in SERVICES:
        made.run(database, "DELETE FROM outbox")
    made.run("keyring", "TRUNCATE data_key")
    yield made
    shutil.rmtree(root)
