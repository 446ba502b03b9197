"""What the authority is told of a breach: all that the case says, and by whom the rest is answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.cases.affected.calls import ComputeAffected
from services.cases.authority_drafts import rules
from services.cases.authority_drafts.feature import ANSWERED_BY
from services.cases.authority_drafts.rules import Known
from services.cases.authority_drafts.values import FIELDS, FORM, Phase, Source
from services.cases.decisions.calls import DecideCase, EnterInstant
from services.cases.engine.rules import counted
from services.cases.engine.values import Case, CaseFile, Decision, Entered
from services.cases.kinds.table import PRESENT
from services.cases.kinds.values import Moment
from services.cases.notices.calls import DraftNotice
from services.cases.notices.values import Audience, Notice
from services.desk.wording import case_words
from shared import breach_words
from shared.errors import Conflict
from shared.staff import Act, Role
from shared.vendor_imprint import DEMO_IMPRINT, NO_OFFICER

pytestmark = [pytest.mark.unit, pytest.mark.clause("BREACH-1")]

NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)
MOMENTS = {
    Moment.OCCURRED_FROM: NOW - 20 * HOUR,
    Moment.OCCURRED_TO: NOW - 10 * HOUR,
    Moment.DETECTED_AT: NOW - 5 * HOUR,
    Moment.AWARE_AT: NOW,
}
NOTICE = Notice(
    id=uuid4(), case_id=uuid4(), number=1, audience=Audience.PERSONS, natures=("wrong_recipient",),
    causes=("sent_wrongly", "wrong_setting", "deceived"), groups=("users",), data=("names",),
    whereabouts=("with_known",), records=7, consequences=("phishing",), measures=("recipient_deleted",), advice=(),
    unknown=(), drafted_by="staff:kari", drafted_at=NOW,
)  # fmt: skip
OFFICER = "personvern@semje.com"
WE = replace(DEMO_IMPRINT, data_protection_officer=OFFICER)
KNOWN = Known(
    notice=NOTICE, customers=2, persons=5, persons_told=(NOW + HOUR, NOW), due=NOW + 72 * HOUR, imprint=WE
)
NOTHING = Known(notice=None, customers=None, persons=None, persons_told=(), due=None)


def breach(kind: str = "breach_controller", *decisions: Decision, known: bool = True) -> CaseFile:
    case = Case(
        id=uuid4(), reference="V-7K3M-92", kind=kind, kind_version=PRESENT[kind].version, state="assessing",
        state_since=NOW, owner="staff:kari", opened_by="incident", signal="wrong_recipient", join_key=None,
        signals=1, received_at=NOW, opened_at=NOW, ended_at=None, version=1, subjects_erased=0, restored_at=None,
    )  # fmt: skip
    entered = tuple(
        Entered(name=name, at=at, entered_by="staff:kari", recorded_at=NOW) for name, at in MOMENTS.items() if known
    )
    return counted(CaseFile(case=case, entered=entered, decisions=decisions), NOW)


def decision(step: str, reason: str, *, late_reason: str | None = None) -> Decision:
    return Decision(
        id=uuid4(), step=step, reason=reason, from_state="notifying", to_state="following_up",
        decided_by="staff:kari", decided_at=NOW, is_late=late_reason is not None, late_reason=late_reason,
        supersedes=None,
    )  # fmt: skip


def test_the_form_asks_for_each_thing_once_and_every_word_of_it_is_said() -> None:
    asked = Counter(field for question in FORM.questions for field in question.fields)
    assert asked == dict.fromkeys(FIELDS, 1)
    assert {each.code for each in FORM.questions} == case_words.FORM_QUESTIONS.keys()
    assert case_words.FORM_FIELDS.keys() >= FIELDS.keys()
    assert {each.value for each in Source} == case_words.FORM_SOURCES.keys()
    tables = (*breach_words.OF_NOTICE.values(), breach_words.MAIN_CAUSES, breach_words.LATE)
    of_letters = {code for table in tables for code in table}
    of_letters -= {*breach_words.ADVICE, *breach_words.UNKNOWN}
    assert case_words.FORM_ANSWERS.keys() >= of_letters


def test_whoever_is_named_as_able_to_answer_may() -> None:
    answering = {
        Source.INSTANTS: EnterInstant, Source.LIST: ComputeAffected, Source.NOTICE: DraftNotice,
        Source.DECISION: DecideCase,
    }  # fmt: skip
    for source, call in answering.items():
        assert isinstance(call.staff, Act)
        assert ANSWERED_BY[source] == call.staff.roles


def test_each_way_in_which_it_arose_has_its_main_cause() -> None:
    assert breach_words.MAIN_CAUSE_OF.keys() == breach_words.CAUSES.keys()
    assert set(breach_words.MAIN_CAUSE_OF.values()) == breach_words.MAIN_CAUSES.keys()


def test_what_the_case_says_fills_in_the_form() -> None:
    told = decision("tell_persons", "complete")
    given = rules.answers(breach("breach_controller", told), KNOWN, NOW)
    assert rules.unanswered(given) == ()
    assert given["main_cause"].codes == ("human_error", "attack"), "in the order of what led to it, each once"
    assert given["how_it_arose"].codes == NOTICE.causes
    assert given["whereabouts"].codes == ("with_known",)
    assert given["occurred"].instants == (MOMENTS[Moment.OCCURRED_FROM], MOMENTS[Moment.OCCURRED_TO])
    assert (given["persons"].number, given["customers"].number, given["records"].number) == (5, 2, 7)
    assert given["persons_informed"].codes == ("each_told",)
    assert given["persons_informed"].instants == (NOW, NOW + HOUR)
    assert [name for name, each in given.items() if not each.is_asked] == ["late_reason"]


def test_what_nobody_has_answered_is_named_with_where_it_is_answered() -> None:
    given = rules.answers(breach(known=False), NOTHING, NOW)
    assert set(rules.unanswered(given)) == FIELDS.keys() - {"late_reason"}
    assert rules.source_of("occurred", "breach_controller") is Source.INSTANTS
    assert rules.source_of("persons", "breach_processor") is Source.LIST
    assert rules.source_of("how_it_arose", "breach_processor") is Source.NOTICE
    assert rules.source_of("persons_informed", "breach_controller") is Source.DECISION
    assert rules.source_of("persons_informed", "breach_processor") is Source.CUSTOMER


def test_who_notifies_is_said_by_the_installation_and_what_it_has_not_said_is_lacking() -> None:
    given = rules.answers(breach(), KNOWN, NOW)
    assert given["notifier"].text == "Semje Software AS, 803 772 096"
    assert given["contact"].text == "post@semje.com, 413 78 216"
    assert given["data_protection_officer"].text == OFFICER
    unsaid = rules.answers(breach(), replace(KNOWN, imprint=DEMO_IMPRINT), NOW)
    assert rules.unanswered(unsaid) == ("data_protection_officer",)
    assert ANSWERED_BY[rules.source_of("data_protection_officer", "breach_processor")] == (Role.OPERATOR,)
    has_none = replace(DEMO_IMPRINT, data_protection_officer=NO_OFFICER)
    assert rules.unanswered(rules.answers(breach(), replace(KNOWN, imprint=has_none), NOW)) == ()


@pytest.mark.parametrize(
    ("step", "reason", "said"),
    [
        ("persons_told", "public_notice", ("public_notice",)),
        ("persons_told", "not_required", ("not_required",)),
        ("tell_persons_more", "partial", ("each_told",)),
        ("assess_high", "many_persons", ()),
    ],
)
def test_how_persons_were_informed_is_what_was_decided(step, reason, said) -> None:
    given = rules.answers(breach("breach_controller", decision(step, reason)), replace(KNOWN, persons_told=()), NOW)
    assert given["persons_informed"].codes == said
    assert given["persons_informed"].is_lacking is not bool(said)


def test_why_it_comes_late_is_asked_for_once_it_does() -> None:
    file, due = breach(), NOW + 72 * HOUR
    assert rules.due_of(file) == due
    assert not rules.answers(file, KNOWN, due)["late_reason"].is_asked
    assert rules.answers(file, KNOWN, due + HOUR)["late_reason"].is_lacking
    in_time = breach("breach_controller", decision("notify_authority", "complete"))
    assert not rules.answers(in_time, KNOWN, due + 100 * HOUR)["late_reason"].is_asked
    late = breach("breach_controller", decision("notify_authority", "complete", late_reason="facts_not_known"))
    answered = rules.answers(late, KNOWN, due + HOUR)["late_reason"]
    assert (answered.is_asked, answered.codes) == (True, ("facts_not_known",))
    assert not rules.answers(breach(known=False), NOTHING, due)["late_reason"].is_asked, "nobody's time runs"


def test_why_it_comes_late_is_what_was_said_of_the_notice_to_the_authority_alone() -> None:
    due = NOW + 72 * HOUR
    other = decision("tell_persons", "complete", late_reason="nobody_on_duty")
    lacking = rules.answers(breach("breach_controller", other), KNOWN, due + HOUR)["late_reason"]
    assert (lacking.codes, lacking.is_lacking) == ((), True)
    in_time = breach("breach_controller", decision("notify_authority", "complete"), other)
    assert rules.answers(in_time, KNOWN, due + HOUR)["late_reason"].codes == ()
    late = decision("notify_authority_high", "partial", late_reason="facts_not_known")
    said = rules.answers(breach("breach_controller", late, other), KNOWN, due + HOUR)["late_reason"]
    assert said.codes == ("facts_not_known",)


def test_for_customers_it_is_late_by_when_it_was_notified_and_why_is_what_we_said_of_that() -> None:
    told = decision("tell_customers", "complete", late_reason="nobody_on_duty")
    filed = (told, decision("notify_authority_for", "first"))
    file = breach("breach_processor", *filed)

    def given(notified_at: datetime, later: datetime | None = None):
        entered = [Entered(name=Moment.NOTIFIED_AT, at=notified_at, entered_by="staff:kari", recorded_at=NOW)]
        if later is not None:
            entered.append(replace(entered[0], at=later, recorded_at=later))
        return rules.answers(
            counted(replace(file, entered=(*file.entered, *entered)), NOW), replace(KNOWN, due=NOW), NOW + 9 * HOUR
        )["late_reason"]

    assert not given(NOW).is_asked
    assert not given(NOW, later=NOW + 5 * HOUR).is_asked, "another notice followed"
    late = given(NOW + HOUR)
    assert (late.codes, late.is_lacking) == ((), True), "the letter to customers says nothing of that"
    said = decision("notify_authority_for", "first", late_reason="facts_not_known")
    known = rules.answers(breach("breach_processor", told, said), replace(KNOWN, due=NOW), NOW + HOUR)
    assert known["late_reason"].codes == ("facts_not_known",)


def test_s37_the_first_notice_is_told_from_what_follows_it() -> None:
    assert rules.phase_of([decision("assess_risk", "many_persons")]) == (Phase.FIRST, False)
    assert rules.phase_of([decision("notify_authority", "partial")]) == (Phase.FOLLOW_UP, True)
    assert rules.phase_of([decision("notify_authority_high", "complete")]) == (Phase.FOLLOW_UP, False)
    filed = [decision("notify_authority_for", "first")]
    assert rules.phase_of(filed) == (Phase.FOLLOW_UP, True)
    assert rules.phase_of([*filed, decision("notify_authority_for", "full")]) == (Phase.FOLLOW_UP, False)


def test_a_case_that_is_no_breach_has_no_draft() -> None:
    rules.check_kind("breach_processor")
    with pytest.raises(Conflict) as refused:
        rules.check_kind("incident")
    assert refused.value.details == {"reason": "no_breach"}
