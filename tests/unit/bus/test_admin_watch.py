"""When a session of an administrator begins, goes on and ends, and what is told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.audit.service import Audit
from shared.bus.admin_watch import IDLE, LONGEST, Watch, look
from shared.bus.declarations import specifications
from shared.bus.every_service_events import AdminSessionClosed, AdminSessionOpened
from shared.system import SERVICES

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
NOTHING = Watch(counted={}, seen={})
SECOND = timedelta(seconds=1)


def seen(watch: Watch, counts: dict[str, int], *, connected: bool = False, now: datetime = NOW):
    return look(watch, counts, connected=connected, database="account", now=now)


def test_nothing_is_told_where_nobody_is() -> None:
    assert seen(NOTHING, {}) == (NOTHING, None)
    assert seen(NOTHING, {"account": 0}) == (NOTHING, None)


def test_a_connection_opens_a_session_and_so_does_a_reading_that_was_over_before_the_look() -> None:
    for counts, connected in (({}, True), ({"account": 1}, False)):
        watch, told = seen(NOTHING, counts, connected=connected)
        assert isinstance(told, AdminSessionOpened)
        assert (told.role, told.database, told.session_id) == ("adminer", "account", watch.session_id)


def test_a_session_is_over_when_nothing_happened_for_some_minutes_and_says_how_often_what_was_read() -> None:
    watch, opened = seen(NOTHING, {"account": 2})
    watch, told = seen(watch, {"account": 5, "outbox": 1, "inbox": 0}, now=NOW + 60 * SECOND)
    assert told is None
    watch, told = seen(watch, watch.seen, now=NOW + 60 * SECOND + IDLE - SECOND)
    assert told is None
    watch, told = seen(watch, watch.seen, now=NOW + 60 * SECOND + IDLE)
    assert isinstance(told, AdminSessionClosed)
    assert told.session_id == opened.session_id
    assert (told.opened_at, told.seconds, told.reads) == (NOW, 60, {"account": 5, "outbox": 1})
    assert seen(watch, watch.seen) == (watch, None)


def test_who_stays_connected_is_told_of_every_hour() -> None:
    watch, told = seen(NOTHING, {}, connected=True)
    closed, now = [], NOW
    while now < NOW + 2 * LONGEST + 2 * SECOND:
        now += 10 * SECOND
        watch, told = seen(watch, {"account": 7}, connected=True, now=now)
        closed += [told] if isinstance(told, AdminSessionClosed) else []
    assert [each.reads for each in closed] == [{"account": 7}, {}]


def test_counters_of_a_restored_database_are_lower_and_frighten_nobody() -> None:
    watch, _ = seen(Watch(counted={"account": 9}, seen={"account": 9}), {"account": 3}, connected=True)
    watch, told = seen(watch, {"account": 4}, now=NOW + LONGEST)
    assert told.reads == {}


def test_the_trail_hears_of_it_from_every_service_with_a_database() -> None:
    sources = {spec.event: spec.sources for _, spec in specifications(Audit) if hasattr(spec, "event")}
    for event in (AdminSessionOpened, AdminSessionClosed):
        assert set(sources[event]) == set(SERVICES)
