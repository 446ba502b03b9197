"""New data keys are dated by the clock that dates backups, which a demo may move."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from types import SimpleNamespace

import pytest
from rich.progress import Progress

from deploy.keys import __main__ as keys
from shared import config
from shared.clock import Clock
from shared.privacy.key_rotation_rules import Renewal

pytestmark = pytest.mark.unit


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
