"""What is seen of the backups: one a day elsewhere, shown to come back, and none that is too old."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.retention.backups.feature import Backups
from shared.backup_record import COPIES, SETS, BackupRecord, ProvenRestore, SetRecord

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOUND = BackupRecord(
    off_site=True,
    sets={each: SetRecord(newest=NOW - HOUR, oldest=NOW - 48 * HOUR, count=3, window_days=7) for each in SETS},
    copies=dict.fromkeys(COPIES, NOW - HOUR),
    proven={each: ProvenRestore(at=NOW - 24 * HOUR, taken_at=NOW, rows=1, seconds=1.0) for each in SETS},
)


def looked(record, now=NOW):
    watch = Backups(read=lambda: record)
    return (
        watch.backups_not_daily(None, now) + watch.backups_not_elsewhere(None, now),
        watch.backups_not_proven(None, now),
        watch.backups_too_old(None, now),
    )


@pytest.mark.clause("BACKUP-1", "BACKUP-2", "FORGET-1")
def test_where_all_is_as_promised_nothing_is_seen():
    assert looked(SOUND) == (0, 0, 0)


@pytest.mark.clause("BACKUP-1")
def test_copies_on_this_machine_alone_are_none_elsewhere():
    assert looked(replace(SOUND, off_site=False)) == (1, 0, 0)


@pytest.mark.clause("BACKUP-1")
def test_a_day_without_a_backup_is_seen():
    sets = SOUND.sets | {"data": replace(SOUND.sets["data"], newest=NOW - 25 * HOUR)}
    assert looked(replace(SOUND, sets=sets)) == (1, 0, 0)
    assert looked(replace(SOUND, copies={})) == (2, 0, 0)


@pytest.mark.clause("BACKUP-2")
def test_a_backup_that_nobody_has_shown_to_come_back_is_seen():
    assert looked(replace(SOUND, proven={})) == (0, 2, 0)


@pytest.mark.clause("FORGET-1")
def test_a_backup_that_should_be_gone_is_seen():
    sets = SOUND.sets | {"keyring": replace(SOUND.sets["keyring"], oldest=NOW - 8 * 24 * HOUR)}
    assert looked(replace(SOUND, sets=sets)) == (0, 0, 1)
    assert looked(replace(SOUND, stopped_at=NOW)) == (0, 0, 1)


@pytest.mark.clause("BACKUP-1", "BACKUP-2")
def test_without_any_backup_neither_promise_holds():
    assert looked(BackupRecord()) == (3, 2, 0)
