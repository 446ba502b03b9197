"""retention when events come late, out of order or never, and when single erasures cannot go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from test_retention import (
    DUE,
    INACTIVE_AT,
    Accounts,
    answer,
    deactivate,
    erase_all,
    events,
    farewell,
    hear,
    ledger,
    run,
    service,
    shown,
    stores,
)

from services.account.deactivation.events import AccountDeactivated
from services.account.reactivation.events import AccountReactivated
from services.account.users.events import UserDeactivated, UserReactivated
from services.retention.clocks.store import REMINDER_BATCH
from services.retention.erasure.values import limits_on
from services.retention.execution import feature
from services.retention.execution.erasure_process import ErasureProcess
from services.retention.execution.store import BATCH
from services.retention.service import Retention
from shared.errors import Unavailable
from tests import in_process

__all__ = ["ledger", "service", "stores"]
pytestmark = pytest.mark.integration
SECOND = timedelta(seconds=1)


@pytest.fixture
def accounts() -> Accounts:
    return Picky()


class Picky(Accounts):
    """An account service that fails for some accounts only, and counts how often it was asked about them."""

    def __init__(self) -> None:
        super().__init__()
        self.broken: set[str] = set()
        self.asked = 0

    def call(self, service: str, method: str, **fields):
        if fields.get("account_id") in self.broken:
            self.asked += 1
            raise Unavailable("this one cannot be answered")
        return super().call(service, method, **fields)


def test_erasures_that_cannot_go_on_do_not_hold_up_the_one_behind_them(service, accounts, stores) -> None:
    first = [deactivate(service, accounts, stores) for _ in range(BATCH)]
    accounts.broken = {str(account_id) for account_id in first}
    service.clock.at = DUE
    run(service)
    last = deactivate(service, accounts, stores)
    service.clock.move(SECOND)
    run(service, 2)
    assert shown(service, last)[0]["state"] == "announced"


def test_an_erasure_that_cannot_go_on_is_tried_again_after_a_pause_and_not_in_every_round(
    service, accounts, stores
) -> None:
    account_id = deactivate(service, accounts, stores)
    accounts.broken = {str(account_id)}
    service.clock.at = DUE
    run(service, 10)
    assert accounts.asked == 1
    service.clock.move(timedelta(seconds=6))
    run(service)
    assert accounts.asked == 2


def test_what_happens_to_an_erasure_that_is_being_worked_on_is_seen_without_a_pause(
    service, accounts, stores, monkeypatch
) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service)

    def meanwhile(erasure_id: UUID) -> None:
        farewell(service, account_id)
        raise Unavailable("and then it fails")

    monkeypatch.setattr(ErasureProcess, "advance", lambda self, erasure_id: meanwhile(erasure_id))
    service.clock.move(timedelta(days=1))
    in_process.run(service, "carry_out")
    monkeypatch.undo()
    in_process.run(service, "carry_out")
    assert shown(service, account_id)[0]["state"] == "ordered"


def test_a_company_that_came_back_before_its_leaving_was_heard_is_not_told_of_an_erasure(service, accounts) -> None:
    account_id = uuid4()
    left = AccountDeactivated(account_id=account_id, trigger="customer", deactivated_at=INACTIVE_AT, user_count=1)
    hear(service, AccountReactivated(account_id=account_id), INACTIVE_AT + SECOND)
    hear(service, left)
    run(service)
    assert shown(service, account_id) == []
    assert events(service) == []
    again = replace(left, deactivated_at=INACTIVE_AT + 2 * SECOND)
    hear(service, again)
    assert [each["state"] for each in shown(service, account_id)] == ["scheduled"]


def test_a_user_who_came_back_before_the_leaving_was_heard_says_nothing_of_the_company(service, accounts) -> None:
    account_id, user_id = uuid4(), uuid4()
    back = UserReactivated(account_id=account_id, user_id=user_id)
    hear(service, back, INACTIVE_AT + SECOND)
    hear(service, back, INACTIVE_AT - SECOND)
    gone = UserDeactivated(account_id=account_id, user_id=user_id, deactivated_at=INACTIVE_AT)
    hear(service, gone)
    hear(service, replace(gone, user_id=uuid4()))
    left = AccountDeactivated(account_id=account_id, trigger="customer", deactivated_at=INACTIVE_AT, user_count=1)
    hear(service, left)
    assert [each["user_id"] == user_id for each in shown(service, account_id)] == [False, False]


def test_returns_are_forgotten_when_no_late_event_can_come_any_more(service, accounts) -> None:
    hear(service, AccountReactivated(account_id=uuid4()), INACTIVE_AT)
    in_process.run(service, "purge_returns")
    with service.database.transaction() as tx:
        assert len(tx.all("SELECT * FROM came_back")) == 1
    service.clock.move(timedelta(days=200))
    in_process.run(service, "purge_returns")
    with service.database.transaction() as tx:
        assert tx.all("SELECT * FROM came_back") == []


@pytest.mark.parametrize("past", ["fence", "certificate"])
def test_no_clock_is_left_behind_for_a_user_heard_of_after_the_companys_fence(
    service, accounts, stores, past
) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    if past == "certificate":
        erase_all(service, account_id)
    else:
        run(service)
        farewell(service, account_id)
        run(service)
    late = UserDeactivated(account_id=account_id, user_id=uuid4(), deactivated_at=INACTIVE_AT)
    hear(service, late)
    assert [each["user_id"] for each in shown(service, account_id)] == [None]


def test_due_erasures_that_wait_do_not_hold_back_the_reminders_of_others(
    service, accounts, stores, databases
) -> None:
    waiting = uuid4()
    with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
        owner.execute(
            """
            INSERT INTO erasure (id, account_id, trigger, started_at, started_on, due_on, state, entered_at,
                                 remind_on)
            SELECT gen_random_uuid(), gen_random_uuid(), 'account_inactivated', %(at)s, '2026-11-01', '2027-02-01',
                   'scheduled', %(at)s, '2026-11-01' FROM generate_series(1, %(many)s)
            """,
            {"at": datetime(2026, 11, 1, 12, tzinfo=UTC), "many": REMINDER_BATCH},
        )
    left = AccountDeactivated(account_id=waiting, trigger="customer", deactivated_at=INACTIVE_AT, user_count=1)
    hear(service, left)
    service.clock.at = datetime(2027, 2, 2, 9, tzinfo=UTC)
    in_process.run(service, "remind")
    assert events(service).count("erasure.reminder_due") == 1


def test_the_brake_counts_what_is_under_way_so_that_a_fault_cannot_come_in_portions(
    service, accounts, stores, monkeypatch
) -> None:
    monkeypatch.setattr(feature, "limits_on", lambda day: replace(limits_on(day), run_limit=3))
    began = [deactivate(service, accounts, stores) for _ in range(3)]
    service.clock.at = DUE
    run(service)
    assert {shown(service, each)[0]["state"] for each in began} == {"announced"}
    portion = deactivate(service, accounts, stores)
    service.clock.move(SECOND)
    run(service)
    assert shown(service, portion)[0]["state"] == "halted"
    assert events(service).count("erasure.halted") == 1


def test_what_is_finished_counts_no_more_against_the_brake(service, accounts, stores, monkeypatch) -> None:
    monkeypatch.setattr(feature, "limits_on", lambda day: replace(limits_on(day), run_limit=1))
    first = deactivate(service, accounts, stores)
    service.clock.at = DUE
    erase_all(service, first)
    second = deactivate(service, accounts, stores)
    run(service)
    assert shown(service, second)[0]["state"] == "announced"


def test_a_company_with_thousands_of_users_clocks_still_knows_its_own(service, accounts, stores, databases) -> None:
    account_id = uuid4()
    with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
        owner.execute(
            """
            INSERT INTO erasure (id, account_id, user_id, trigger, started_at, started_on, due_on, state,
                                 entered_at)
            SELECT gen_random_uuid(), %(account)s, gen_random_uuid(), 'user_inactivated', %(at)s, '2026-11-01',
                   '2027-02-01', 'scheduled', %(at)s
            FROM generate_series(1, 2200)
            """,
            {"at": datetime(2026, 11, 1, 12, tzinfo=UTC), "account": account_id},
        )
    left = AccountDeactivated(account_id=account_id, trigger="customer", deactivated_at=INACTIVE_AT, user_count=1)
    hear(service, left)
    hear(service, AccountReactivated(account_id=account_id), INACTIVE_AT + SECOND)
    with service.database.transaction() as tx:
        rows = tx.all("SELECT state FROM erasure WHERE account_id = %(id)s AND user_id IS NULL", id=account_id)
    assert [row["state"] for row in rows] == ["cancelled"]


def test_answers_given_twice_with_other_counts_leave_the_first_in_the_record(
    service: Retention, accounts, stores
) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service)
    farewell(service, account_id)
    run(service)
    erasure_id = shown(service, account_id)[0]["erasure_id"]
    answer(service, erasure_id, "audit")
    before = shown(service, account_id)[0]["participants"]
    answer(service, erasure_id, "audit", outcome="failed")
    assert shown(service, account_id)[0]["participants"] == before
