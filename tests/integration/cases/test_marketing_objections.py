"""An objection to marketing as a case: open until the person was told that it counts."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from test_erased_marks import erase

from services.cases.decisions.calls import DecideCase
from services.cases.marketing_objections.rules import OPENED_WITHIN
from services.notification.letter_lifecycle.events import NotificationSent
from services.notification.preferences.events import MarketingObjected
from shared.errors import Transient
from shared.events import Code, Received
from tests.in_process import ask, hear
from tests.integration.cases.handling import HOUR, KARI, NOW, published, show

pytestmark = [pytest.mark.integration, pytest.mark.clause("MAIL-2")]

X, USER = uuid4(), uuid4()


def told(event, *, at=NOW, actor="system", causation_id=None, event_id=None) -> Received:
    return Received(
        id=event_id or uuid4(), event=event, source="notification", time=at, subject=event.subject,
        correlation_id=uuid4(), causation_id=causation_id, actor=actor,
    )  # fmt: skip


def objected(cases, *, actor="staff:kari", channel="by_phone", account_id=X, user_id=USER):
    case_id = uuid4()
    event = MarketingObjected(
        case_id=case_id, account_id=account_id, user_id=user_id, channel=Code(channel), received_at=NOW - HOUR
    )
    hear(cases, told(event, actor=actor, event_id=case_id))
    return case_id


def letter_left(cases, case_id, *, at=NOW, letter="objection_confirmed") -> None:
    event = NotificationSent(letter_id=uuid4(), letter=Code(letter), account_id=X, user_id=USER)
    hear(cases, told(event, at=at, causation_id=case_id))


def test_what_came_by_telephone_is_in_force_from_its_receipt_until_the_letter_closes_it(cases, owner) -> None:
    case_id = objected(cases)
    case = show(cases, case_id)
    assert (case.kind, case.party, case.signal, case.state) == (
        "marketing_objection", "controller", "by_phone", "effective",
    )  # fmt: skip
    assert (case.received_at, case.owner, case.clocks[0].rule) == (NOW - HOUR, "staff:kari", "state.effective")
    letter_left(cases, case_id, letter="rights_received")
    assert show(cases, case_id).state == "effective"
    letter_left(cases, case_id)
    letter_left(cases, case_id)
    closed = show(cases, case_id)
    assert (closed.state, closed.decisions[-1].reason, closed.decisions[-1].decided_by) == (
        "closed", "letter_left", "system",
    )  # fmt: skip
    assert [each["data"]["opened_by"] for each in published(owner, "case.opened")] == ["staff"]


def test_whom_no_letter_reaches_a_person_tells(cases) -> None:
    case_id = objected(cases, actor="user:kari", channel="by_oneself")
    step = {"case_id": case_id, "version": show(cases, case_id).version, "step": "confirm_objection"}
    ask(cases, DecideCase(**step, reason="by_phone", actor=KARI))
    assert show(cases, case_id).state == "closed"
    letter_left(cases, case_id)
    assert len(show(cases, case_id).decisions) == 1, "it is closed once"


def test_a_letter_that_is_heard_of_before_its_case_is_heard_of_again(cases) -> None:
    with pytest.raises(Transient):
        letter_left(cases, uuid4())
    letter_left(cases, uuid4(), at=NOW - OPENED_WITHIN - timedelta(minutes=1))


def test_who_was_erased_meanwhile_is_named_in_no_case(cases, owner) -> None:
    account_id, user_id = uuid4(), uuid4()
    erase(cases, account_id, user_id)
    case_id = objected(cases, account_id=account_id, user_id=user_id)
    rows = owner.execute("SELECT user_id FROM case_subject WHERE case_id = %s", (case_id,)).fetchall()
    assert all(row[0] is None for row in rows)
