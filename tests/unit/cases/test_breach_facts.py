"""What the ledger gets of a breach: the largest of each kind fits into a line, and says what was decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.cases.affected.events import BreachListFrozen
from services.cases.affected.store import PART
from services.cases.engine.events import number_in, numbered
from services.cases.notices.calls import RECORDS_MOST
from services.cases.notices.events import BreachNoticeDecided, BreachRecipientsFollowed
from services.cases.notices.facts import fact_of, notice_of
from services.cases.notices.feature import MARKED
from services.cases.notices.values import Audience, Mark, Notice, recipient_id
from shared import breach_words as words
from shared.events import Code, Event, Received
from shared.privacy.ledger_lines import LINE_LIMIT_BYTES, Entry, Fact
from shared.privacy.ledger_lines import Mark as Place
from tests.unit.privacy.ledger_samples import KEY

pytestmark = [pytest.mark.unit, pytest.mark.clause("BREACH-1", "FORGET-1")]

NOW = datetime(2026, 11, 27, 16, 0, 0, 123456, tzinfo=UTC)
NOTICE = Notice(
    id=uuid4(), case_id=uuid4(), number=50, audience=Audience.PERSONS, natures=tuple(words.NATURES),
    groups=tuple(words.GROUPS), data=tuple(words.DATA), records=RECORDS_MOST,
    consequences=tuple(words.CONSEQUENCES), measures=tuple(words.MEASURES), advice=tuple(words.ADVICE),
    unknown=tuple(words.UNKNOWN), drafted_by="staff:" + "k" * 40, drafted_at=NOW, list_id=uuid4(),
    decision_id=uuid4(), decided_at=NOW, late_reason=max(words.LATE, key=len), recipients=400_000,
    causes=tuple(words.CAUSES), whereabouts=tuple(words.WHEREABOUTS),
)  # fmt: skip


def line_of(event: Event) -> Entry:
    """The line that the ledger gets of an event by somebody with a long name, far back in the ledger."""
    received = Received(
        id=uuid4(), event=event, source="cases", time=NOW, subject=event.subject, sequence=10**6,
        correlation_id=uuid4(), actor="staff:" + "k" * 40,
    )  # fmt: skip
    return Entry.make(Fact.of_event(received), after=Place(10**9, "a" * 64), at=NOW, key=KEY)


def part_of_a_list(size: int) -> BreachListFrozen:
    return BreachListFrozen(
        case_id=uuid4(), list_id=uuid4(), decision_id=uuid4(), part=numbered(13_000), parts=numbered(13_334),
        scope=Code("logins"), as_of=NOW, window_from=NOW, window_to=NOW, asked_at=NOW, computed_at=NOW,
        customers=numbered(400_000), persons=numbered(400_000), account_ids=[uuid4() for _ in range(size)],
        user_ids=[uuid4() for _ in range(size)],
    )  # fmt: skip


def marks(size: int) -> BreachRecipientsFollowed:
    return BreachRecipientsFollowed(
        case_id=uuid4(), notice_id=uuid4(), mark=Code("told"), account_ids=[uuid4() for _ in range(size)],
        user_ids=[uuid4() for _ in range(size)], at=[NOW + timedelta(seconds=each) for each in range(size)],
        reason=None, failure_case_id=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "event", [part_of_a_list(PART), fact_of(NOTICE), marks(MARKED)], ids=["list", "notice", "recipients"]
)
def test_the_largest_of_each_kind_fits_into_a_line_and_is_read_back(event: Event) -> None:
    entry = line_of(event)
    assert len(entry.line) <= LINE_LIMIT_BYTES
    assert entry.event(type(event)) == event


def test_a_notice_is_the_same_when_the_ledger_tells_it() -> None:
    for notice in (NOTICE, replace(NOTICE, records=None, late_reason=None, advice=(), unknown=())):
        assert notice_of(line_of(fact_of(notice)).event(BreachNoticeDecided)) == notice


def test_each_mark_names_its_recipient_with_its_own_instant() -> None:
    event = marks(3)
    assert [(id_, account_id, user_id, at) for id_, account_id, user_id, at in event.recipients()] == [
        (recipient_id(event.notice_id, account_id, user_id), account_id, user_id, at)
        for account_id, user_id, at in zip(event.account_ids, event.user_ids, event.at, strict=True)
    ]
    customers = replace(event, user_ids=[])
    assert {user_id for _, _, user_id, _ in customers.recipients()} == {None}
    assert [replace(event, mark=Code(each)).is_told for each in Mark] == [False, True, False]
    assert [replace(event, mark=Code(each)).is_failure for each in Mark] == [False, False, True]


def test_a_count_is_a_code_and_the_count_again() -> None:
    assert [number_in(numbered(each)) for each in (0, 1, 400_000)] == [0, 1, 400_000]
