"""Complaints and enquiries, from the page or the telephone to the answer: their time, letters, and who signs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from test_erased_marks import erase
from test_own_rights_requests import USER, Door, X

from services.account.support.events import CorrespondenceBegun
from services.cases.correspondence.calls import OwnCorrespondence, TakeCorrespondence, WithdrawOwnCorrespondence
from services.cases.decisions.calls import DecideCase, TakeStep
from services.cases.kinds.table import PRESENT
from services.cases.rights_requests.calls import NotePosted
from services.notification.letter_lifecycle.events import NotificationSent
from shared.case_references import reference_of
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Code, Received
from tests.in_process import ask, hear, run
from tests.integration.cases.handling import HOUR, KARI, NOW, published, show
from tests.staff_statements import decide

pytestmark = [pytest.mark.integration, pytest.mark.clause("RIGHTS-5", "RIGHTS-6")]

ORDERED = "rights_request.letter_ordered"
DAY = timedelta(days=1)


@pytest.fixture
def rota():
    made = Door()
    made.weeks["2026-11-23"] = ("staff:kari", "staff:ola")
    return made


def written(cases, thread_id: UUID | None = None, at: datetime = NOW, **fields):
    """Account says that somebody has begun to write about what is a case; which one."""
    asked = {"account_id": X, "user_id": USER, "kind": Code("complaint"), "about": Code("data_use")} | fields
    event = CorrespondenceBegun(thread_id=thread_id or uuid4(), **asked)
    hear(
        cases,
        Received(
            id=uuid4(), event=event, source="account", time=at, subject=event.subject, correlation_id=uuid4(),
            causation_id=None,
        ),
    )  # fmt: skip
    return event.thread_id


def entered(cases, number: str = "phone-1", **fields):
    asked = {
        "kind": "complaint", "about": "emails", "received_at": NOW - HOUR, "external_id": number, "account_id": X,
        "user_id": USER, "actor": KARI,
    } | fields  # fmt: skip
    return ask(cases, TakeCorrespondence(**asked))


def own(cases, who: str = "u"):
    return ask(cases, OwnCorrespondence(token=who * 43)).cases


def withdraw(cases, case_id: UUID, who: str = "u"):
    return ask(cases, WithdrawOwnCorrespondence(token=who * 43, case_id=case_id))


def do(cases, case_id: UUID, name: str, reason: str, **fields):
    """Take a step of the case, as whoever may: by two persons where two sign it."""
    case = show(cases, case_id)
    step = PRESENT[case.kind].step(name)
    asked = {"case_id": case_id, "version": case.version, "step": name, "reason": reason} | fields
    if step.two_persons:
        return decide(cases, "decide_by_two", **asked)
    return ask(cases, (DecideCase if step.decisive else TakeStep)(**asked, actor=KARI))


def letters(owner) -> list[tuple[str, str]]:
    return [(each["data"]["letter"], each["data"]["reason"]) for each in published(owner, ORDERED)]


def letter_left(cases, owner) -> None:
    """Notification says that the last letter that was ordered has left."""
    run(cases, "carry_out_effects")
    ordered = published(owner, ORDERED)[-1]
    event = NotificationSent(letter_id=uuid4(), letter=Code(ordered["data"]["letter"]), account_id=X, user_id=USER)
    hear(
        cases,
        Received(
            id=uuid4(), event=event, source="notification", time=NOW, subject=event.subject,
            correlation_id=uuid4(), causation_id=ordered["id"],
        ),
    )  # fmt: skip
    run(cases, "carry_out_effects")


def test_a_person_complains_sees_until_when_it_is_answered_and_nobody_else_does(cases, owner) -> None:
    case_id = written(cases)
    assert written(cases, case_id) == case_id, "it came twice"
    (shown,) = own(cases)
    # a month from 27 November is a Sunday after Christmas
    assert (shown.case_id, shown.reference, shown.kind, shown.about, shown.state, shown.answer_by) == (
        case_id, reference_of(case_id), "complaint", "data_use", "received", date(2026, 12, 24),
    )  # fmt: skip
    assert own(cases, "o") == own(cases, "s") == (), "neither the employer nor another company"
    case = show(cases, case_id)
    assert (case.opened_by, case.owner, case.party) == ("customer", "staff:kari", "controller")
    assert letters(owner) == [("complaint_received", "data_use")]
    assert published(owner, ORDERED)[0]["data"]["due_on"] == "2026-12-28"


def test_one_person_alone_rejects_nothing_and_the_answer_of_two_is_carried_out_by_its_letter(cases, owner) -> None:
    case_id = written(cases)
    do(cases, case_id, "examine", "looked_at")
    version = show(cases, case_id).version
    with pytest.raises(Invalid):
        ask(cases, DecideCase(
            case_id=case_id, version=version, step="reject_complaint", reason="law_allows_it", actor=KARI
        ))  # fmt: skip
    do(cases, case_id, "reject_complaint", "law_allows_it")
    run(cases, "carry_out_effects")
    (shown,) = own(cases)
    assert (shown.state, shown.reason, shown.letter_left_at) == ("rejected", "law_allows_it", None)
    with pytest.raises(Conflict):
        withdraw(cases, case_id)
    letter_left(cases, owner)
    assert letters(owner)[-1] == ("complaint_rejected", "law_allows_it")
    assert (own(cases)[0].letter_left_at, show(cases, case_id).not_carried_out) == (NOW, 0)


def test_who_turns_to_the_authority_is_still_answered_in_time_and_what_it_decides_is_told(
    cases, owner, clock
) -> None:
    case_id = written(cases)
    do(cases, case_id, "find_at_authority", "person_says_so")
    clocks = {each.rule: each for each in show(cases, case_id).clocks if each.stopped_at is None}
    assert clocks.keys() == {"complaint.answer", "state.at_authority"}
    assert clocks["complaint.answer"].statutory_due == datetime(2026, 12, 28, 23, tzinfo=UTC)
    clock.move(40 * DAY)
    with pytest.raises(Invalid) as late:
        do(cases, case_id, "uphold_complaint", "use_stopped")
    assert list(late.value.details) == ["late_reason"]
    do(cases, case_id, "uphold_complaint", "use_stopped", late_reason="found_out_late")
    letter_left(cases, owner)
    do(cases, case_id, "find_at_authority", "authority_says_so")
    running = {each.rule for each in show(cases, case_id).clocks if each.stopped_at is None}
    assert running == {"state.at_authority"}, "it was answered"
    do(cases, case_id, "reject_complaint", "authority_decided_so")
    letter_left(cases, owner)
    assert [each for each, _ in letters(owner)] == ["complaint_received", "complaint_upheld", "complaint_rejected"]


def test_what_came_by_telephone_runs_since_it_came_and_of_nobody_we_know_is_answered_by_post(cases, owner) -> None:
    known = entered(cases)
    assert [(each.case_id, each.received_at) for each in own(cases)] == [(known.case_id, NOW - HOUR)]
    assert not entered(cases).is_new
    with pytest.raises(Conflict):
        entered(cases, user_id=uuid4())
    with pytest.raises(Invalid):
        entered(cases, "phone-2", received_at=NOW + HOUR)
    case_id = entered(cases, "letter-1", account_id=None, user_id=None).case_id
    do(cases, case_id, "examine", "looked_at")
    do(cases, case_id, "uphold_complaint", "data_put_right")
    run(cases, "carry_out_effects")
    case = show(cases, case_id)
    assert (case.not_carried_out, len(letters(owner))) == (1, 1)
    ask(cases, NotePosted(case_id=case_id, version=case.version, posted_at=NOW, actor=KARI))
    run(cases, "carry_out_effects")
    assert show(cases, case_id).not_carried_out == 0


def test_a_person_takes_a_complaint_back_and_nobody_else_can(cases) -> None:
    case_id = written(cases)
    for who in ("o", "s"):
        with pytest.raises(NotFound):
            withdraw(cases, case_id, who)
    taken_back = withdraw(cases, case_id)
    assert (taken_back.state, taken_back.reason) == ("withdrawn", "person_withdrew")
    assert withdraw(cases, case_id) == taken_back, "done again it is done"


def test_of_whoever_was_erased_before_it_came_no_case_is_opened(cases, owner) -> None:
    account, user = uuid4(), uuid4()
    erase(cases, account, user)
    written(cases, account_id=account, user_id=user)
    assert published(owner, "case.opened") == []
    with pytest.raises(Conflict):
        entered(cases, "letter-9", account_id=account, user_id=user)


# ── enquiries ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_enquiry_is_answered_in_five_working_days_in_writing_or_by_word(cases, owner) -> None:
    case_id = written(cases, kind=Code("enquiry"), about=Code("terms"))
    (shown,) = own(cases)
    assert (shown.kind, shown.answer_by) == ("enquiry", date(2026, 12, 4))
    assert letters(owner) == [("enquiry_received", "terms")]
    do(cases, case_id, "answer_enquiry", "in_thread")
    letter_left(cases, owner)
    assert letters(owner)[-1] == ("enquiry_answered", "in_thread")
    assert (own(cases)[0].state, show(cases, case_id).not_carried_out) == ("answered", 0)
    spoken = entered(cases, "phone-3", kind="enquiry", account_id=None, user_id=None).case_id
    do(cases, spoken, "answer_by_word", "by_phone")
    assert show(cases, spoken).not_carried_out == 0, "nothing is posted to whoever was answered on the telephone"


@pytest.mark.parametrize(
    ("step", "reason", "kind", "signal", "letter"),
    [
        ("become_request", "erasure", "rights_request", "erasure", "rights_received"),
        ("become_complaint", "person_disagrees", "complaint", "emails", "complaint_received"),
    ],
)
def test_what_turns_out_to_be_more_is_that_from_its_receipt_on(
    cases, owner, clock, step, reason, kind, signal, letter
) -> None:
    enquiry = entered(cases, kind="enquiry")
    clock.move(3 * DAY)
    (following,) = do(cases, enquiry.case_id, step, reason).opened
    case = show(cases, following)
    assert (case.kind, case.signal, case.received_at, case.state) == (kind, signal, NOW - HOUR, "received")
    (runs,) = [each for each in case.clocks if not each.rule.startswith("state.")]
    assert runs.started_at == NOW - HOUR, "nothing begins anew"
    assert show(cases, enquiry.case_id).state == "became"
    assert letters(owner)[-1] == (letter, signal), "the person hears of it, under its own number"
    seen = {each.case_id for each in own(cases)}
    assert seen == ({enquiry.case_id, following} if kind == "complaint" else {enquiry.case_id})
