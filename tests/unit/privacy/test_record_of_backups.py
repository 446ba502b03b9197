"""A renewal of the data keys waits for a backup of the keyring, where backups are noted and by their clock."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from rich.progress import Progress

from deploy.keys import __main__ as keys
from shared import backup_record, config
from shared.backup_record import KEYRING, BackupRecord, SetRecord
from shared.clock import Clock
from shared.privacy.renewal_rules import Renewal

pytestmark = pytest.mark.unit

NEWEST = datetime(2027, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path):
    for name in ("state", "backups"):
        (tmp_path / name).mkdir()
    return config.load(
        {
            "VILKAR_ENVIRONMENT": "test",
            "VILKAR_STATE_DIR": str(tmp_path / "state"),
            "VILKAR_BACKUP_STATE_DIR": str(tmp_path / "backups"),
            "VILKAR_SECRETS_DIR": str(tmp_path / "secrets" / "keyring_keeper"),
        }
    )


def test_the_newest_backup_is_read_from_the_record_where_the_daemon_writes_it(settings):
    assert keys._newest_backup(settings) is None
    seen = SetRecord(newest=NEWEST, oldest=NEWEST, count=1, window_days=7)
    backup_record.write(settings.backup_dir, BackupRecord(looked_at=NEWEST, sets={KEYRING: seen}))
    assert keys._newest_backup(settings) == NEWEST


def test_new_keys_are_dated_by_the_clock_that_dates_backups(settings):
    by = timedelta(days=90)
    Clock(settings.state_dir, environment=settings.environment).move(by)
    moved = Clock().now() + by
    noted = []
    keeper = SimpleNamespace(
        renewals=lambda: ([Renewal(20270301, moved, None, None)], []),
        keyed=lambda _: (1, 0),
        note_keyed=lambda _, at: noted.append(at),
    )
    reseal = keys._reseal(keeper, settings, Progress())
    reseal._files = SimpleNamespace(alone=nullcontext)
    reseal.renew()
    assert noted[0] >= moved
