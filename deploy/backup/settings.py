"""What backups are told from outside: where they go, from which servers, with which keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.backup import targets
from deploy.provision import postgres
from shared import backup_record, config
from shared.config import Secrets
from shared.terms import parameter

LEDGER: Final = backup_record.LEDGER
PROOFS: Final = backup_record.PROOFS
CERTIFICATES, CHECKPOINTS = "certificates", "audit"
"""What the two folders of proofs are called in their copies."""
DEFAULT_TARGET: Final = "/var/backups/vilkar"
DEFAULT_WORK: Final = "/var/cache/vilkar-backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSet:
    """Databases of one server that are backed up and restored together, and never in part.

    `password` names the secret of the role `backup` there, `server` the folder with its superuser's, which only a
    restore needs. `window_days` is how old a backup may become.
    """

    name: str
    host: str
    port: int
    databases: tuple[postgres.Database, ...]
    password: str
    server: str
    window_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSettings:
    """Everything a backup needs to know.

    `secrets` is the backup's own folder, `superusers` the one with the folders `postgres` and `keyring`. `work` is
    a private folder on a disk with room for all databases. `ledger` is the copy of the ledger that retention makes,
    `proofs` the folders of certificates and of checkpoints. `record_dir` is where it is kept what is known.
    """

    target: str
    folder_is_off_site: bool
    s3_in_the_clear: bool
    secrets: Secrets
    superusers: Path
    work: Path
    state_dir: Path
    record_dir: Path
    environment: str
    ledger: Path
    proofs: Mapping[str, Path]
    sets: tuple[BackupSet, ...]

    def set_of(self, name: str) -> BackupSet:
        """The set of this name."""
        return next(each for each in self.sets if each.name == name)


def load(source: Mapping[str, str] | None = None) -> BackupSettings:
    """Read the settings from `source`, the process's environment by default. Raises `SettingError`."""
    settings = config.load(source)
    return BackupSettings(
        target=settings.raw.get("VILKAR_BACKUP_TARGET") or DEFAULT_TARGET,
        folder_is_off_site=settings.raw.get("VILKAR_BACKUP_FOLDER_IS_OFF_SITE", "no") == "yes",
        s3_in_the_clear=settings.raw.get(targets.IN_THE_CLEAR, "no") == "yes",
        secrets=settings.secrets,
        superusers=settings.secrets.folder.parent,
        work=Path(settings.raw.get("VILKAR_BACKUP_WORK_DIR") or DEFAULT_WORK),
        state_dir=settings.state_dir,
        record_dir=settings.backup_dir,
        environment=settings.environment,
        ledger=Path(settings.raw.get("VILKAR_LEDGER_COPIES_DIR") or settings.ledger_dir) / config.LEDGER_FILE,
        proofs={CERTIFICATES: settings.certificates_dir, CHECKPOINTS: settings.checkpoints_dir},
        sets=sets_of(settings),
    )


def sets_of(settings: config.Settings) -> tuple[BackupSet, ...]:
    """The two sets of the system."""
    return (
        BackupSet(
            name=backup_record.DATA,
            host=settings.db_host,
            port=settings.db_port,
            databases=postgres.service_databases(),
            password="db_password",  # noqa: S106 - the name of a file
            server="postgres",
            window_days=parameter("backup.max_age").default,
        ),
        BackupSet(
            name=backup_record.KEYRING,
            host=settings.keyring_host,
            port=settings.keyring_port,
            databases=postgres.keyring_databases(),
            password="keyring_password",  # noqa: S106 - the name of a file
            server="keyring",
            window_days=parameter("backup.keyring_max_age").default,
        ),
    )
