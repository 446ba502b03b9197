"""Retention alone is restored from a backup: what it told already is told under the same ids, or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from test_retention import INACTIVE_AT, accounts, deactivate, hear, ledger, run, service, shown, stores
from test_retention_follows import hear_and_die

from services.account.deactivation.events import AccountDeactivated
from services.notification.letter_lifecycle.store import Queue
from services.notification.letter_lifecycle.values import LetterRequest
from services.notification.letters.values import Facts
from services.retention.service import Retention
from shared.database import Database
from shared.privacy.ledger import Ledger
from shared.privacy.restore_gate import Gate, GateState
from tests.plugins.db_snapshot import SetBack

__all__ = ["accounts", "ledger", "service", "stores"]
pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-1")]


@pytest.fixture(autouse=True)
def _new_ledger(service, databases) -> None:
    with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
        owner.execute("TRUNCATE hold, restriction, restricted, restriction_over, early_request")
        owner.execute("UPDATE ledger_position SET position = NULL, hash = NULL, recorded_at = NULL")


def reopened(service: Retention) -> GateState:
    """The gate of the process that starts after the restore."""
    ledger = Ledger(service.ledger.path, keys=service.ledger.keys)
    (_, replayer), _ = service.guarded()
    return Gate(ledger, service.database, replayer, clock=service.clock).open()


def published(service: Retention, kind: str) -> list[dict[str, Any]]:
    with service.database.transaction() as tx:
        rows = tx.all("SELECT body FROM outbox WHERE routing_key = %(kind)s ORDER BY id", kind=kind)
    return [json.loads(bytes(row["body"])) for row in rows]


def remind_on(service: Retention, day: Any) -> None:
    service.clock.at = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    run(service)


@pytest.mark.parametrize("older", [True, False], ids=["older than the clock", "older than the reminders"])
def test_a_reminder_that_went_out_is_the_same_event_when_it_goes_out_again(
    service, accounts, stores, databases, older
):
    assert reopened(service) is GateState.OPEN
    backup = SetBack(databases.owner_dsn("retention")) if older else None
    account_id = deactivate(service, accounts, stores)
    (before,) = shown(service, account_id)
    assert reopened(service) is GateState.OPEN
    backup = backup or SetBack(databases.owner_dsn("retention"))
    remind_on(service, before["reminders"][0])
    remind_on(service, before["reminders"][1])
    first = published(service, "erasure.reminder_due")
    assert len(first) == 2
    backup.restore()
    assert published(service, "erasure.reminder_due") == []
    assert reopened(service) is GateState.OPEN
    (after,) = shown(service, account_id)
    assert (after["erasure_id"], after["due_on"]) == (before["erasure_id"], before["due_on"])
    run(service, 2)
    (again,) = published(service, "erasure.reminder_due")
    assert again["id"] == first[-1]["id"]
    assert letters_of(databases, [*first, again], account_id) == len(first)
    remind_on(service, before["reminders"][2])
    assert len({each["id"] for each in (*first, *published(service, "erasure.reminder_due"))}) == 3


def test_a_clock_that_took_two_tries_is_the_one_that_was_told_after_a_restore(service, databases, monkeypatch):
    assert reopened(service) is GateState.OPEN
    backup = SetBack(databases.owner_dsn("retention"))
    event = AccountDeactivated(account_id=uuid4(), trigger="customer", deactivated_at=INACTIVE_AT, user_count=1)
    hear_and_die(service, monkeypatch, event)
    hear(service, event)
    (told,) = published(service, "erasure.scheduled")
    backup.restore()
    assert reopened(service) is GateState.OPEN
    (after,) = shown(service, event.account_id)
    assert str(after["erasure_id"]) == told["data"]["clock_id"]


def letters_of(databases, told: list[dict[str, Any]], account_id: UUID) -> int:
    """How many letters notification makes of these events; it has forgotten which it has handled."""
    notification = Database(databases.dsn("notification"), source="notification", size=2)
    notification.open()
    try:
        for event in told:
            request = LetterRequest(
                event_id=UUID(event["id"]),
                letter="account_reminder",
                account_id=account_id,
                requested_at=INACTIVE_AT,
                expires_at=INACTIVE_AT + timedelta(days=1),
                facts=Facts(correlation_id=UUID(event["correlationid"])),
            )
            with notification.transaction() as tx:
                Queue().add_mailing(tx, request, None)
        with notification.transaction() as tx:
            return len(tx.all("SELECT 1 FROM mailing WHERE account_id = %(id)s", id=account_id))
    finally:
        notification.close()
