"""What staff looked at of a customer: told by day, purpose and number, and whom they saw; no staff are named."""

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


def look(
    stage: Stage,
    account: UUID,
    *seen: UUID,
    at: datetime = NOW,
    staff: str = "kari",
    purpose: str = "dispute",
    persons: int | None = None,
) -> None:
    """Without `persons` it was not told whom the look showed."""
    read = PersonalDataRead(
        staff_code=Code(staff),
        account_id=account,
        purpose=Code(purpose),
        acts=[Code("account.get_account"), Code("account.list_users")],
        seen_user_ids=None if persons is None else list(seen),
        persons=persons,
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


def seen(stage: Stage, account: UUID, user: UUID | None = None) -> list[tuple[str, int, int, set[UUID]]]:
    stage.run("sequence")
    days = stage.ask(PersonalDataReads(account_id=account, user_id=user)).days
    return [(each.purpose, each.reads, each.not_named, set(each.user_ids)) for each in days]


@pytest.mark.clause("STAFF-1", "RIGHTS-1")
def test_a_customer_is_told_whom_a_look_showed_and_a_person_what_showed_them(stage):
    account, one, two, three = (uuid4() for _ in range(4))
    look(stage, account, one, two, persons=2)
    look(stage, account, two, persons=1)
    look(stage, account, persons=0, purpose="billing")
    look(stage, account, one, persons=70, purpose="security")
    look(stage, account, purpose="operations")
    look(stage, uuid4(), persons=0)
    assert seen(stage, account) == [
        ("billing", 1, 0, set()),
        ("dispute", 2, 0, {one, two}),
        ("operations", 1, 1, set()),
        ("security", 1, 1, {one}),
    ]
    may_have = [("operations", 1, 1, set()), ("security", 1, 1, set())]
    assert seen(stage, account, one) == [("dispute", 1, 0, {one}), may_have[0], ("security", 1, 1, {one})]
    assert seen(stage, account, two) == [("dispute", 2, 0, {two}), *may_have]
    assert seen(stage, account, three) == may_have
    other, theirs = uuid4(), uuid4()
    look(stage, other, theirs, persons=1)
    assert seen(stage, account, theirs) == may_have, "nobody learns of another account by its user"


def test_of_an_erased_person_it_is_not_told_that_they_were_seen(stage):
    account, user = stage.person()
    other = uuid4()
    look(stage, account, user, other, persons=2)
    assert seen(stage, account) == [("dispute", 1, 0, {user, other})]
    rows = stage.rows("SELECT facts::text FROM trail WHERE type = 'staff.personal_data_read'")
    assert not [row for row in rows for each in (user, other) if str(each) in str(row)]
    stage.erase(account, user)
    assert seen(stage, account) == [("dispute", 1, 0, {other})]
