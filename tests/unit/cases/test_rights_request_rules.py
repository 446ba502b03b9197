"""Requests of persons: the month, its pause and its extension, and what is decided (legal scenarios S19 to S29)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.engine import rules as engine
from services.cases.engine.values import CaseFile, Entered
from services.cases.kinds.complaint import COMPLAINT
from services.cases.kinds.enquiry import ENQUIRY
from services.cases.kinds.enquiry import RIGHTS as BECOMES
from services.cases.kinds.forwarded_request import FORWARDED_REQUEST
from services.cases.kinds.rights_request import ANSWER_IN_PART, KEPT_FOR, REFUSE, RIGHTS_REQUEST_2, WRITE_REQUESTER
from services.cases.kinds.table import TWO_PERSONS
from services.cases.kinds.values import Moment
from services.cases.rights_requests import rules
from services.cases.rights_requests.events import TO_CONTROLLER
from services.cases.rights_requests.values import ALSO_OF, LETTER_OF, RECEIPT_OF, RequesterLetter, Right
from shared.calendar import OSLO, add_months, oslo_date, working_day_on_or_after
from shared.errors import Conflict, Invalid, TooMany

pytestmark = [pytest.mark.unit, pytest.mark.clause("RIGHTS-5", "RIGHTS-6")]

FOURTEEN = 14


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=OSLO).astimezone(UTC)


def asked(received: datetime, *, now: datetime | None = None, right: str = "access") -> CaseFile:
    now = now or received
    first = Entered(name=Moment.RECEIVED_AT, at=received, entered_by="staff:kari", recorded_at=now)
    return engine.opened(
        RIGHTS_REQUEST_2, opened_by="staff", signal=right, received_at=received, entered=[first],
        owner="staff:kari", now=now, case_id=uuid4(),
    ).after  # fmt: skip


def take(file: CaseFile, step: str, reason: str, now: datetime, late: str | None = None) -> CaseFile:
    declared = RIGHTS_REQUEST_2.step(step)
    assert declared is not None
    _, change = engine.take(
        file, step, decisive=declared.decisive, version=file.case.version, reason=reason, late_reason=late,
        actor="staff:kari", now=now, approved_by="staff:ola" if declared.two_persons else None,
    )  # fmt: skip
    rules.check_extension(change.after)
    rules.check_fee(change.after)
    rules.check_erasure(change.after)
    return change.after


def enter(file: CaseFile, name: Moment, when: datetime) -> CaseFile:
    return engine.entered_in(file, Entered(name=name, at=when, entered_by="letter", recorded_at=when)).after


def done(file: CaseFile, now: datetime) -> CaseFile:
    """The same with its letters having left."""
    sent = tuple(engine.replace(each, next_at=None, confirmed_at=now) for each in file.effects)
    return engine.replace(file, effects=sent)


def days(file: CaseFile) -> tuple[date, date]:
    """The last day that we mean to keep, and the one of the law."""
    clock = rules.clock_of(file)
    return oslo_date(clock.internal_due - timedelta(seconds=1)), rules.last_day(file)


@pytest.mark.parametrize("count", [19, 20, 25])
def test_very_many_requests_of_a_day_are_counted_and_older_ones_are_not(count: int) -> None:
    now = at(2027, 2, 1)
    earlier = [now - timedelta(minutes=each) for each in range(count)]
    if count < rules.daily_limit(now):
        rules.check_often([*earlier, now - timedelta(hours=24)], now)
        return
    with pytest.raises(TooMany) as too_many:
        rules.check_often(earlier, now)
    assert too_many.value.asks_vendor
    assert 23 * 3600 < too_many.value.details["retry_after_seconds"] <= 24 * 3600


# ── the month (S19, S21) ──────────────────────────────────────────────────────────────────────────────────────


def test_s19_a_month_that_ends_on_a_sunday_is_finished_on_friday_and_broken_after_monday() -> None:
    file = asked(at(2027, 1, 31))
    assert days(file) == (date(2027, 2, 26), date(2027, 3, 1))
    assert rules.clock_of(file).next_at == at(2027, 2, 27, 0), "the owner hears of the first one"


def test_the_month_begins_when_it_reached_us_and_not_when_somebody_typed_it() -> None:
    typed = asked(at(2027, 2, 1), now=at(2027, 2, 20))
    assert days(typed) == days(asked(at(2027, 2, 1))) == (date(2027, 3, 1),) * 2


def test_s21_an_extension_counts_from_the_receipt_once_the_person_was_told() -> None:
    file = take(asked(at(2026, 12, 15)), "begin_answer", "identity_known", at(2026, 12, 16))
    decided = take(file, "extend", "complex_request", at(2027, 1, 10))
    assert days(decided) == (date(2027, 1, 15),) * 2, "decided is not told"
    assert rules.day_if_extended(decided, at(2027, 1, 10)) == date(2027, 3, 15), "as the letter says"
    told = enter(decided, Moment.EXTENSION_SENT_AT, at(2027, 1, 10))
    assert days(told) == (date(2027, 3, 15),) * 2
    assert rules.clock_of(told).next_at == at(2027, 3, 16, 0)


def test_s21_an_extension_that_left_a_day_late_has_no_effect() -> None:
    file = take(asked(at(2026, 12, 15)), "begin_answer", "identity_known", at(2026, 12, 16))
    late = enter(
        take(file, "extend", "complex_request", at(2027, 1, 15)), Moment.EXTENSION_SENT_AT, at(2027, 1, 16)
    )
    assert days(late) == (date(2027, 1, 15),) * 2
    with pytest.raises(Conflict) as too_late:
        take(file, "extend", "complex_request", at(2027, 1, 16), "found_out_late")
    assert too_late.value.details == {"reason": "too_late_to_extend"}
    with pytest.raises(Invalid):
        take(done(late, at(2027, 1, 16)), "answer_request", "done", at(2027, 1, 17))
    answered = take(done(late, at(2027, 1, 16)), "answer_request", "done", at(2027, 1, 17), "found_out_late")
    assert (answered.decisions[-1].is_late, answered.decisions[-1].late_reason) == (True, "found_out_late")
    assert answered.case.state == "answered", "a late answer is given all the same"


def test_an_instant_alone_extends_nothing_and_nothing_is_extended_twice() -> None:
    file = take(asked(at(2026, 12, 15)), "begin_answer", "identity_known", at(2026, 12, 16))
    assert days(enter(file, Moment.EXTENSION_SENT_AT, at(2027, 1, 10))) == days(file)
    once = enter(take(file, "extend", "many_requests", at(2027, 1, 10)), Moment.EXTENSION_SENT_AT, at(2027, 1, 10))
    with pytest.raises(Conflict, match="once"):
        take(once, "extend", "many_requests", at(2027, 2, 10))


# ── the pause ─────────────────────────────────────────────────────────────────────────────────────────────────


def paused(received: datetime, sent: datetime, shown: datetime | None) -> CaseFile:
    file = take(asked(received), "ask_identity", "sender_not_known", received)
    file = enter(file, Moment.IDENTITY_ASKED_AT, sent)
    if shown is None:
        return file
    file = enter(file, Moment.IDENTIFIED_AT, shown)
    return take(file, "find_identified", "by_call_back", shown)


def test_while_the_person_is_asked_who_they_are_the_law_waits_and_we_do_not() -> None:
    received = at(2027, 2, 1)
    waiting = paused(received, at(2027, 2, 2), None)
    assert days(waiting) == (date(2027, 3, 1), date(2027, 3, 15)), "two weeks at most"
    assert days(paused(received, at(2027, 2, 2), at(2027, 2, 7))) == (date(2027, 3, 1), date(2027, 3, 8)), (
        "five days: 1 March and five days is a Saturday, so the next working day"
    )
    assert days(paused(received, at(2027, 2, 2), at(2027, 3, 12)))[1] == date(2027, 3, 15)


def test_of_two_ways_to_count_a_pause_the_earlier_one_holds() -> None:
    received, pause = at(2027, 1, 28), 4
    first = add_months(date(2027, 1, 28), 1) + timedelta(days=pause)
    second = add_months(date(2027, 1, 28) + timedelta(days=pause), 1)
    assert second < first
    assert days(paused(received, at(2027, 1, 29), at(2027, 2, 2)))[1] == working_day_on_or_after(second)


def test_who_is_asked_late_or_was_never_asked_by_a_decision_pauses_nothing() -> None:
    received = at(2027, 2, 1)
    assert days(paused(received, at(2027, 2, 4), at(2027, 2, 9)))[1] == date(2027, 3, 1)
    typed = enter(asked(received), Moment.IDENTITY_ASKED_AT, at(2027, 2, 2))
    assert days(enter(typed, Moment.IDENTIFIED_AT, at(2027, 2, 9)))[1] == date(2027, 3, 1)


@given(
    received=st.datetimes(datetime(2026, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    wait=st.integers(0, 25),
    decided=st.booleans(),
)
def test_no_pause_costs_the_person_more_than_it_took_and_none_moves_what_we_mean_to_keep(
    received, wait, decided
) -> None:
    before, file = asked(received), paused(received, received, received + timedelta(days=wait))
    if decided:
        file = take(done(file, received), "extend", "complex_request", received + timedelta(days=wait))
    (internal, statutory), plain = days(file), days(before)
    assert internal == plain[0]
    assert plain[1] <= statutory
    whole_days = (oslo_date(received + timedelta(days=wait)) - oslo_date(received)).days
    unmoved = add_months(oslo_date(received), 1) + timedelta(days=min(whole_days, FOURTEEN))
    assert statutory <= working_day_on_or_after(unmoved)
    clock = rules.clock_of(file)
    assert clock.next_at is not None
    assert clock.internal_due <= clock.statutory_due


# ── decided ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_s29_a_refusal_is_signed_by_two_and_names_its_reason() -> None:
    assert REFUSE in TWO_PERSONS
    file = take(asked(at(2027, 2, 1)), "begin_answer", "identity_known", at(2027, 2, 1))
    with pytest.raises(Invalid):
        take(file, REFUSE, "done", at(2027, 2, 2))
    assert take(file, REFUSE, "excessive", at(2027, 2, 2)).case.state == "refused"


def test_what_is_refused_in_part_is_signed_by_two_and_names_its_ground() -> None:
    assert ANSWER_IN_PART in TWO_PERSONS
    file = take(asked(at(2027, 2, 1)), "begin_answer", "identity_known", at(2027, 2, 1))
    with pytest.raises(Invalid):
        take(file, ANSWER_IN_PART, "done", at(2027, 2, 2))
    for ground in KEPT_FOR:
        assert take(file, ANSWER_IN_PART, ground, at(2027, 2, 2)).case.state == "answered"


@pytest.mark.clause("RIGHTS-1", "RIGHTS-5")
def test_a_late_copy_answers_the_request_that_it_became_and_no_other() -> None:
    received = at(2027, 1, 11)
    file = asked(received)
    begin, answer = ("begin_answer", "identity_known"), ("answer_request", "done")
    assert rules.answered_by_copy(file, received) == (begin, answer)
    assert rules.answered_by_copy(file, at(2027, 1, 12)) == (), "asked for in words of their own"
    working = take(file, *begin, at(2027, 1, 12))
    assert rules.answered_by_copy(working, received) == (answer,)
    doubted = take(file, "ask_identity", "sender_not_known", at(2027, 1, 12))
    assert rules.answered_by_copy(doubted, received) == ()
    assert rules.answered_by_copy(take(working, *answer, at(2027, 1, 13)), received) == (), "it has its answer"
    extended = take(working, "extend", "complex_request", at(2027, 1, 13))
    assert rules.answered_by_copy(extended, received) == (), "the letter has not left"


def test_every_decision_that_somebody_is_told_of_has_its_letter() -> None:
    steps = (*RIGHTS_REQUEST_2.steps, *FORWARDED_REQUEST.steps, *COMPLAINT.steps, *ENQUIRY.steps)
    assert {*LETTER_OF.values(), *ALSO_OF.values()} == set(RequesterLetter) - set(RECEIPT_OF.values())
    assert set(RequesterLetter) > TO_CONTROLLER
    assert {step.code for step in steps if WRITE_REQUESTER in step.effects} == set(LETTER_OF)
    assert {step: str(rules.letter_of(step)) for step in LETTER_OF} == {
        "ask_identity": "rights_identity",
        "extend": "rights_extended",
        "answer_request": "rights_answered",
        "answer_in_part": "rights_answered_in_part",
        "refuse_request": "rights_refused",
        "find_not_identifiable": "rights_refused",
        "forward_request": "request_passed_on",
        "remind_controller": "request_reminded",
        "find_controller_silent": "request_unanswered",
        "uphold_complaint": "complaint_upheld",
        "reject_complaint": "complaint_rejected",
        "answer_enquiry": "enquiry_answered",
        "charge_fee": "rights_fee",
        "answer_erasure": "rights_answered",
    }
    assert set(BECOMES) == set(Right), "what an enquiry turns out to be"
    assert set(Right) == {
        "access", "portability", "rectification", "erasure", "restriction", "objection", "automated_decision",
    }  # fmt: skip


def test_nothing_is_received_in_the_future_or_before_the_law() -> None:
    now = at(2027, 2, 1)
    rules.check_received(now, now)
    for wrong in (now + timedelta(seconds=1), at(2017, 12, 31)):
        with pytest.raises(Invalid):
            rules.check_received(wrong, now)


@pytest.mark.clause("RIGHTS-7")
def test_what_is_passed_on_names_the_customer_who_answers() -> None:
    rules.check_controller("content", uuid4())
    rules.check_controller("account", None)
    with pytest.raises(Invalid):
        rules.check_controller("content", None)


def test_what_was_posted_was_posted_after_it_was_decided_and_not_in_the_future() -> None:
    now = at(2027, 2, 3)
    file = take(asked(at(2027, 2, 1)), "ask_identity", "asked_by_agent", at(2027, 2, 2))
    letter = rules.waiting_letter(file)
    rules.check_posted(letter, now, now)
    for wrong in (now + timedelta(seconds=1), at(2027, 2, 1)):
        with pytest.raises(Invalid):
            rules.check_posted(letter, wrong, now)
    with pytest.raises(Conflict):
        rules.waiting_letter(done(file, now))


# ── a fee, and an erasure (article 12(5), I6) ─────────────────────────────────────────────────────────────────


def working(right: str = "access") -> CaseFile:
    return take(asked(at(2027, 2, 1), right=right), "begin_answer", "identity_known", at(2027, 2, 2))


def test_nobody_is_refused_for_a_fee_that_they_never_heard_of() -> None:
    with pytest.raises(Conflict) as unasked:
        take(working(), REFUSE, "fee_not_paid", at(2027, 2, 3))
    assert unasked.value.details == {"reason": "no_fee_asked"}
    told = done(take(working(), "charge_fee", "excessive", at(2027, 2, 3)), at(2027, 2, 3))
    assert days(told) == days(working()), "it gives us no more time"
    assert take(told, REFUSE, "fee_not_paid", at(2027, 2, 9)).case.state == "refused"
    assert take(told, "answer_request", "done", at(2027, 2, 9)).case.state == "answered"


def test_two_persons_say_that_something_was_erased_and_one_that_nothing_was_held() -> None:
    with pytest.raises(Conflict) as alone:
        take(working("erasure"), "answer_request", "done", at(2027, 2, 3))
    assert alone.value.details == {"reason": "two_persons_needed"}
    assert take(working("erasure"), "answer_erasure", "done", at(2027, 2, 3)).case.state == "answered"
    assert take(working("erasure"), "answer_request", "nothing_held", at(2027, 2, 3)).case.state == "answered"
    with pytest.raises(Conflict) as other:
        take(working(), "answer_erasure", "done", at(2027, 2, 3))
    assert other.value.details == {"reason": "no_erasure"}


@pytest.mark.parametrize("step", ["refuse_request", "answer_in_part", "charge_fee", "answer_erasure"])
def test_i6_no_refusal_and_no_fee_by_one_person(step: str) -> None:
    declared = RIGHTS_REQUEST_2.step(step)
    assert declared is not None
    assert (declared.decisive, declared.two_persons) == (True, True)
