"""What a person asks for by themselves: taken in at once, seen and taken back by them alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.account.login.calls import Authenticated
from services.cases.decisions.calls import AddAffected, DecideCase, TakeStep
from services.cases.kinds.forwarded_request import FORWARDED_REQUEST
from services.cases.kinds.rights_request import RIGHTS_REQUEST_2
from services.cases.rights_requests.calls import (
    ForwardedRequests,
    MakeOwnRequest,
    OwnRequests,
    TakeRightsRequest,
    WithdrawOwnRequest,
)
from services.notification.letter_lifecycle.events import NotificationSent
from shared.errors import Conflict, Forbidden, NotFound, TooMany, Unauthenticated
from shared.events import Code, Received
from shared.hold_scope import Held
from shared.participation.values import Erasure, Purpose
from shared.terms.parameters import in_force
from tests.examples import example
from tests.in_process import ask, hear, run
from tests.integration.cases.handling import HOUR, KARI, NOW, Rota, published, show
from tests.staff_statements import decide

pytestmark = [pytest.mark.integration, pytest.mark.clause("RIGHTS-5", "RIGHTS-6")]

X, Y = uuid4(), uuid4()
OWNER, USER, STRANGER = uuid4(), uuid4(), uuid4()
SESSIONS = {"o" * 43: (X, OWNER, "owner"), "u" * 43: (X, USER, "user"), "s" * 43: (Y, STRANGER, "owner")}
ORDERED = "rights_request.letter_ordered"


class Door(Rota):
    """Beside who is on duty it knows whose a session is."""

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields):
        if (service, method) != ("account", "authenticate"):
            return super().call(service, method, timeout_seconds=timeout_seconds, **fields)
        if fields["token"] not in SESSIONS:
            raise Unauthenticated
        account_id, user_id, role = SESSIONS[fields["token"]]
        return example(Authenticated, account_id=str(account_id), user_id=str(user_id), role=role)


@pytest.fixture
def rota():
    made = Door()
    made.weeks["2026-11-23"] = ("staff:kari", "staff:ola")
    return made


def make(cases, who: str = "u", right: str = "access", **fields):
    return ask(cases, MakeOwnRequest(token=who * 43, right=right, **fields))


def own(cases, who: str = "u"):
    return ask(cases, OwnRequests(token=who * 43)).requests


def withdraw(cases, case_id: UUID, who: str = "u"):
    return ask(cases, WithdrawOwnRequest(token=who * 43, case_id=case_id))


def do(cases, case_id, name: str, reason: str):
    step = RIGHTS_REQUEST_2.step(name)
    asked = {"case_id": case_id, "version": show(cases, case_id).version, "step": name, "reason": reason}
    if step.two_persons:
        return decide(cases, "decide_by_two", **asked)
    return ask(cases, (DecideCase if step.decisive else TakeStep)(**asked, actor=KARI))


def pass_on(cases, case_id, name: str, reason: str):
    step = FORWARDED_REQUEST.step(name)
    asked = {"case_id": case_id, "version": show(cases, case_id).version, "step": name, "reason": reason}
    return ask(cases, (DecideCase if step.decisive else TakeStep)(**asked, actor=KARI))


def forwarded(cases, who: str = "o"):
    return ask(cases, ForwardedRequests(token=who * 43)).requests


def letters_left(cases, owner, letter: str) -> None:
    """Notification says that this letter has left."""
    (ordered,) = {each["id"] for each in published(owner, ORDERED) if each["data"]["letter"] == letter}
    event = NotificationSent(letter_id=uuid4(), letter=Code(letter), account_id=X, user_id=USER)
    hear(
        cases,
        Received(
            id=uuid4(), event=event, source="notification", time=NOW, subject=event.subject,
            correlation_id=uuid4(), causation_id=ordered,
        ),
    )  # fmt: skip
    run(cases, "carry_out_effects")


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


def test_a_person_asks_and_sees_until_when_it_is_answered_and_nobody_else_does(cases, owner) -> None:
    made = make(cases)
    assert (made.is_new, made.right, made.state, made.received_at) == (True, "access", "received", NOW)
    # a month from 27 November is a Sunday, and the Monday after it is a working day
    assert (made.answer_by, made.due_on) == (date(2026, 12, 24), date(2026, 12, 28))
    case = show(cases, made.case_id)
    assert (case.kind, case.opened_by, case.owner) == ("rights_request", "customer", "staff:kari")
    (receipt,) = published(owner, ORDERED)
    assert (receipt["data"]["user_id"], receipt["data"]["letter"]) == (str(USER), "rights_received")
    assert {each["actor"] for each in published(owner, "case.opened")} == {"system"}, "it names no customer"
    assert [each.case_id for each in own(cases)] == [made.case_id]
    assert own(cases, "o") == own(cases, "s") == (), "neither the employer nor another company"
    with pytest.raises(Unauthenticated):
        make(cases, "x")


def test_asked_for_again_before_the_answer_it_is_the_same_and_afterwards_another_one(cases, owner) -> None:
    first = make(cases)
    again = make(cases)
    assert (again.case_id, again.is_new) == (first.case_id, False)
    assert make(cases, right="erasure").case_id != first.case_id
    withdraw(cases, first.case_id)
    assert make(cases).is_new
    assert len(published(owner, ORDERED)) == 3


def test_s29_no_request_is_refused_for_being_the_third_one_and_who_makes_very_many_is_told_whom_to_ask(
    cases, clock
) -> None:
    for _ in range(in_force("dsr.requests_daily", NOW.date()).default):
        made = make(cases)
        assert (made.is_new, made.state) == (True, "received")
        withdraw(cases, made.case_id)
    with pytest.raises(TooMany) as too_many:
        make(cases)
    assert too_many.value.asks_vendor
    assert make(cases, "o").is_new, "it bounds one user"
    clock.move(timedelta(hours=25))
    assert make(cases, right="portability").is_new


def test_what_staff_have_entered_for_a_person_is_seen_by_them_too(cases) -> None:
    asked = {"right": "objection", "received_at": NOW - HOUR, "external_id": "phone-1", "actor": KARI}
    case_id = ask(cases, TakeRightsRequest(**asked, account_id=X, user_id=USER)).case_id
    assert [(each.case_id, each.received_at) for each in own(cases)] == [(case_id, NOW - HOUR)]


def test_a_person_takes_a_request_back_and_nobody_else_can(cases, owner) -> None:
    case_id = make(cases).case_id
    for who in ("o", "s"):
        with pytest.raises(NotFound):
            withdraw(cases, case_id, who)
    with pytest.raises(NotFound):
        withdraw(cases, uuid4())
    taken_back = withdraw(cases, case_id)
    assert (taken_back.state, taken_back.reason, taken_back.ended_at) == ("withdrawn", "person_withdrew", NOW)
    assert withdraw(cases, case_id) == taken_back, "done again it is done"
    (told,) = published(owner, "case.step_taken")
    assert (told["actor"], told["data"]["state"]) == ("system", "withdrawn")


def test_the_answer_is_seen_with_its_ground_and_since_when_its_letter_has_left(cases, owner) -> None:
    case_id = make(cases, right="erasure").case_id
    do(cases, case_id, "begin_answer", "identity_known")
    do(cases, case_id, "answer_in_part", "kept_by_law")
    (shown,) = own(cases)
    assert (shown.state, shown.reason, shown.letter_left_at) == ("answered", "kept_by_law", None)
    letter_left(cases, owner)
    assert own(cases)[0].letter_left_at == NOW
    assert published(owner, ORDERED)[-1]["data"]["letter"] == "rights_answered_in_part"
    with pytest.raises(Conflict) as answered:
        withdraw(cases, case_id)
    assert answered.value.details == {"reason": "answered_before"}


@pytest.mark.clause("RIGHTS-7")
def test_s23_what_the_company_has_typed_is_passed_on_in_two_working_days_and_the_person_told_who_answers(
    cases, owner, clock
) -> None:
    monday = datetime(2027, 2, 1, 9, tzinfo=UTC)
    clock.move(monday - NOW)
    account, content = make(cases), make(cases, concerns="content")
    assert (content.concerns, content.is_new, content.case_id != account.case_id) == ("content", True, True)
    assert (content.due_on, account.due_on) == (date(2027, 2, 3), date(2027, 3, 1))
    assert not make(cases, concerns="content").is_new
    assert (show(cases, content.case_id).kind, show(cases, content.case_id).party) == (
        "forwarded_request", "processor",
    )  # fmt: skip
    assert forwarded(cases) == (), "not passed on yet"
    pass_on(cases, content.case_id, "forward_request", "customer_is_controller")
    run(cases, "carry_out_effects")
    told = {each["data"]["letter"]: each["data"] for each in published(owner, ORDERED)}
    assert told.keys() == {"rights_received", "request_passed_on", "request_forwarded"}
    assert (told["request_forwarded"]["account_id"], told["request_forwarded"]["reason"]) == (str(X), "access")
    letters_left(cases, owner, "request_passed_on")
    assert show(cases, content.case_id).not_carried_out == 1, "the customer was not written to yet"
    letters_left(cases, owner, "request_forwarded")
    assert show(cases, content.case_id).not_carried_out == 0
    (seen,) = forwarded(cases)
    assert (seen.case_id, seen.user_id, seen.state) == (content.case_id, USER, "with_controller")
    assert forwarded(cases, "s") == ()
    with pytest.raises(Forbidden):
        forwarded(cases, "u")


@pytest.mark.clause("RIGHTS-7")
def test_s23_a_controller_that_stays_silent_is_reminded_and_the_person_is_told(cases, owner, clock) -> None:
    case_id = make(cases, right="erasure", concerns="content").case_id
    pass_on(cases, case_id, "forward_request", "customer_is_controller")
    run(cases, "carry_out_effects")
    for letter in ("request_passed_on", "request_forwarded"):
        letters_left(cases, owner, letter)
    with pytest.raises(Conflict):
        pass_on(cases, case_id, "find_controller_silent", "no_answer_came")
    (limit,) = [each for each in show(cases, case_id).clocks if each.rule == "state.with_controller"]
    assert limit.internal_due == datetime(2026, 12, 11, 23, tzinfo=UTC), "two weeks from a Friday"
    clock.move(timedelta(days=15))
    pass_on(cases, case_id, "remind_controller", "no_answer_yet")
    run(cases, "carry_out_effects")
    letters_left(cases, owner, "request_reminded")
    clock.move(timedelta(days=22))
    pass_on(cases, case_id, "find_controller_silent", "no_answer_came")
    run(cases, "carry_out_effects")
    letters_left(cases, owner, "request_unanswered")
    assert (own(cases)[0].state, show(cases, case_id).not_carried_out) == ("controller_silent", 0)


def test_what_a_letter_is_on_its_way_about_is_not_taken_back_before_it_has_left(cases, owner) -> None:
    case_id = make(cases).case_id
    do(cases, case_id, "ask_identity", "sender_not_known")
    with pytest.raises(Conflict) as waiting:
        withdraw(cases, case_id)
    assert waiting.value.details == {"reason": "letter_on_its_way"}
    letter_left(cases, owner)
    assert withdraw(cases, case_id).state == "withdrawn"


def test_whom_staff_name_afterwards_has_not_asked_and_gets_no_letter(cases, owner, clock, database) -> None:
    case_id = make(cases).case_id
    clock.move(HOUR)
    version = show(cases, case_id).version
    ask(cases, AddAffected(case_id=case_id, version=version, account_ids=(X,), user_ids=(OWNER,), actor=KARI))
    assert own(cases, "o") == ()
    erasure = Erasure(purpose=Purpose.ORDERED, id=uuid4(), account_id=X, user_id=USER, held=Held(), at=NOW)
    with database.transaction() as tx:
        cases.participant.erase(tx, erasure)
    do(cases, case_id, "begin_answer", "identity_known")
    do(cases, case_id, "answer_request", "done")
    run(cases, "carry_out_effects")
    assert [each["data"]["letter"] for each in published(owner, ORDERED)] == ["rights_received"]
    assert show(cases, case_id).not_carried_out == 0
    assert own(cases) == ()
