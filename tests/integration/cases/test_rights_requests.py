"""A person's request, from the telephone to the answer: its times, its letters, and when they left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from test_erased_marks import erase

from services.cases.decisions.calls import AddAffected, DecideByTwo, DecideCase, TakeStep
from services.cases.kinds.rights_request import RIGHTS_REQUEST_2
from services.cases.kinds.table import TWO_PERSONS
from services.cases.rights_requests.calls import NotePosted, TakeRightsRequest
from services.notification.letter_lifecycle.events import NotificationSent
from shared.errors import Conflict, Invalid
from shared.events import Code, Received
from tests.in_process import ask, hear, run
from tests.integration.cases.handling import HOUR, KARI, NOW, enter, published, show

pytestmark = [pytest.mark.integration, pytest.mark.clause("RIGHTS-5", "RIGHTS-6")]

X, USER = uuid4(), uuid4()
ORDERED = "rights_request.letter_ordered"
DAY = timedelta(days=1)


def taken(cases, number: str = "phone-1", **fields):
    asked = {
        "right": "access", "received_at": NOW - HOUR, "external_id": number, "account_id": X, "user_id": USER,
        "actor": KARI,
    } | fields  # fmt: skip
    return ask(cases, TakeRightsRequest(**asked))


def do(cases, case_id, name: str, reason: str, **fields):
    step = RIGHTS_REQUEST_2.step(name)
    kind = DecideByTwo if name in TWO_PERSONS else DecideCase if step.decisive else TakeStep
    asked = {"case_id": case_id, "version": show(cases, case_id).version, "step": name, "reason": reason} | fields
    return ask(cases, kind(**asked) if kind is DecideByTwo else kind(**asked, actor=KARI))


def letter_left(cases, owner, at: datetime) -> str:
    """Notification says that the last letter that was ordered has left; which one."""
    ordered = published(owner, ORDERED)[-1]
    event = NotificationSent(letter_id=uuid4(), letter=Code(ordered["data"]["letter"]), account_id=X, user_id=USER)
    hear(
        cases,
        Received(
            id=uuid4(), event=event, source="notification", time=at, subject=event.subject,
            correlation_id=uuid4(), causation_id=ordered["id"],
        ),
    )  # fmt: skip
    run(cases, "carry_out_effects")
    return ordered["data"]["letter"]


def due(cases, case_id):
    (clock,) = [each for each in show(cases, case_id).clocks if each.rule == "dsr.deadline"]
    return clock.internal_due, clock.statutory_due


def test_two_wishes_in_one_letter_are_two_requests_and_nobody_elses_are_under_its_number(cases) -> None:
    access, erasure = taken(cases), taken(cases, right="erasure")
    assert (access.is_new, erasure.is_new) == (True, True)
    assert access.case_id != erasure.case_id
    assert taken(cases, right="erasure") == erasure.__class__(**vars(erasure) | {"is_new": False})
    with pytest.raises(Conflict) as refused:
        taken(cases, user_id=uuid4())
    assert refused.value.details["reason"] == "other_request"


def test_who_was_erased_is_named_in_no_new_request(cases) -> None:
    account, user = uuid4(), uuid4()
    erase(cases, account, user)
    with pytest.raises(Conflict) as refused:
        taken(cases, "mail-2", account_id=account, user_id=user)
    assert refused.value.details["reason"] == "erased"


def test_what_came_by_telephone_has_its_month_and_whoever_asked_gets_a_receipt(cases, owner) -> None:
    received = datetime(2026, 11, 20, 9, tzinfo=UTC)
    first = taken(cases, received_at=received)
    assert taken(cases, received_at=received) == first.__class__(**vars(first) | {"is_new": False}), "it came twice"
    case = show(cases, first.case_id)
    assert (case.kind, case.party, case.signal, case.state) == (
        "rights_request",
        "controller",
        "access",
        "received",
    )
    assert (case.received_at, case.owner) == (received, "staff:kari")
    # 20 December is a Sunday: done on Friday, and the law is broken after Monday.
    assert due(cases, first.case_id) == (
        datetime(2026, 12, 18, 23, tzinfo=UTC), datetime(2026, 12, 21, 23, tzinfo=UTC),
    )  # fmt: skip
    (receipt,) = published(owner, ORDERED)
    assert {name: receipt["data"][name] for name in ("account_id", "user_id", "letter", "reason", "due_on")} == {
        "account_id": str(X), "user_id": str(USER), "letter": "rights_received", "reason": "access",
        "due_on": "2026-12-21",
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [{"received_at": NOW + HOUR}, {"account_id": None}, {"received_at": datetime(2001, 1, 1, tzinfo=UTC)}]
)
def test_what_cannot_be_is_refused_and_opens_nothing(cases, owner, wrong) -> None:
    with pytest.raises(Invalid):
        taken(cases, **wrong)
    assert published(owner, "case.opened") == published(owner, ORDERED) == []


def test_an_answer_is_not_carried_out_before_its_letter_has_left(cases, owner, clock) -> None:
    case_id = taken(cases).case_id
    do(cases, case_id, "begin_answer", "identity_known")
    do(cases, case_id, "answer_request", "done")
    run(cases, "carry_out_effects")
    run(cases, "carry_out_effects")
    assert show(cases, case_id).not_carried_out == 1
    assert len(published(owner, ORDERED)) == 2, "the receipt and the answer, each once"
    clock.move(HOUR)
    assert letter_left(cases, owner, NOW) == "rights_answered"
    assert (show(cases, case_id).state, show(cases, case_id).not_carried_out) == ("answered", 0)


def test_an_extension_and_a_pause_count_from_when_their_letters_left(cases, owner, clock) -> None:
    case_id = taken(cases).case_id
    do(cases, case_id, "ask_identity", "sender_not_known")
    run(cases, "carry_out_effects")
    before = due(cases, case_id)
    clock.move(HOUR)
    assert letter_left(cases, owner, NOW + HOUR) == "rights_identity"
    waiting = due(cases, case_id)
    assert (waiting[0], waiting[1] > before[1]) == (before[0], True)
    clock.move(3 * DAY - HOUR)
    with pytest.raises(Conflict) as lacking:
        do(cases, case_id, "find_identified", "by_call_back")
    assert lacking.value.details["lacking"] == ["identified_at"]
    enter(cases, case_id, "identified_at", NOW + 2 * DAY)
    do(cases, case_id, "find_identified", "by_call_back")
    assert before[1] < due(cases, case_id)[1] < waiting[1], "two days, and no two weeks"
    paused = due(cases, case_id)
    do(cases, case_id, "extend", "complex_request")
    run(cases, "carry_out_effects")
    assert due(cases, case_id) == paused
    assert letter_left(cases, owner, NOW + 3 * DAY) == "rights_extended"
    assert due(cases, case_id)[1] > NOW + 88 * DAY
    names = {each.name for each in show(cases, case_id).instants}
    assert names == {"received_at", "identity_asked_at", "identified_at", "extension_sent_at"}


def test_who_is_no_user_is_written_to_by_post_and_a_person_says_when(cases, owner, clock) -> None:
    case_id = taken(cases, account_id=None, user_id=None).case_id
    assert published(owner, ORDERED) == []
    do(cases, case_id, "begin_answer", "identity_known")
    do(cases, case_id, "answer_request", "nothing_held")
    run(cases, "carry_out_effects")
    case = show(cases, case_id)
    assert (case.not_carried_out, published(owner, ORDERED)) == (1, [])
    clock.move(DAY)
    for wrong in (NOW + 2 * DAY, NOW - HOUR):
        with pytest.raises(Invalid):
            ask(cases, NotePosted(case_id=case_id, version=case.version, posted_at=wrong, actor=KARI))
    ask(cases, NotePosted(case_id=case_id, version=case.version, posted_at=NOW + HOUR, actor=KARI))
    run(cases, "carry_out_effects")
    assert show(cases, case_id).not_carried_out == 0
    with pytest.raises(Conflict):
        ask(cases, NotePosted(case_id=case_id, version=case.version + 1, posted_at=NOW + HOUR, actor=KARI))


def test_one_person_alone_refuses_nothing(cases) -> None:
    case_id = taken(cases).case_id
    do(cases, case_id, "begin_answer", "identity_known")
    version = show(cases, case_id).version
    with pytest.raises(Invalid):
        ask(cases, DecideCase(
            case_id=case_id, version=version, step="refuse_request", reason="excessive", actor=KARI
        ))  # fmt: skip
    assert show(cases, case_id).state == "working"


@pytest.mark.parametrize("named", [True, False])
def test_of_what_was_passed_on_no_letter_waits_for_whoever_was_erased(cases, clock, named) -> None:
    account, user = uuid4(), uuid4() if named else None
    case_id = taken(cases, "mail-3", concerns="content", account_id=account, user_id=user).case_id
    ask(cases, DecideCase(
        case_id=case_id, version=show(cases, case_id).version, step="forward_request",
        reason="customer_is_controller", actor=KARI,
    ))  # fmt: skip
    run(cases, "carry_out_effects")
    erase(cases, account)
    clock.move(DAY)
    run(cases, "carry_out_effects")
    assert show(cases, case_id).not_carried_out == (0 if named else 1), (
        "who is no user of ours is written to by post"
    )


def test_a_number_stays_that_of_whom_the_request_was_opened_for_whoever_joins_it(cases) -> None:
    case_id = taken(cases, "mail-4").case_id
    version = show(cases, case_id).version
    others = [UUID(int=number) for number in (1, 2, 3)]
    ask(cases, AddAffected(case_id=case_id, version=version, account_ids=others, actor=KARI))
    assert not taken(cases, "mail-4").is_new
    with pytest.raises(Conflict):
        taken(cases, "mail-4", account_id=others[0], user_id=None)


def test_who_is_not_there_or_of_another_company_is_named_by_the_field_of_the_request(cases, rota) -> None:
    for stranger, field in ((X, "account_id"), (USER, "user_id")):
        rota.strangers = {stranger}
        with pytest.raises(Invalid) as refused:
            taken(cases)
        assert list(refused.value.details) == [field]
    rota.strangers = set()
    assert taken(cases).case_id
