"""The class of a letter is looked at as it leaves: S26, with the objection, the replies and the notices."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.cases.rights_requests.events import RightsLetterOrdered
from services.notification.letter_classes.calls import LetterClasses
from services.notification.letter_classes.feature import ClassesOfLetters
from services.notification.letters.values import LetterClass
from services.notification.preferences.calls import TakeObjection
from services.registers.board.calls import CountingRecord
from services.registers.engine.events import RegisterChanged
from shared.calendar import oslo_date
from shared.errors import Unavailable
from shared.events import Code
from shared.identifiers import new_id
from tests.examples import example
from tests.in_process import feature

pytestmark = [pytest.mark.integration, pytest.mark.clause("MAIL-1", "MAIL-4")]

REPLY, NOTICE = "rights_answered", "rights_extended"


@pytest.fixture
def person(house):
    account_id, user_id = new_id(), new_id()
    house.account.people[account_id] = [{"user_id": str(user_id), "role": "user"}]
    return {"account_id": account_id, "user_id": user_id}


@pytest.fixture
def offering(house):
    """The reply has an offer in its text, as if somebody had written one into it."""
    classes = feature(house.service, ClassesOfLetters)
    mixed = replace(classes.readings[REPLY], text_sha256="ab" * 32, offers=("tilbud",))
    classes.readings = {**classes.readings, REPLY: mixed}
    return mixed


def order(house, person, letter, reason):
    case = {"case_id": new_id(), "received_at": house.clock.now(), "due_on": oslo_date(house.clock.now())}
    house.hear(RightsLetterOrdered(**person, **case, letter=Code(letter), reason=Code(reason)))


def two_persons_said(house, letter_class: LetterClass, **changes) -> None:
    today = oslo_date(house.clock.now())
    fields = {
        "letter": REPLY, "letter_class": letter_class.value, "purpose": "legal_notice", "text_sha256": "ab" * 32,
    } | changes  # fmt: skip
    record_id = new_id()
    days = {"valid_from": today.isoformat(), "valid_to": None}
    house.account.records = [
        example(CountingRecord, record_id=str(record_id), account_id=None, **days, fields=fields)
    ]
    house.hear(
        RegisterChanged(
            record_id=record_id, account_id=None, kind=Code("letter_class"), state=Code("in_force"), revision=3,
            valid_from=today, valid_to=None,
        )
    )  # fmt: skip
    house.run("copy_changed_classes")


def outcomes(house):
    return {row["letter"]: (row["state"], row["reason"]) for row in house.letters()}


def object_by_phone(house, person):
    heard_at = house.clock.now() - timedelta(minutes=5)
    house.ask(TakeObjection(objection_id=new_id(), **person, channel="by_phone", received_at=heard_at))


@pytest.mark.clause("MAIL-2", "RIGHTS-4")
def test_s26_after_an_objection_by_phone_notices_leave_and_a_reply_with_an_offer_does_not(
    house, person, offering
) -> None:
    order(house, person, REPLY, "done")  # queued before
    object_by_phone(house, person)
    order(house, person, NOTICE, "complex_request")
    house.deliver()
    assert outcomes(house)[NOTICE][0] == "sent"
    assert outcomes(house)[REPLY] == ("pending", "class_not_approved")
    two_persons_said(house, LetterClass.MARKETING)
    house.change("UPDATE letter SET due_at = requested_at WHERE state = 'pending'")
    house.deliver()
    assert outcomes(house)[REPLY] == ("abandoned", "opted_out"), "what offers anything is marketing"
    assert len(house.sent()) == 1


def test_what_waits_leaves_once_two_persons_have_said_that_it_is_no_marketing(house, person, offering) -> None:
    order(house, person, REPLY, "done")
    house.deliver()
    assert house.sent() == []
    assert house.account.tokens == 0, "nobody is asked for an address to which nothing may leave"
    with house.database.transaction() as tx:
        waiting = feature(house.service, ClassesOfLetters).classes_not_said(tx, house.clock.now())
    assert waiting is not None
    assert waiting.count == 1
    two_persons_said(house, LetterClass.LEGAL)
    house.change("UPDATE letter SET due_at = requested_at WHERE state = 'pending'")
    house.deliver()
    assert outcomes(house)[REPLY][0] == "sent"


@pytest.mark.clause("PARTY-5")
def test_what_two_persons_call_marketing_is_not_for_mailgun(house, person, offering) -> None:
    two_persons_said(house, LetterClass.MARKETING)
    order(house, person, REPLY, "done")
    house.deliver()
    assert outcomes(house)[REPLY] == ("abandoned", "purpose_refused")
    assert house.sent() == []


def test_what_was_said_of_another_text_counts_for_nothing(house, person, offering) -> None:
    two_persons_said(house, LetterClass.LEGAL, text_sha256="cd" * 32)
    order(house, person, REPLY, "done")
    house.deliver()
    assert outcomes(house)[REPLY] == ("pending", "class_not_approved")


def test_while_the_register_is_away_what_was_copied_counts(house, person, offering) -> None:
    two_persons_said(house, LetterClass.LEGAL)
    house.account.failures = [Unavailable("away")]
    house.run("copy_classes")
    (shown,) = [each for each in house.ask(LetterClasses()).letters if each.letter == REPLY]
    assert (shown.declared, shown.proposed, shown.because, shown.approved, shown.letter_class) == (
        "legal", "marketing", ("tilbud",), "legal", "legal",
    )  # fmt: skip
