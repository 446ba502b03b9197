"""Retention hears its own facts again while it runs: what it follows may neither undo nor hide what it does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from test_retention import INACTIVE_AT, accounts, deactivate, events, hear, ledger, service, shown, stores
from test_retention_holds import DUE, finish, members, order, place, release

from services.account.deactivation.events import AccountDeactivated
from services.account.reactivation.events import AccountReactivated
from services.retention.clocks.feature import Clocks
from services.retention.service import Retention
from shared.events import Received
from shared.privacy.ledger import Ledger
from shared.privacy.restore_gate import Gate, GateState
from tests import in_process
from tests.plugins.lock_wait import until_somebody_waits

__all__ = ["accounts", "ledger", "service", "stores"]
pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def _nothing_yet(service, databases) -> None:
    with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
        owner.execute("TRUNCATE hold, restriction, restricted, restriction_over")
        owner.execute("UPDATE ledger_position SET position = NULL, hash = NULL, recorded_at = NULL")


@pytest.fixture
def gate(service) -> Gate:
    ledger = Ledger(service.ledger.path, keys=service.ledger.keys)
    (_, replayer), _ = service.guarded()
    return Gate(ledger, service.database, replayer, clock=service.clock)


class Killed(BaseException):
    """The process ends between the ledger and the commit."""


def hear_and_die(service: Retention, monkeypatch, event: Any, **how: Any) -> None:
    """Write the fact and lose the transaction, as a process does that is killed in between."""
    append = service.ledger.append

    def append_and_die(facts, now):
        append(facts, now)
        raise Killed

    monkeypatch.setattr(service.ledger, "append", append_and_die)
    with pytest.raises(Killed):
        hear(service, event, **how)
    monkeypatch.setattr(service.ledger, "append", append)


def test_a_clock_that_the_ledger_began_is_told_when_its_event_is_heard(service, gate, monkeypatch):
    event = AccountDeactivated(account_id=uuid4(), trigger="customer", deactivated_at=INACTIVE_AT, user_count=1)
    hear_and_die(service, monkeypatch, event)
    assert gate.open() is GateState.OPEN
    assert events(service) == []
    hear(service, event)
    assert events(service) == ["erasure.scheduled"]
    assert [row["state"] for row in shown(service, event.account_id)] == ["scheduled"]


def test_a_clock_that_the_ledger_called_off_is_told_when_the_return_is_heard(
    service, accounts, stores, gate, monkeypatch
):
    account_id = deactivate(service, accounts, stores)
    event, back = AccountReactivated(account_id=account_id), INACTIVE_AT + timedelta(days=3)
    hear_and_die(service, monkeypatch, event, at=back)
    assert gate.open() is GateState.OPEN
    hear(service, event, at=back)
    assert events(service) == ["erasure.scheduled", "erasure.cancelled"]


def test_the_handler_and_the_follower_begin_the_same_clock_at_the_same_moment(service, gate, databases):
    assert gate.open() is GateState.OPEN
    event = AccountDeactivated(account_id=uuid4(), trigger="customer", deactivated_at=INACTIVE_AT, user_count=1)
    message = Received(
        id=uuid4(),
        event=event,
        source="account",
        time=INACTIVE_AT,
        subject=event.subject,
        correlation_id=uuid4(),
    )
    with ThreadPoolExecutor(1) as aside, service.database.transaction() as tx:
        in_process.feature(service, Clocks).schedule_account(message, tx)
        followed = aside.submit(gate.follow)
        until_somebody_waits(databases.superuser_dsn("retention"))
        tx.connection.commit()
        assert followed.result(timeout=60) == 1
    assert gate.state is GateState.OPEN
    assert events(service) == ["erasure.scheduled"]
    assert [row["state"] for row in shown(service, event.account_id)] == ["scheduled"]


def test_the_fact_of_a_partial_erasure_does_not_call_off_the_one_that_completes_it(service, accounts, stores, gate):
    account_id = deactivate(service, accounts, stores)
    (held,) = members(stores, account_id, 1)
    hold = place(service, account_id, user_ids=[held])
    service.clock.at = DUE
    order(service, account_id)
    release(service, hold)
    finish(service, account_id, keeps=("account",))
    in_process.run(service, "complete")
    assert [row["state"] for row in shown(service, account_id)] == ["certified", "scheduled"]
    assert gate.open() is GateState.OPEN
    assert [row["state"] for row in shown(service, account_id)] == ["certified", "scheduled"]


def test_what_was_kept_is_erased_where_its_hold_ended_before_the_erasure_did(
    service, accounts, stores, gate, databases
):
    account_id = deactivate(service, accounts, stores)
    (held,) = members(stores, account_id, 1)
    hold = place(service, account_id, user_ids=[held])
    service.clock.at = DUE
    order(service, account_id)
    release(service, hold)
    assert finish(service, account_id, keeps=("account",))["state"] == "certified"
    with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
        owner.execute(
            "TRUNCATE erasure, answer, certificate, came_back, hold, restricted, restriction_over CASCADE"
        )
    assert gate.open() is GateState.OPEN
    assert [row["state"] for row in shown(service, account_id)] == ["certified"]
    in_process.run(service, "complete")
    in_process.run(service, "complete")
    assert sorted(row["state"] for row in shown(service, account_id)) == ["certified", "scheduled"]
