"""A notice of changed security: what it says, whom it goes to, who sends it, and when it has reached them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.cases.affected import rules as affected
from services.cases.affected.values import AffectedList, Scope
from services.cases.decisions.calls import DecideByTwo, DecideCase
from services.cases.kinds.security_notice import SECURITY_NOTICE, SEND, SEND_MORE
from services.cases.kinds.table import DECISIONS, ONE_PERSON, TWO_PERSONS
from services.cases.notices import rules
from services.cases.notices.values import Audience, Notice
from services.desk.wording.refusals import lacks
from shared import breach_words, security_notice_words
from shared.errors import Conflict, Forbidden, Invalid

pytestmark = [pytest.mark.unit, pytest.mark.clause("NOTICE-1", "NOTICE-2", "NOTICE-3")]

NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)
DAY = timedelta(days=1)
X, Y, Z = uuid4(), uuid4(), uuid4()
A, B, C, D = uuid4(), uuid4(), uuid4(), uuid4()
NOTICE = Notice(
    id=uuid4(), case_id=uuid4(), number=1, audience=Audience.HOLDERS, natures=("threat_grown",),
    causes=("own_review",), groups=(), data=(), records=None, consequences=(), measures=("put_right",), advice=(),
    unknown=(), attempts=3, breaches=0, drafted_by="staff:kari", drafted_at=NOW,
)  # fmt: skip
LISTED = AffectedList(
    id=uuid4(), case_id=NOTICE.case_id, scope=Scope.AGREEMENTS, as_of=NOW, window_from=None, window_to=None,
    asked_by="staff:kari", asked_at=NOW, computed_at=NOW, customers=2, persons=3, decision_id=None,
)  # fmt: skip


@pytest.mark.parametrize("name", security_notice_words.NEEDED)
def test_it_always_says_what_changed_how_that_was_found_and_what_is_done(name) -> None:
    rules.check_security_draft(NOTICE)
    with pytest.raises(Invalid) as refused:
        rules.check_security_draft(replace(NOTICE, **{name: ()}))
    assert refused.value.details.keys() == {name}


def test_its_codes_are_never_taken_for_those_of_a_breach() -> None:
    for name, words in security_notice_words.OF_NOTICE.items():
        of_breach = breach_words.OF_NOTICE[name]
        assert words is of_breach or words.keys().isdisjoint(of_breach.keys()), name
        assert all(len(set(pair)) == 2 and all(pair) for pair in words.values()), name


def test_it_goes_to_whom_agreements_name_and_where_they_are_gone_to_the_owners_of_that_customer() -> None:
    active = [(X, A, True), (X, B, False), (Y, C, False)]
    assert affected.holders({X: [B], Y: [C, uuid4()]}, active) == [(X, B), (Y, C)]
    assert affected.holders({X: [uuid4()]}, active[:2]) == [(X, A)], "nobody who is named is active"
    assert affected.holders({Y: [uuid4()]}, active[2:]) == [(Y, None)], "and no owner either"
    assert affected.holders({X: [A]}, [(X, None, False)]) == [(X, None)]
    assert affected.holders({X: [A]}, []) == [], "the customer is inactive, or erased"


def test_each_customer_of_its_list_is_a_recipient_by_its_people_or_by_itself() -> None:
    listed = [(X, A), (X, B), (X, None), (Y, None), (Z, D)]
    assert rules.recipients_of(Audience.HOLDERS, listed) == [(X, A), (X, B), (Z, D), (Y, None)]
    assert rules.recipients_of(Audience.PERSONS, listed) == [(X, A), (X, B), (Z, D)]


def test_its_list_goes_by_agreements_that_count_today_and_no_other_list_does() -> None:
    kind = SECURITY_NOTICE.code
    affected.check_state(kind, "draft", is_frozen=False)
    affected.check_scope(kind, Scope.AGREEMENTS, NOW, NOW)
    affected.check_scope("breach_processor", Scope.ALL, NOW - DAY, NOW)
    for of, scope, as_of in (
        (kind, Scope.ALL, NOW),
        (kind, Scope.AGREEMENTS, NOW - DAY),
        ("breach_processor", Scope.AGREEMENTS, NOW),
    ):
        with pytest.raises(Invalid):
            affected.check_scope(of, scope, as_of, NOW)
    affected.check_state(kind, "sending", is_frozen=True)
    with pytest.raises(Conflict):
        affected.check_state(kind, "reached", is_frozen=False)


def test_two_persons_send_it_and_neither_has_written_it_alone() -> None:
    assert rules.check_holders(NOTICE, LISTED, approved_by="staff:ola", now=NOW) is NOTICE
    with pytest.raises(Forbidden):
        rules.check_holders(NOTICE, LISTED, approved_by="staff:kari", now=NOW)
    assert {SEND, SEND_MORE} <= set(TWO_PERSONS)
    assert {*ONE_PERSON, *TWO_PERSONS} == set(DECISIONS)
    case = {"case_id": str(uuid4()), "version": 1, "step": SEND, "reason": "risk_changed"}
    assert DecideByTwo.from_json(case).step == SEND
    with pytest.raises(Invalid):
        DecideCase.from_json(case | {"actor": "staff:kari"})


def test_it_is_sent_on_the_day_of_its_list_and_to_somebody() -> None:
    refusals = [
        (None, LISTED, NOW, "draft_lacking"),
        (NOTICE, LISTED, NOW + DAY, "list_of_another_day"),
        (NOTICE, replace(LISTED, scope=Scope.ALL), NOW, "list_of_another_day"),
        (NOTICE, replace(LISTED, customers=0, persons=0), NOW, "agreement_lacking"),
    ]
    for notice, listed, now, why in refusals:
        with pytest.raises(Conflict) as refused:
            rules.check_holders(notice, listed, approved_by="staff:ola", now=now)
        assert refused.value.details == {"reason": why}
        assert lacks(refused.value), f"staff are told in words: {why}"


def test_it_has_ended_once_nobody_waits() -> None:
    rules.check_all_reached(0)
    with pytest.raises(Conflict) as refused:
        rules.check_all_reached(2)
    assert refused.value.details == {"reason": "not_all_reached", "count": 2}
    assert lacks(refused.value)
