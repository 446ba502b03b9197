"""No backup is forgotten by a clock that has jumped, until a person confirms it with two facts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from shared import backup_record
from shared.backup_record import BackupRecord
from shared.errors import Conflict

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def test_a_run_a_day_goes_on_and_one_at_an_absurd_time_stops_it() -> None:
    record = backup_record.after_looking(BackupRecord(), NOW)
    record = backup_record.after_looking(record, NOW + timedelta(days=1))
    assert (record.ran_at, record.stopped_at) == (NOW + timedelta(days=1), None)
    absurd = datetime(2083, 1, 1, tzinfo=UTC)
    stopped = backup_record.after_looking(record, absurd)
    assert (stopped.ran_at, stopped.stopped_at) == (record.ran_at, absurd)
    assert "clock" in [each.reason for each in backup_record.alarms(stopped, NOW)]
    again = backup_record.after_looking(stopped, NOW + timedelta(days=1))
    assert again.stopped_at == absurd, "it went on by itself"


def test_two_facts_let_it_go_on(tmp_path) -> None:
    stopped = BackupRecord(ran_at=NOW - timedelta(days=30), stopped_at=NOW)
    for last_ran, today in ((date(2026, 10, 29), NOW.date()), (date(2026, 10, 30), date(2026, 11, 28))):
        with pytest.raises(Conflict):
            backup_record.confirmed(stopped, NOW, last_ran=last_ran, today=today)
    going = backup_record.confirmed(stopped, NOW, last_ran=date(2026, 10, 30), today=NOW.date())
    assert (going.ran_at, going.stopped_at) == (NOW, None)
    backup_record.write(tmp_path, stopped)
    assert backup_record.read(tmp_path) == stopped
    with pytest.raises(Conflict):
        backup_record.confirmed(going, NOW, last_ran=NOW.date(), today=NOW.date())
