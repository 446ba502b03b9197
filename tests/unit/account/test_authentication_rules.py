from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account.authentication.rules import (
    FAILURES_KEPT,
    LOCK,
    address_closed_until,
    kept_failures,
    name_closed_until,
    session_ends_at,
    session_is_open,
    touch_is_due,
)
from services.account.authentication.values import SessionState
from tests.unit.account.states import NOW, minutes

pytestmark = pytest.mark.unit


def session(created: float, seen: float, **states) -> SessionState:
    return SessionState(created_at=NOW - timedelta(hours=created), seen_at=NOW - timedelta(hours=seen), **states)


@pytest.mark.clause("WATCH-1", "SCAN-1")
@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        ([], None),
        (minutes(0, 0, 0, 0), None),
        (minutes(0, 0, 0, 0, 0), 30),
        (minutes(0.5, 1, 1, 1, 1), None),
        (minutes(0.25, 1, 1, 1, 1), 15),
        (minutes(0, 1, 1, 1, 1, 1), 60),
        (minutes(0, 1, 1, 1, 1, 1, 1), 120),
        (minutes(0, 1, 1, 1, 1, 1, 1, 1), 240),
        (minutes(0, 1, 1, 1, 1, 1, 1, 1, 1), 480),
        (minutes(0, 20, 20, 20, 20), None),
        (minutes(0, 20, 20, 20, 20, 20, 20, 20, 20), None),
        (minutes(0, 20, 20, 20, 20, 20, 20, 20, 20, 20), 900),
        (minutes(14, 20, 20, 20, 20, 20, 20, 20, 20, 20), 60),
        (minutes(15, 20, 20, 20, 20, 20, 20, 20, 20, 20), None),
        (minutes(0, 61, 61, 61, 61, 61, 61, 61, 61, 61), None),
    ],
)
def test_delays_grow_and_a_soft_lock_ends_by_itself(failures, seconds) -> None:
    closed_until = name_closed_until(failures, NOW)
    assert closed_until == (NOW + timedelta(seconds=seconds) if seconds else None)


@given(st.lists(st.floats(0, 120), max_size=60), st.floats(0, 200))
def test_no_name_is_ever_closed_for_longer_than_a_quarter_of_an_hour(ago, later) -> None:
    failures = minutes(*ago)
    at = NOW + timedelta(minutes=later)
    for closed_until in (name_closed_until(failures, at), address_closed_until(failures, at)):
        assert closed_until is None or timedelta() < closed_until - at <= LOCK
    if later > 15:
        assert name_closed_until(failures, at) is None


def test_an_address_waits_after_forty_failures() -> None:
    assert address_closed_until(minutes(*[1] * 39), NOW) is None
    assert address_closed_until(minutes(*[1] * 40), NOW) == NOW + timedelta(minutes=14)
    assert address_closed_until(minutes(*[16] * 40), NOW) is None


def test_failures_are_remembered_for_an_hour_and_not_without_end() -> None:
    assert kept_failures(minutes(61, 3, 59), NOW) == minutes(59, 3)
    assert len(kept_failures(minutes(*range(60)), NOW)) == FAILURES_KEPT


def test_a_session_ends_an_hour_after_use_and_twelve_after_log_in() -> None:
    assert session_is_open(session(11.9, 0.9), NOW)
    assert not session_is_open(session(11.9, 1), NOW)
    assert not session_is_open(session(12, 0), NOW)
    assert not session_is_open(session(1, 0, account_state="inactive"), NOW)
    assert not session_is_open(session(1, 0, user_state="inactive"), NOW)
    assert session_ends_at(session(11.5, 0)) == NOW + timedelta(minutes=30)


def test_use_is_written_down_once_a_minute() -> None:
    assert not touch_is_due(session(1, 0.9 / 60), NOW)
    assert touch_is_due(session(1, 1 / 60), NOW)
