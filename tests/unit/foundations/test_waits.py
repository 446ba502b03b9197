"""Rules that reckon from a stored instant leave out what a wrong clock wrote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deploy.backup import rules as backup
from services.account.authentication.rules import (
    address_closed_until,
    kept_failures,
    name_closed_until,
    session_is_open,
)
from services.account.authentication.values import SessionState
from services.billing_sync.jobs import rules as billing
from shared import wait_bounds
from shared.bus.admin_watch import Watch, look
from shared.identifiers import new_id
from shared.privacy.key_rotation_rules import Renewal, Report, unneeded_before
from shared.vendor_state import BEYOND, VendorStates

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ABSURD = datetime(2083, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, (None, 0)),
        ("", (None, 0)),
        ("soon", (None, 0)),
        ("nan", (None, 0)),
        ("-5", (0.0, 0)),
        ("12.5", (12.5, 0)),
        ("3600", (3600.0, 0)),
        ("1796000000", (3600.0, 1)),
        ("inf", (3600.0, 1)),
        ("1e400", (3600.0, 1)),
    ],
)
def test_whatever_a_vendor_asks_for_the_wait_is_bounded_and_too_much_is_told(text, expected) -> None:
    told = BEYOND.labels("weather")
    before = told._value.get()
    wait = VendorStates().wait_asked("weather", wait_bounds.duration(text))
    assert (None if wait is None else wait.total_seconds(), told._value.get() - before) == expected


def test_a_job_is_put_off_for_an_hour_at_most_whatever_it_is_told() -> None:
    at = billing.next_try(1, NOW, asked=timedelta(days=20_000), jitter=1.0)
    assert at == NOW + billing.LONGEST_WAIT


def test_a_lease_that_is_longer_than_any_gives_no_right_to_write() -> None:
    assert billing.may_still_write(NOW + billing.LEASE, NOW)
    assert not billing.may_still_write(ABSURD, NOW)


def test_failures_dated_ahead_keep_nobody_out() -> None:
    failures = [ABSURD] * 50
    assert name_closed_until(failures, NOW) is None
    assert address_closed_until(failures, NOW) is None
    assert kept_failures([*failures, NOW], NOW) == [NOW]


def test_a_session_dated_ahead_is_none() -> None:
    assert session_is_open(SessionState(created_at=NOW, seen_at=NOW), NOW)
    assert not session_is_open(SessionState(created_at=ABSURD, seen_at=ABSURD), NOW)
    assert not session_is_open(SessionState(created_at=NOW, seen_at=ABSURD), NOW)


def test_a_backup_dated_ahead_keeps_none_from_being_taken() -> None:
    assert backup.due_at(ABSURD, None, NOW) <= NOW
    assert backup.due_at(None, ABSURD, NOW) <= NOW + backup.RETRY
    assert backup.proving_due_at(ABSURD, NOW, None, NOW) <= NOW
    assert backup.proving_due_at(None, NOW, ABSURD, NOW) <= NOW + backup.PROOF_RETRY


def test_reading_by_an_administrator_ends_whatever_was_noted() -> None:
    counts = {"account": 1}
    watch = Watch(counted={}, seen=counts, session_id=new_id(), opened_at=NOW - HOUR, seen_at=ABSURD)
    after, told = look(watch, counts, connected=False, database="account", now=NOW)
    assert after.session_id is None
    assert told is not None


def test_a_report_dated_ahead_has_no_key_destroyed() -> None:
    renewal = Renewal(generation=2, begun_at=NOW, keyed_at=NOW, sealing_from=NOW)
    long_ago = NOW - timedelta(days=400)
    window = timedelta(days=30)

    def reports(looked_at):
        return [
            Report(holder=each, generation=2, left_over=0, unreadable=0, looked_at=looked_at, clear_since=long_ago)
            for each in ("account", "audit")
        ]

    assert unneeded_before([renewal], reports(NOW), window, NOW) == 2
    assert unneeded_before([renewal], reports(ABSURD), window, NOW) is None
