"""Watches the backups, by what their keeper wrote down: a certificate promises when the last copies are gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared import backup_record
from shared.backup_record import BackupRecord
from shared.bus import Feature
from shared.bus.probes import probe
from shared.database import Transaction
from shared.terms.clauses import erasure

NOT_DAILY: Final = ("none", "stale", "behind")
NOT_PROVEN: Final = ("none", "unproven")
NOT_GONE: Final = ("too_old", "clock")


@dataclass(kw_only=True, eq=False)
class Backups(Feature):
    """Takes none itself. `vilkar alarms` tells the same to whoever keeps them, so no alarm is raised here."""

    read: Callable[[], BackupRecord]
    """What is known of the backups now."""

    @probe(
        erasure.DAILY_BACKUP,
        nb="sikkerhetskopier som mangler eller er eldre enn et døgn",
        en="backups that are missing or older than a day",
        alarms=False,
        act="vilkar backup status",
    )
    def backups_not_daily(self, _tx: Transaction, now: datetime) -> int:
        """One of each set and of each copy, every day."""
        return _count(self.read(), now, NOT_DAILY)

    @probe(
        erasure.DAILY_BACKUP,
        nb="sikkerhetskopier som bare ligger på denne maskinen",
        en="backups that lie on this machine alone",
        alarms=False,
        act="VILKAR_BACKUP_TARGET names a place on another machine: docs/operations.md",
    )
    def backups_not_elsewhere(self, _tx: Transaction, _now: datetime) -> int:
        """Whoever destroys the machine destroys them as well."""
        return int(not self.read().off_site)

    @probe(
        erasure.RESTORE_AFTER_DISASTER,
        nb="sikkerhetskopier som ingen har vist kan leses inn igjen",
        en="backups of which nobody has shown that they can be restored",
        alarms=False,
        act="make prove-backup",
    )
    def backups_not_proven(self, _tx: Transaction, now: datetime) -> int:
        """One of each set is restored every week where nobody is served."""
        return _count(self.read(), now, NOT_PROVEN)

    @probe(
        erasure.NEVER_RESTORED,
        nb="sikkerhetskopier som er eldre enn de får være",
        en="backups that are older than they may become",
        alarms=False,
        act="vilkar backup status",
    )
    def backups_too_old(self, _tx: Transaction, now: datetime) -> int:
        """What was erased is gone from them when the certificate says."""
        return _count(self.read(), now, NOT_GONE)


def _count(record: BackupRecord, now: datetime, reasons: tuple[str, ...]) -> int:
    return sum(each.reason in reasons for each in backup_record.alarms(record, now))
