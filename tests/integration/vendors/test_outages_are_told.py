"""An outage of a vendor is told until it is over: in the database, as an alarm, as a warning of readiness."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from services.notification.delivery.rules import bound_by
from services.notification.delivery.store import DeliveryStore
from shared.bus import vendor_standing
from shared.bus.health import Health
from shared.clock import FixedClock
from shared.database import Database
from shared.vendor_state import VendorStates, failure_of_status

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def database(databases):
    kept = Database(databases.dsn("notification"), source="notification", size=2)
    kept.open(wait_seconds=10)
    yield kept
    with kept.transaction() as tx:
        tx.run("UPDATE vendor_state SET failure = NULL")
        tx.run("UPDATE provider_budget SET per_second = NULL, paused_until = NULL")
    kept.close()


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (200, None),
        (404, None),
        (401, "not_let_in"),
        (403, "not_let_in"),
        (429, "rate_limited"),
        (503, "server_error"),
    ],
)
def test_what_a_status_says_of_the_vendor(status, failure) -> None:
    assert failure_of_status(status) == failure


def test_an_outage_is_told_by_every_process_until_it_is_over(database) -> None:
    states, clock, begun = VendorStates(), FixedClock(NOW), time.monotonic()
    keeper = vendor_standing.VendorKeeper(database, clock, states)
    states.note("mailgun", "not_connected", at=begun - 600)
    states.note("mailgun", "timed_out", at=begun)
    keeper.keep()
    with database.transaction() as tx:
        (row,) = vendor_standing.standing(tx)
        waiting = vendor_standing.failing(tx)
    assert (row["vendor"], row["failure"], row["times"]) == ("mailgun", "timed_out", 2)
    assert abs(row["since"] - (NOW - timedelta(seconds=600))) < timedelta(seconds=5)
    assert waiting is not None
    assert (waiting.count, waiting.since) == (1, row["since"])

    other = VendorStates()
    other.note("mailgun", "not_connected", at=time.monotonic())
    vendor_standing.VendorKeeper(database, clock, other).keep()
    with database.transaction() as tx:
        assert vendor_standing.standing(tx)[0]["since"] == row["since"], (
            "a process that meets it later moved its beginning"
        )

    states.note("mailgun", None, at=time.monotonic())
    keeper.keep()
    with database.transaction() as tx:
        assert vendor_standing.failing(tx) is None


def test_readiness_warns_of_a_vendor_and_refuses_nothing() -> None:
    states = VendorStates()
    health = Health(lives=list, serves=list, warns=states.warnings)
    health.starting = False
    states.note("tripletex", "not_let_in", at=time.monotonic())
    assert (health.why_not_ready(), health.warnings()) == ([], ["tripletex_not_let_in"])
    states.note("tripletex", None, at=time.monotonic())
    assert health.warnings() == []


@pytest.mark.parametrize(
    ("due", "paused", "tokens", "bound"),
    [(0, False, 9.0, "letters"), (5, True, 9.0, "pause"), (5, False, 0.4, "rate"), (5, False, 9.0, "workers")],
)
def test_what_bounds_sending_is_said(due, paused, tokens, bound) -> None:
    assert bound_by(due=due, paused=paused, tokens=tokens) == bound


LETTER = """INSERT INTO letter (id, event_id, account_id, user_id, letter, lane, due_at, fair_at, requested_at,
    expires_at)
    SELECT i, i, i, i, 'x', 1, %(now)s, %(now)s, %(now)s, %(now)s
    FROM (SELECT gen_random_uuid() AS i FROM generate_series(1, 60)) AS made"""


def test_a_rate_that_is_set_counts_at_once_for_all_processes(database) -> None:
    store = DeliveryStore()
    with database.transaction() as tx, tx.undone():
        tx.run(LETTER, now=NOW)
        tx.run("UPDATE provider_budget SET tokens = 0, refilled_at = %(now)s", now=NOW)

        def leave_in_a_second(at):
            return sum(store.claim(tx, at, rate=20.0, burst=40.0) is not None for _ in range(50))

        assert leave_in_a_second(NOW + timedelta(seconds=1)) == 20
        store.set_rate(tx, 5.0)
        assert leave_in_a_second(NOW + timedelta(seconds=2)) == 5
        assert store.capacity(tx, NOW + timedelta(seconds=2), rate=20.0)["per_second"] == 5.0
        store.set_rate(tx, None)
        assert leave_in_a_second(NOW + timedelta(seconds=3)) == 20
