"""What staff looked at of a customer: told to it by day, purpose and number, and nobody of the staff is named."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.audit.staff_reads.calls import PersonalDataReads
from services.staff.statements.events import ActsSigned, PersonalDataRead
from shared.events import Code
from shared.records import schema_of
from tests.integration.audit.audit_stage import NOW, Stage

pytestmark = pytest.mark.integration


def look(stage: Stage, account: UUID, *, at: datetime = NOW, staff: str = "kari", purpose: str = "dispute") -> None:
    read = PersonalDataRead(
        staff_code=Code(staff),
        account_id=account,
        purpose=Code(purpose),
        acts=[Code("account.get_account"), Code("account.list_users")],
    )
    stage.hear(read, source="staff", time=at, actor=f"staff:{staff}")


def told(stage: Stage, account: UUID) -> list[tuple[date, str, int]]:
    stage.run("sequence")
    return [(each.day, each.purpose, each.reads) for each in stage.ask(PersonalDataReads(account_id=account)).days]


@pytest.mark.clause("STAFF-1", "RIGHTS-1")
def test_a_customer_is_told_days_purposes_and_numbers_and_no_names_of_staff(stage):
    account, other = uuid4(), uuid4()
    for staff in ("kari", "per"):
        look(stage, account, staff=staff)
    look(stage, account, purpose="billing")
    look(stage, account, at=NOW - timedelta(days=2))
    look(stage, other)
    assert told(stage, account) == [
        (date(2026, 11, 30), "billing", 1),
        (date(2026, 11, 30), "dispute", 2),
        (date(2026, 11, 28), "dispute", 1),
    ]
    shown = stage.ask(PersonalDataReads(account_id=account))
    said = str(schema_of(type(shown)).dump(shown))
    assert not [name for name in ("kari", "per", "staff") if name in said]


def test_a_look_at_nobody_of_the_account_is_not_told(stage):
    account = uuid4()
    look(stage, account)
    signed = ActsSigned(staff_code=Code("kari"), purpose=Code("operations"), acts=[Code("audit.trail_head")])
    stage.hear(signed, source="staff", actor="staff:kari")
    stage.update_user(account)
    assert told(stage, account) == [(date(2026, 11, 30), "dispute", 1)]


def test_days_are_those_of_the_calendar_in_oslo_and_reach_back_to_the_month_a_year_ago(stage):
    account = uuid4()
    look(stage, account, at=datetime(2026, 11, 28, 23, 30, tzinfo=UTC))  # half past midnight in Oslo
    look(stage, account, at=datetime(2025, 10, 31, 23, 0, tzinfo=UTC))  # the first instant of November
    look(stage, account, at=datetime(2025, 10, 31, 22, 59, 59, tzinfo=UTC))
    assert told(stage, account) == [(date(2026, 11, 29), "dispute", 1), (date(2025, 11, 1), "dispute", 1)]
    assert stage.ask(PersonalDataReads(account_id=account)).since == date(2025, 11, 1)


def test_of_an_erased_account_nothing_is_known_any_more(stage):
    account, user = stage.person()
    look(stage, account)
    stage.log_in(account, user)
    assert told(stage, account)
    stage.erase(account)
    assert told(stage, account) == []
    look(stage, account)  # a message that comes late brings nothing back
    assert told(stage, account) == []


def test_what_waits_for_its_place_is_told_once_it_has_it(stage):
    account = uuid4()
    look(stage, account)
    assert stage.ask(PersonalDataReads(account_id=account)).days == ()
    assert told(stage, account) == [(date(2026, 11, 30), "dispute", 1)]
