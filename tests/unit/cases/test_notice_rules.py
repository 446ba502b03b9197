"""Whom a breach concerns, and what a notice must say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.cases.affected import rules as affected
from services.cases.affected.values import Scope
from services.cases.notices import rules
from services.cases.notices.events import BreachNoticesOrdered
from services.cases.notices.values import Audience, Notice, recipient_id
from services.desk.wording.refusals import lacks
from shared import breach_words
from shared.errors import Conflict, Invalid
from shared.events import Code
from shared.terms.texts import LANGUAGES

pytestmark = [pytest.mark.unit, pytest.mark.clause("BREACH-1")]

NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)
X, Y, Z = uuid4(), uuid4(), uuid4()
A, B, C = uuid4(), uuid4(), uuid4()
NOTICE = Notice(
    id=uuid4(), case_id=uuid4(), number=1, audience=Audience.CUSTOMERS, natures=("data_lost",), groups=("users",),
    data=("names",), records=None, consequences=("data_missing",), measures=("data_restored",), advice=(),
    unknown=(), drafted_by="staff:kari", drafted_at=NOW,
)  # fmt: skip


def test_a_case_that_names_people_of_one_company_is_about_these_and_about_all_of_the_others() -> None:
    found = [(X, A), (X, B), (Y, C), (Z, None)]
    assert affected.narrowed(found, [(X, None), (X, B), (Y, None)]) == [(X, B), (Y, C)]
    assert affected.narrowed(found, [(Z, None)]) == [(Z, None)], "a customer without users is concerned as well"
    assert affected.narrowed(found, []) == []
    assert affected.counted(found) == (3, 3)


@pytest.mark.parametrize(
    ("scope", "as_of", "window"),
    [
        (Scope.ALL, NOW + HOUR, (None, None)),
        (Scope.ALL, NOW, (NOW - HOUR, NOW)),
        (Scope.LOGINS, NOW, (None, None)),
        (Scope.LOGINS, NOW, (NOW - HOUR, None)),
        (Scope.LOGINS, NOW, (NOW, NOW - HOUR)),
        (Scope.LOGINS, NOW, (NOW - HOUR, NOW + HOUR)),
    ],
)
def test_criteria_that_mean_nothing_are_refused(scope, as_of, window) -> None:
    with pytest.raises(Invalid):
        affected.check_criteria(scope, as_of, *window, NOW)


def test_a_list_is_made_before_it_is_decided_and_again_where_more_became_known() -> None:
    affected.check_state("breach_processor", "assessing", is_frozen=False)
    affected.check_state("breach_processor", "supporting", is_frozen=True)
    affected.check_state("breach_processor", "telling", is_frozen=False)
    affected.check_state("breach_controller", "following_up_told", is_frozen=False)
    for kind, state in (
        ("breach_processor", "telling"),
        ("breach_controller", "following_up_told"),
        ("incident", "triage"),
        ("alarm", "new"),
    ):
        with pytest.raises(Conflict):
            affected.check_state(kind, state, is_frozen=True)
    with pytest.raises(Conflict):
        affected.check_state("breach_processor", "closed", is_frozen=False)


@pytest.mark.parametrize(("name", "unknown"), breach_words.OR_UNKNOWN.items())
def test_what_article_33_3_asks_for_is_said_or_named_as_unknown(name, unknown) -> None:
    rules.check_draft(NOTICE)
    silent = replace(NOTICE, **{name: ()})
    with pytest.raises(Invalid):
        rules.check_draft(silent)
    rules.check_draft(replace(silent, unknown=(unknown,)))
    with pytest.raises(Invalid) as refused:
        rules.check_draft(replace(NOTICE, measures=(), unknown=tuple(breach_words.UNKNOWN)))
    assert refused.value.details.keys() == {"measures"}


def test_all_that_a_notice_leaves_out_is_named_at_once() -> None:
    parts = (*breach_words.OR_UNKNOWN, "measures")
    with pytest.raises(Invalid) as refused:
        rules.check_draft(replace(NOTICE, **dict.fromkeys(parts, ())))
    assert refused.value.details.keys() == set(parts)


def test_letters_wait_for_the_ledger_no_longer_than_they_may_whatever_a_clock_said() -> None:
    decided = replace(NOTICE, decided_at=NOW)
    assert rules.waits_for_the_ledger(decided, NOW + rules.LEDGER_WAIT / 2)
    assert not rules.waits_for_the_ledger(decided, NOW + rules.LEDGER_WAIT)
    ahead = replace(NOTICE, decided_at=NOW + 24 * HOUR)
    assert not rules.waits_for_the_ledger(ahead, NOW), "the clock was a day ahead as it was decided"


def test_s37_a_partial_notice_is_marked_so_and_another_one_follows() -> None:
    partial = replace(NOTICE, unknown=("cause",))
    assert rules.check_ready(partial, reason="partial", listed=3) is partial
    refusals = [
        (partial, "complete", 3, "draft_partial"),
        (NOTICE, "partial", 3, "draft_complete"),
        (None, "complete", 3, "draft_lacking"),
        (NOTICE, "complete", None, "list_lacking"),
    ]
    for notice, reason, listed, why in refusals:
        with pytest.raises(Conflict) as refused:
            rules.check_ready(notice, reason=reason, listed=listed)
        assert refused.value.details == {"reason": why}
        assert lacks(refused.value), f"staff are told in words: {why}"
    with pytest.raises(Conflict):
        rules.check_followed_up([partial])
    rules.check_followed_up([partial, replace(NOTICE, number=2)])
    rules.check_followed_up([])


def test_a_breach_ends_as_followed_up_once_everybody_was_told() -> None:
    both = ("followed_up", "told_as_far_as_possible")
    with pytest.raises(Conflict) as refused:
        rules.check_all_told(both, "followed_up", 2)
    assert refused.value.details == {"reason": "not_all_told", "count": 2}
    assert lacks(refused.value)
    rules.check_all_told(both, "followed_up", 0)
    rules.check_all_told(both, "told_as_far_as_possible", 2)
    rules.check_all_told(("followed_up",), "followed_up", 2)


def test_s31_a_customer_has_its_own_72_hours_from_when_it_was_told() -> None:
    assert rules.authority_due(NOW) == NOW + 72 * HOUR


def test_each_customer_is_told_once_and_each_person_apart() -> None:
    listed = [(X, A), (X, B), (Y, None)]
    assert rules.recipients_of(Audience.CUSTOMERS, listed) == [(X, None), (Y, None)]
    assert rules.recipients_of(Audience.PERSONS, listed) == [(X, A), (X, B)]
    for kind, audience in (("breach_processor", Audience.PERSONS), ("breach_controller", Audience.CUSTOMERS)):
        with pytest.raises(Invalid):
            rules.check_audience(audience, kind, "assessing")
    with pytest.raises(Conflict):
        rules.check_audience(Audience.CUSTOMERS, "incident", "triage")


def test_a_recipient_is_known_by_the_same_id_wherever_it_is_reckoned() -> None:
    notice_id = uuid4()
    shared = {"case_id": uuid4(), "notice_id": notice_id}
    to_customers = BreachNoticesOrdered(**shared, letter=Code("breach_notice"), account_ids=[X, Y], user_ids=[])
    assert list(to_customers.recipients()) == [
        (recipient_id(notice_id, X, None), X, None),
        (recipient_id(notice_id, Y, None), Y, None),
    ]
    to_persons = BreachNoticesOrdered(**shared, letter=Code("breach_person"), account_ids=[X, X], user_ids=[A, B])
    assert [each[1:] for each in to_persons.recipients()] == [(X, A), (X, B)]
    assert len({each[0] for each in (*to_customers.recipients(), *to_persons.recipients())}) == 4


def test_every_code_of_a_notice_has_words_in_both_languages() -> None:
    tables = (
        breach_words.NATURES, breach_words.GROUPS, breach_words.DATA, breach_words.CONSEQUENCES,
        breach_words.MEASURES, breach_words.ADVICE, breach_words.UNKNOWN, breach_words.LATE,
        breach_words.CAUSES, breach_words.MAIN_CAUSES, breach_words.WHEREABOUTS,
    )  # fmt: skip
    for table in tables:
        assert all(len(pair) == len(LANGUAGES) and all(pair) for pair in table.values())
