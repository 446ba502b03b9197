"""A keyring of a test's own, with key files as the processes have them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg

from deploy.keys.files import HOLDERS, KeyFiles
from deploy.keys.rotation import Rotation
from shared.config import Secrets
from shared.failpoints import Failpoints
from shared.privacy import KekFile, Keyring, Subject
from shared.privacy.kek_rotation import Keeper
from shared.privacy.keys import kek_id

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@dataclass
class KeyringEnv:
    """A keyring of the test's own, with key files as the processes have them."""

    root: Path
    access: object

    @property
    def files(self) -> KeyFiles:
        return KeyFiles(self.root)

    def source(self, holder: str) -> KekFile:
        return KekFile(Secrets(folder=self.root / holder))

    def ring(self, holder: str, *, size: int = 5) -> Keyring:
        return Keyring(self.access.dsn(holder), kek=self.source(holder) if holder in HOLDERS else None, size=size)

    def rotation(self, keeper: Keeper, **changed) -> Rotation:
        said = {"now": lambda: NOW, "failpoints": Failpoints("test", {}), "say": print, "progress": print} | changed
        return Rotation(self.files, keeper, **said)

    def ids(self) -> dict[str, list[str]]:
        return {holder: [kek_id(key) for key in keys] for holder, keys in self.files.all_keys().items()}

    def query(self, statement: str, *values):
        with psycopg.connect(self.access.superuser_dsn(), autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def under(self) -> dict[str, int]:
        return dict(self.query("SELECT kek_id, count(*) FROM data_key WHERE state <> 'destroyed' GROUP BY kek_id"))


def minted(ring: Keyring, count: int) -> dict[Subject, bytes]:
    subjects = [Subject.person(uuid4(), uuid4()) for _ in range(count)]
    ring.mint(subjects, NOW)
    return ring.keys(subjects)
