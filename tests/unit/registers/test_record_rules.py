"""What becomes of records, and what of them counts when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.registers.engine import rules
from services.registers.engine.values import Evidence, Record, State
from services.registers.kinds.duty_rota import DUTY_ROTA
from services.registers.kinds.mandate import MANDATE
from services.registers.kinds.security_notice_agreement import SECURITY_NOTICE_AGREEMENT
from shared.errors import Conflict, Forbidden, Invalid
from tests.unit.registers.test_every_register_kind import MONDAY, given

pytestmark = pytest.mark.unit

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


def draft(**changes: object) -> Record:
    return rules.drafted(uuid4(), given(MANDATE, **changes), by="staff:kari", now=NOW)


def in_force(**changes: object) -> Record:
    submitted = rules.submitted(draft(**changes), number=1, by="staff:kari", now=NOW)
    return rules.put_in_force(
        submitted, number=2, requested_by="staff:kari", approved_by="staff:ola", approval_id=uuid4(), now=NOW
    )


def test_whoever_wrote_any_of_it_approves_nothing() -> None:
    wording = draft()
    given_again = given(MANDATE, account_id=wording.account_id)
    changed = rules.redrafted(wording, given_again, number=1, by="staff:eva", now=NOW)
    submitted = rules.submitted(changed, number=2, by="staff:kari", now=NOW)
    for approver in ("staff:kari", "staff:eva"):
        with pytest.raises(Forbidden):
            rules.put_in_force(
                submitted, number=3, requested_by="staff:ola", approved_by=approver, approval_id=uuid4(), now=NOW
            )
    with pytest.raises(Forbidden):
        rules.put_in_force(
            submitted, number=3, requested_by="staff:ola", approved_by="staff:ola", approval_id=uuid4(), now=NOW
        )


def test_nothing_counts_before_the_document_that_proves_it() -> None:
    with pytest.raises(Invalid):
        draft(evidence=Evidence(sha256="ab" * 32, on=MONDAY + timedelta(days=1)))
    assert draft(evidence=Evidence(sha256="ab" * 32, on=MONDAY)).last.evidence is not None


def test_what_has_changed_since_or_is_in_another_state_is_a_conflict() -> None:
    record = in_force()
    for change in (
        lambda: rules.submitted(record, number=3, by="staff:kari", now=NOW),
        lambda: rules.redrafted(record, given(MANDATE, account_id=record.account_id), number=3, by="x", now=NOW),
        lambda: rules.reviewed(record, number=2, by="staff:kari", now=NOW),
        lambda: rules.ended(record, number=1, on=MONDAY, reason="withdrawn", by="staff:kari", now=NOW),
        lambda: rules.submitted(draft(), number=2, by="staff:kari", now=NOW),
    ):
        with pytest.raises(Conflict):
            change()
    ended = rules.ended(record, number=3, on=MONDAY, reason="withdrawn", by="staff:kari", now=NOW)
    with pytest.raises(Conflict):
        rules.ended(ended, number=4, on=MONDAY, reason="withdrawn", by="staff:kari", now=NOW)


def test_what_is_over_before_it_was_approved_is_not_put_in_force() -> None:
    short = draft(valid_from=date(2026, 12, 1), valid_to=date(2026, 12, 2))
    with pytest.raises(Conflict):
        rules.submitted(short, number=1, by="staff:kari", now=LATER)
    submitted = rules.submitted(short, number=1, by="staff:kari", now=NOW)
    with pytest.raises(Conflict):
        rules.put_in_force(
            submitted, number=2, requested_by="staff:kari", approved_by="staff:ola", approval_id=uuid4(), now=LATER
        )


@pytest.mark.clause("NOTICE-1")
def test_an_agreement_to_be_told_counts_once_two_persons_have_seen_its_document_and_until_it_ends() -> None:
    with pytest.raises(Invalid):
        rules.drafted(uuid4(), given(SECURITY_NOTICE_AGREEMENT, evidence=None), by="staff:kari", now=NOW)
    agreed = rules.drafted(uuid4(), given(SECURITY_NOTICE_AGREEMENT), by="staff:kari", now=NOW)
    waits = rules.submitted(agreed, number=1, by="staff:kari", now=NOW)
    assert not any(rules.is_valid(each.last, MONDAY) for each in (agreed, waits))
    approved = {"number": 2, "requested_by": "staff:kari", "approval_id": uuid4(), "now": NOW}
    with pytest.raises(Forbidden):
        rules.put_in_force(waits, approved_by="staff:kari", **approved)
    counts = rules.put_in_force(waits, approved_by="staff:ola", **approved)
    assert rules.is_valid(counts.last, MONDAY)
    over = rules.ended(
        counts, number=3, on=MONDAY + timedelta(days=9), reason="withdrawn", by="staff:eva", now=LATER
    )
    assert [rules.is_valid(over.last, MONDAY + timedelta(days=days)) for days in (8, 9)] == [True, False]


def test_what_expired_counts_no_more_without_anybody_ending_it() -> None:
    record = in_force(valid_to=MONDAY + timedelta(days=10))
    days = {offset: rules.is_valid(record.last, MONDAY + timedelta(days=offset)) for offset in (-1, 0, 9, 10)}
    assert days == {-1: False, 0: True, 9: True, 10: False}


def test_it_is_shown_what_counted_by_what_was_written_down_then() -> None:
    record = in_force()
    ended = rules.ended(record, number=3, on=MONDAY, reason="withdrawn", by="staff:kari", now=LATER)
    day = MONDAY + timedelta(days=3)
    before, after = (rules.as_recorded(ended, at) for at in (LATER - timedelta(seconds=1), LATER))
    assert before is not None
    assert after is not None
    assert (rules.is_valid(before, day), rules.is_valid(after, day)) == (True, False)
    assert rules.as_recorded(ended, NOW - timedelta(seconds=1)) is None


@for_all(st.integers(0, 359), st.integers(0, 400))
def test_no_later_revision_changes_what_was_recorded_before(end_after: int, asked: int) -> None:
    record = in_force()
    ended = rules.ended(
        record, number=3, on=MONDAY + timedelta(days=end_after), reason="withdrawn", by="staff:kari", now=LATER
    )
    day = MONDAY + timedelta(days=asked)
    then = rules.as_recorded(ended, NOW)
    assert then == record.last
    assert rules.is_valid(ended.last, day) == (asked < end_after)


def test_a_review_comes_in_time_and_is_overdue_only_while_it_counts() -> None:
    record = in_force(valid_from=date(2026, 12, 1))
    assert record.last.review_on == date(2027, 12, 1)
    late = datetime(2027, 12, 2, 12, tzinfo=UTC)
    assert not rules.is_review_overdue(record.last, late - timedelta(days=1))
    assert rules.is_review_overdue(record.last, late)
    looked_at = rules.reviewed(record, number=3, by="staff:kari", now=late)
    assert (looked_at.last.review_on, rules.is_review_overdue(looked_at.last, late)) == (date(2028, 12, 2), False)
    ended = rules.ended(record, number=3, on=date(2027, 1, 1), reason="withdrawn", by="staff:kari", now=NOW)
    assert not rules.is_review_overdue(ended.last, late)
    with pytest.raises(Invalid):
        draft(review_on=date(2028, 1, 1))


def test_one_of_the_same_key_ends_where_the_new_one_begins_and_never_earlier() -> None:
    old = in_force()
    new = in_force(account_id=old.account_id, valid_from=MONDAY + timedelta(days=5))
    assert old.key == new.key
    replaced = rules.replaced(old, new, by="staff:kari", now=NOW).last
    assert (replaced.state, replaced.valid_to, replaced.reason) == (State.ENDED, new.last.valid_from, "replaced")
    with pytest.raises(Conflict):
        rules.replaced(new, old, by="staff:kari", now=NOW)


def test_without_a_day_it_ends_today_or_on_the_nearest_day_that_it_has() -> None:
    coming, over = in_force(), in_force(valid_to=MONDAY + timedelta(days=2)).last
    assert rules.within(coming.last, date(2026, 12, 1)) == MONDAY, "it has not begun, and never will"
    assert rules.within(over, MONDAY + timedelta(days=9)) == MONDAY + timedelta(days=2)
    assert rules.within(over, MONDAY + timedelta(days=1)) == MONDAY + timedelta(days=1)
    with pytest.raises(Invalid):
        rules.ended(coming, number=3, on=date(2026, 12, 1), reason="withdrawn", by="staff:kari", now=NOW)


def test_a_week_of_duty_counts_in_that_week_and_no_other() -> None:
    for begins in (date(2026, 12, 1), MONDAY - timedelta(weeks=1), MONDAY + timedelta(weeks=400)):
        with pytest.raises(Invalid):
            rules.drafted(uuid4(), given(DUTY_ROTA, valid_from=begins), by="staff:kari", now=NOW)
    week = rules.drafted(uuid4(), given(DUTY_ROTA), by="staff:kari", now=NOW)
    assert (week.last.valid_from, week.last.valid_to) == (MONDAY, MONDAY + timedelta(weeks=1))


def test_nobody_makes_a_mandate_that_no_one_can_end_or_looks_at_again() -> None:
    record, review_on = in_force(), date(2027, 12, 1)
    for on in (date.max, review_on + timedelta(days=1)):
        with pytest.raises(Invalid):
            rules.ended(record, number=3, on=on, reason="withdrawn", by="staff:kari", now=NOW)
    ending = rules.ended(record, number=3, on=review_on, reason="withdrawn", by="staff:kari", now=NOW)
    assert rules.is_valid(ending.last, MONDAY)
    for number, on in ((4, review_on), (4, review_on + timedelta(days=1)), (3, MONDAY)):
        with pytest.raises(Conflict):
            rules.ended(ending, number=number, on=on, reason="withdrawn", by="staff:ola", now=NOW)
    sooner = rules.ended(ending, number=4, on=MONDAY, reason="withdrawn", by="staff:ola", now=NOW)
    assert (sooner.last.valid_to, rules.is_valid(sooner.last, MONDAY)) == (MONDAY, False)
    late = datetime(2028, 3, 1, 12, tzinfo=UTC)
    with pytest.raises(Conflict):
        rules.ended(ending, number=4, on=MONDAY, reason="withdrawn", by="staff:ola", now=late)
    overdue = rules.ended(record, number=3, on=date(2028, 3, 1), reason="withdrawn", by="staff:ola", now=late)
    assert overdue.last.state is State.ENDED, "what should have been reviewed ends today"


def test_a_draft_that_ends_has_never_counted() -> None:
    ended = rules.ended(draft(), number=1, on=date(2030, 1, 1), reason="not_wanted", by="staff:kari", now=NOW)
    assert ended.last.valid_to == ended.last.valid_from
    assert not rules.is_valid(ended.last, MONDAY)


@pytest.mark.parametrize(
    "fields",
    [
        {"week_on": "2026-12-08", "person": "staff:kari", "deputy": "staff:ola"},
        {"week_on": "2026-99-99", "person": "staff:kari", "deputy": "staff:ola"},
        {"week_on": "2026-12-07", "person": "staff:kari", "deputy": "staff:kari"},
        {"week_on": "2026-12-07", "person": "kari", "deputy": "staff:ola"},
    ],
)
def test_a_week_of_duty_begins_on_monday_and_has_two_persons(fields: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        rules.drafted(uuid4(), given(DUTY_ROTA, fields=fields), by="staff:kari", now=NOW)
