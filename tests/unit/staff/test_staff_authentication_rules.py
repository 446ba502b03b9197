"""How long challenges, sessions and codes of devices last, and when failures are too many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from services.staff.authentication import rules
from services.staff.authentication.values import SessionKind, SessionState
from services.staff.brakes import rules as brakes
from services.staff.device_log_in import rules as devices
from services.staff.device_log_in.calls import ShowDeviceLogIn
from services.staff.passkeys import rules as passkeys
from services.staff.passkeys.calls import By
from shared.errors import Conflict, Forbidden, Invalid, TooMany
from tests.staff_statements import statement_for

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TOKEN = "t" * 43


def session(*, opened=timedelta(), seen=timedelta(), proved=None, kind=SessionKind.DESK):
    """A session that was opened, used and proved so long ago."""
    return SessionState(
        created_at=NOW - opened,
        seen_at=NOW - seen,
        authenticated_at=NOW - (opened if proved is None else proved),
        kind=kind,
    )


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize(
    ("kind", "opened", "seen", "is_open"),
    [
        (SessionKind.DESK, HOUR, MINUTE, True),
        (SessionKind.DESK, HOUR, HOUR - MINUTE, True),
        (SessionKind.DESK, 2 * HOUR, HOUR, False),
        (SessionKind.DESK, 12 * HOUR - MINUTE, MINUTE, True),
        (SessionKind.DESK, 12 * HOUR, MINUTE, False),
        (SessionKind.COMMAND_LINE, 5 * HOUR, 4 * HOUR - MINUTE, True),
        (SessionKind.COMMAND_LINE, 5 * HOUR, 4 * HOUR, False),
        (SessionKind.COMMAND_LINE, 12 * HOUR, MINUTE, False),
    ],
)
def test_a_session_ends_unused_and_at_its_longest(kind, opened, seen, is_open):
    assert rules.session_is_open(session(opened=opened, seen=seen, kind=kind), NOW) is is_open


def test_a_session_from_the_future_is_none():
    assert rules.session_is_open(session(opened=-4 * MINUTE, seen=-4 * MINUTE), NOW)
    assert not rules.session_is_open(session(opened=-6 * MINUTE, seen=-6 * MINUTE), NOW)
    assert not rules.session_is_open(session(opened=HOUR, seen=-6 * MINUTE), NOW)


def test_the_last_use_is_written_once_a_minute():
    assert not rules.touch_is_due(session(seen=timedelta(seconds=59)), NOW)
    assert rules.touch_is_due(session(seen=MINUTE), NOW)


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize(("ago", "fresh"), [(0, True), (15, True), (16, False), (-4, True), (-6, False)])
def test_who_changes_keys_has_just_logged_in(ago, fresh):
    state = session(proved=ago * MINUTE)
    if fresh:
        rules.check_fresh(state, NOW)
    else:
        with pytest.raises(Forbidden) as refused:
            rules.check_fresh(state, NOW)
        assert refused.value.details == {"reason": "log_in_again"}


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize(("ago", "fresh"), [(0, True), (15, True), (16, False), (-4, True), (-6, False)])
def test_who_makes_a_link_to_enrol_by_has_just_logged_in(ago, fresh):
    fields = {"code": "ola", "token_digest": "0" * 64}
    proved = int((NOW - ago * MINUTE).timestamp())
    statement = statement_for("staff", "issue_recovery_link", fields, now=NOW, auth_time=proved)
    if fresh:
        rules.check_changes_others(statement, NOW)
    else:
        with pytest.raises(Forbidden) as refused:
            rules.check_changes_others(statement, NOW)
        assert refused.value.details == {"reason": "log_in_again"}


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize(("ago", "fresh"), [(0, True), (15, True), (16, False), (-4, True), (-6, False)])
def test_who_asks_for_what_takes_two_by_a_file_has_just_logged_in_and_in_a_browser_need_not(ago, fresh):
    rules.check_asks_two(session(proved=ago * MINUTE), NOW)
    state = session(proved=ago * MINUTE, kind=SessionKind.COMMAND_LINE)
    if fresh:
        rules.check_asks_two(state, NOW)
    else:
        with pytest.raises(Forbidden) as refused:
            rules.check_asks_two(state, NOW)
        assert refused.value.details == {"reason": "log_in_again"}


@pytest.mark.clause("STAFF-1")
def test_a_command_line_changes_no_keys_however_fresh_its_log_in():
    rules.check_in_browser(session())
    rules.check_changes_keys(session(), NOW)
    for check in (rules.check_in_browser, lambda state: rules.check_changes_keys(state, NOW)):
        with pytest.raises(Forbidden) as refused:
            check(session(kind=SessionKind.COMMAND_LINE))
        assert refused.value.details == {"reason": "only_in_browser"}
    with pytest.raises(Forbidden) as refused:
        rules.check_changes_keys(session(proved=16 * MINUTE), NOW)
    assert refused.value.details == {"reason": "log_in_again"}


def test_a_challenge_waits_five_minutes():
    assert rules.challenge_is_open(NOW - 5 * MINUTE + timedelta(seconds=1), NOW)
    assert not rules.challenge_is_open(NOW - 5 * MINUTE, NOW)
    assert not rules.challenge_is_open(NOW + 6 * MINUTE, NOW)


# ── failures ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_ten_may_fail_and_the_eleventh_is_too_many_for_a_quarter_of_an_hour():
    failures = [NOW - 10 * MINUTE + each * MINUTE for each in range(10)]
    assert brakes.closed_until(failures[:9], NOW) is None
    assert brakes.closed_until(failures, NOW) == failures[-1] + 15 * MINUTE
    assert brakes.closed_until(failures, failures[-1] + 15 * MINUTE) is None


def test_failures_over_an_hour_old_and_those_from_the_future_count_for_nothing():
    failures = [NOW - HOUR] * 5 + [NOW + HOUR] * 5 + [NOW - MINUTE] * 9
    assert brakes.closed_until(failures, NOW) is None
    assert brakes.recent_failures(failures, NOW) == [NOW - MINUTE] * 9
    assert len(brakes.recent_failures([NOW] * 500, NOW)) == 10


def test_who_fails_once_more_is_told_when_to_come_again():
    refused = brakes.too_many(NOW + timedelta(seconds=89.5), NOW)
    assert refused.details == {"reason": "too_many_failures", "retry_after_seconds": 90}


# ── keys ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_has_so_many_keys_at_most_and_keeps_one():
    passkeys.check_room(9)
    with pytest.raises(Conflict):
        passkeys.check_room(10)
    passkeys.check_not_last(2)
    for left in (0, 1):
        with pytest.raises(Conflict):
            passkeys.check_not_last(left)


@pytest.mark.parametrize("given", [{}, {"link": TOKEN, "session": TOKEN}, {"link": "short"}, {"link": None}])
def test_a_key_is_enrolled_by_one_thing(given):
    with pytest.raises(Invalid):
        By.from_json(given)
    assert By.from_json({"session": TOKEN}).session == TOKEN
    assert TOKEN not in repr(By(session=TOKEN))


# ── devices ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_letters_of_a_device_neither_look_nor_sound_alike():
    assert len(set(devices.ALPHABET)) == 16
    alike = ["0O", "1IL", "8B", "5S", "2Z", "UV", "MN", "6X", "BCDEGPTV", "HKA", "FS", "5M"]
    for group in alike:
        assert len(set(group) & set(devices.ALPHABET)) <= 1, group


def test_a_code_is_understood_however_it_is_typed():
    code = devices.code_of(range(8))
    assert devices.spaced(code) == "FHJL-NRUY"
    for typed in ("FHJL-NRUY", "fhjl nruy", " fhjlnruy ", "FHJL\u2013NRUY", "f h j l n r u y"):
        assert devices.understood(typed) == code
    for typed in ("", "FHJL", "FHJLNRUYF", "FHJLNRUA", "FHJLNRU0", "ÅHJLNRUY", "fhjlnru\u0661"):
        assert devices.understood(typed) is None
    with pytest.raises(Invalid):
        ShowDeviceLogIn.from_json({"token": TOKEN, "user_code": "F" * 100_000})
    assert ShowDeviceLogIn.from_json({"token": TOKEN, "user_code": "fhjl-nruy"}).user_code == code
    with pytest.raises(ValueError, match="8"):
        devices.code_of(range(7))


def test_codes_of_two_devices_differ():
    codes = {devices.code_of(letters) for letters in combinations(range(16), 8)}
    assert len(codes) == 12870


def test_a_device_waits_ten_minutes_and_asks_every_five_seconds():
    assert devices.is_open(NOW - 10 * MINUTE + timedelta(seconds=1), NOW)
    assert not devices.is_open(NOW - 10 * MINUTE, NOW)
    assert not devices.is_open(NOW + 6 * MINUTE, NOW)
    assert not devices.comes_too_soon(None, NOW)
    assert devices.comes_too_soon(NOW - timedelta(seconds=3), NOW)
    assert not devices.comes_too_soon(NOW - timedelta(seconds=4), NOW)
    assert devices.LASTS / devices.INTERVAL < devices.POLLS_MOST
    assert devices.too_soon().details == {"reason": "slow_down", "retry_after_seconds": 5}


def test_so_many_devices_wait_at_once():
    devices.check_room(499)
    with pytest.raises(TooMany):
        devices.check_room(500)
