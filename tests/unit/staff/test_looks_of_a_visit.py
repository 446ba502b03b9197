"""Which looks of staff are one: what a form shows again on a day, to whoever has the session."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.staff.statements.calls import PersonsSeen
from services.staff.statements.rules import known_by_now, read, read_id
from services.staff.statements.values import NOT_KNOWN_YET, Reading

pytestmark = [pytest.mark.unit, pytest.mark.clause("STAFF-1")]

ACCOUNT, USER = UUID(int=1), UUID(int=2)
LOOK = Reading(
    id=UUID(int=3),
    visit_id=UUID(int=4),
    session_id=UUID(int=5),
    staff_code="kari",
    account_id=ACCOUNT,
    purpose="dispute",
    acts=("account.list_users",),
    begun_at=datetime(2026, 12, 1, 12, tzinfo=UTC),
)
SEEN = PersonsSeen(account_id=ACCOUNT, user_ids=(USER,), persons=1)


def told_as(look: Reading) -> UUID:
    return read_id(look, read(look, SEEN))


def test_what_a_form_shows_again_is_one_look_a_day_and_not_one_for_as_long_as_a_session_lasts() -> None:
    again = replace(LOOK, id=UUID(int=6), begun_at=LOOK.begun_at + timedelta(minutes=10))
    assert told_as(again) == told_as(LOOK)
    # By midnight in Oslo it is the next day.
    assert told_as(replace(again, begun_at=LOOK.begun_at + timedelta(hours=11))) != told_as(LOOK)


@pytest.mark.parametrize(
    "other", [{"visit_id": None}, {"visit_id": UUID(int=7)}, {"session_id": UUID(int=7)}, {"purpose": "security"}]
)
def test_another_form_session_or_purpose_is_another_look(other) -> None:
    assert told_as(replace(LOOK, **other)) != told_as(LOOK)


def test_of_whom_a_reply_finds_people_each_is_told_and_is_one_look_with_what_else_the_page_shows_of_them() -> None:
    found = replace(LOOK, account_id=NOT_KNOWN_YET, acts=("audit.trail",))
    other = UUID(int=9)
    assert known_by_now([LOOK], [other]) == [LOOK]
    assert known_by_now([found], []) == []
    assert {each.account_id: each.acts for each in known_by_now([found, LOOK], [ACCOUNT, other])} == {
        ACCOUNT: ("account.list_users", "audit.trail"),
        other: ("audit.trail",),
    }
    for_another = replace(found, purpose="audit")
    assert len(known_by_now([LOOK, for_another], [ACCOUNT])) == 2
