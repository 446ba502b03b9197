"""An idle relay is woken by a hint after the commit, and finds by itself what no hint told of."""

from __future__ import annotations

import time
from contextlib import contextmanager
from statistics import median
from uuid import uuid4

import psycopg
import pytest

from shared.bus.relay import PAUSE_SECONDS, UNHINTED_SECONDS
from shared.database import Database
from shared.database.outbox_hint import SECONDS
from tests.integration.relay.relay_env import QUEUE, Ticked, relaying, take, ticks
from tests.waiting import until

pytestmark = pytest.mark.integration

EVENTS = 7


@pytest.fixture
def database(databases):
    opened = Database(databases.dsn("account"), source="account", size=2)
    opened.open()
    yield opened
    opened.close()


@contextmanager
def listening(databases):
    """How many hints have come since this was last asked."""
    with psycopg.connect(databases.superuser_dsn("account"), autocommit=True) as connection:
        connection.execute("LISTEN outbox")
        yield lambda seconds=0.5: len(list(connection.notifies(timeout=seconds)))


def commit(database, clock, count=1):
    with database.transaction() as tx:
        for _ in range(count):
            tx.outbox.add(Ticked(account_id=uuid4(), number=1), now=clock.now())


def commit_and_fail(database, clock):
    with database.transaction() as tx:
        tx.outbox.add(Ticked(account_id=uuid4(), number=1), now=clock.now())
        raise ZeroDivisionError


def at_rest():
    time.sleep(UNHINTED_SECONDS + 0.1)


def test_a_relay_at_rest_sends_at_once_what_a_service_has_written(table, broker, database):
    took = []
    with relaying(table, broker) as relay:
        until(lambda: relay.state == "active")
        for _ in range(EVENTS):
            at_rest()
            began = time.monotonic()
            commit(database, table.clock)
            until(lambda: not table.waiting(), seconds=10, every=0.005)
            took.append(time.monotonic() - began)
    assert median(took) < PAUSE_SECONDS / 3, took
    take(broker, QUEUE, count=EVENTS)


def test_what_is_written_just_after_a_hint_and_gives_none_waits_no_longer(table, broker, database):
    took = []
    with relaying(table, broker) as relay:
        until(lambda: relay.state == "active")
        for _ in range(EVENTS):
            at_rest()
            began = time.monotonic()
            for _ in range(3):
                commit(database, table.clock)
            until(lambda: not table.waiting(), seconds=10, every=0.005)
            took.append(time.monotonic() - began)
    assert median(took) < PAUSE_SECONDS / 3, took
    take(broker, QUEUE, count=3 * EVENTS)


def test_what_no_hint_told_of_is_sent_within_the_pause(table, broker):
    with relaying(table, broker) as relay:
        until(lambda: relay.state == "active")
        at_rest()
        table.add(*ticks(1))  # written by a connection that gives none
        until(lambda: not table.waiting(), seconds=PAUSE_SECONDS + 10)
    take(broker, QUEUE, count=1)


def test_hints_are_few_however_many_transactions_there_are(databases, table, database):
    with listening(databases) as hints:
        began = time.monotonic()
        for _ in range(60):
            commit(database, table.clock)
        took = time.monotonic() - began
        assert 1 <= hints() <= took / SECONDS + 1


def test_nothing_is_hinted_at_that_was_not_committed_or_wrote_no_event(databases, table, database):
    with listening(databases) as hints:
        with pytest.raises(ZeroDivisionError):
            commit_and_fail(database, table.clock)
        database.ping()
        assert hints() == 0


def test_no_transaction_that_changes_something_hints(databases, table, database):
    """A NOTIFY holds a lock of the whole server until its transaction has committed."""
    with listening(databases) as hints, database.transaction() as tx:
        tx.outbox.add(Ticked(account_id=uuid4(), number=1), now=table.clock.now())
        locks = tx.all("SELECT 1 FROM pg_locks WHERE locktype = 'object' AND database = 0")
        assert locks == []
        assert hints(0.2) == 0


def test_the_connection_that_gave_a_hint_serves_the_next_transaction(table, database):
    for _ in range(3):
        commit(database, table.clock)
        with database.transaction() as tx:
            assert not tx.connection.autocommit
            tx.one("SELECT 1 AS one")
    assert len(table.waiting()) == 3


def test_a_connection_lost_after_the_commit_loses_neither_the_event_nor_the_next_transaction(
    databases, table, database, monkeypatch
):
    monkeypatch.setattr("shared.database.outbox_hint.GIVE", "SELECT pg_terminate_backend(pg_backend_pid())")
    commit(database, table.clock)
    monkeypatch.undo()
    assert len(table.waiting()) == 1
    commit(database, table.clock)
    assert len(table.waiting()) == 2
