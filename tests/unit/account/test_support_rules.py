"""When a message to support is taken, who reads it, and when it is answered and forgotten."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.account.accounts.values import UserState
from services.account.support import rules
from services.account.support.calls import (
    NAME_MOST,
    AnswerSupport,
    BeginSupport,
    SupportMessage,
    ThreadShown,
    WriteOn,
)
from services.account.support.values import (
    ANSWERED,
    COMPLAINT,
    MESSAGES_MOST,
    OPENING,
    QUESTION,
    SETTLED,
    TEXT_LIMIT,
    WAITING,
)
from services.cases.clocks.rules import day_before, deadline, limit_of
from shared.bus.rpc_client import encode
from shared.errors import Conflict, Forbidden, Invalid, TooMany
from shared.events import BODY_LIMIT_BYTES
from shared.input_guard import has_free_text
from shared.staff import Purpose
from tests.examples import example

pytestmark = pytest.mark.unit
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.clause("SUPPORT-1")
def test_only_somebody_of_a_customer_writes() -> None:
    user = UserState(
        id=uuid4(), account_id=uuid4(), role="user", state="active", version=1, confirmed=True, has_password=True
    )
    assert rules.check_writer(user) is user
    with pytest.raises(Forbidden):
        rules.check_writer(None)


def test_one_person_is_bounded_in_a_day_and_told_whom_to_ask() -> None:
    earlier = [NOW - timedelta(minutes=each) for each in range(rules.daily_limit(NOW))]
    rules.check_often(earlier[1:], NOW)
    with pytest.raises(TooMany) as refused:
        rules.check_often(earlier, NOW)
    assert refused.value.details["ask"] == "vendor"
    rules.check_often([at - timedelta(hours=25) for at in earlier], NOW)


def test_a_full_thread_keeps_a_place_for_the_answer() -> None:
    rules.check_room(MESSAGES_MOST - 2, kept_free=1)
    with pytest.raises(Conflict) as refused:
        rules.check_room(MESSAGES_MOST - 1, kept_free=1)
    assert refused.value.details["reason"] == "thread_full"
    rules.check_room(MESSAGES_MOST - 1)
    with pytest.raises(Conflict):
        rules.check_room(MESSAGES_MOST)


def test_nobody_answers_past_a_message_that_came_meanwhile_or_settles_what_does_not_wait() -> None:
    rules.check_read(3, 3)
    with pytest.raises(Conflict) as refused:
        rules.check_read(3, 4)
    assert refused.value.details == {"reason": "written_since", "version": 4}
    rules.check_waiting(WAITING)
    for state in (ANSWERED, SETTLED):
        with pytest.raises(Conflict):
            rules.check_waiting(state)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (datetime(2026, 12, 3, 12, tzinfo=UTC), date(2026, 12, 10)),
        (datetime(2026, 12, 18, 23, 30, tzinfo=UTC), date(2026, 12, 28)),  # in Oslo it is Saturday, then Christmas
    ],
)
def test_an_answer_is_due_in_working_days_of_oslo(received: datetime, due: date) -> None:
    assert rules.answer_due(received, QUESTION) == due


@pytest.mark.clause("RIGHTS-6")
@pytest.mark.parametrize(
    ("received", "due"),
    [
        (datetime(2026, 11, 27, 12, tzinfo=UTC), date(2026, 12, 24)),
        (datetime(2026, 11, 30, 23, 30, tzinfo=UTC), date(2026, 12, 31)),
    ],
)
def test_a_complaint_is_due_in_a_month_and_on_the_working_day_before_a_closed_one(received, due) -> None:
    assert rules.answer_due(received, COMPLAINT) == due
    clock = deadline(received, limit_of("complaint.answer", received))
    assert day_before(clock.internal_due) == due, "as the case has it"


@pytest.mark.clause("ERASE-5")
def test_a_thread_is_forgotten_half_a_year_after_its_last_message() -> None:
    assert rules.expires_on(datetime(2026, 8, 31, 12, tzinfo=UTC)) == date(2027, 2, 28)


@pytest.mark.clause("HOLD-1", "RIGHTS-4")
def test_what_may_only_be_stored_is_read_for_claims_or_where_an_answer_is_waited_for() -> None:
    support, dispute = Purpose.CUSTOMER_SUPPORT, Purpose.DISPUTE
    assert rules.staff_may_read(ANSWERED, support, is_kept=False)
    assert not rules.staff_may_read(ANSWERED, support, is_kept=True)
    assert not rules.staff_may_read(SETTLED, None, is_kept=True)
    assert rules.staff_may_read(ANSWERED, dispute, is_kept=True)
    assert rules.staff_may_read(WAITING, support, is_kept=True)


def test_a_thread_is_known_by_the_beginning_of_its_first_message() -> None:
    assert rules.opening_of("Hei!\n\nHvordan bytter jeg passord?") == "Hei! Hvordan bytter jeg passord?"
    assert len(rules.opening_of("ord " * 100)) <= OPENING


def test_one_answer_of_the_longest_messages_is_no_more_than_the_bus_takes() -> None:
    texts: list[str | None] = ["\U0001f642" * TEXT_LIMIT] * MESSAGES_MOST
    read = rules.fitting(texts)
    message = example(SupportMessage, text=texts[0])
    shown = example(ThreadShown, messages=(message,) * read)
    assert 1 < read < MESSAGES_MOST
    assert len(encode(shown)) < BODY_LIMIT_BYTES
    assert rules.fitting([None, "a"]) == 2


@pytest.mark.parametrize("text", ["", " \n ", "x" * (TEXT_LIMIT + 1), "a\x00b"])
def test_a_text_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        BeginSupport.from_json({"account_id": str(uuid4()), "actor": f"user:{uuid4()}", "text": text})


def test_the_input_guard_reads_what_is_written_by_persons_and_by_staff() -> None:
    assert all(map(has_free_text, (BeginSupport, WriteOn, AnswerSupport)))


def test_a_reply_address_says_which_thread_and_fits_into_a_name() -> None:
    thread_id, signature = uuid4(), bytes(range(32))
    name = rules.reply_name(thread_id, signature)
    assert len(name) <= NAME_MOST
    assert name == name.lower()
    assert rules.thread_of(name) == thread_id
    for other in (
        "",
        "reply+",
        name[:-1],
        f"{name}a",
        name.replace("reply+", "answer"),
        f"reply+{'1' * 42}",
        "post",
    ):
        assert rules.thread_of(other) is None


@pytest.mark.clause("INPUT-1")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Takk, nå virker det.", None),
        ("", "empty"),
        ("\u200b \u3164", "empty"),
        ("x" * TEXT_LIMIT, None),
        ("x" * (TEXT_LIMIT + 1), "too_long"),
        ("Nummeret mitt er 01819012365.", "identity_number"),
    ],
)
def test_why_the_text_of_a_reply_is_not_taken(text: str, reason: str | None) -> None:
    assert rules.reason_to_decline(text, date(2026, 12, 1)) == reason


def test_of_a_reply_stays_what_somebody_wrote() -> None:
    assert rules.written_of("Hei!\r\nDet virker.\r\n\r\n-- \r\nKari") == "Hei!\nDet virker."
    assert rules.written_of("Ja\n\n> Er det bra?\n>\n") == "Ja"
    assert rules.written_of("a\x00b\x1b[2J\tc") == "ab[2J\tc"
    assert rules.written_of(">\n") == ""


def test_of_replies_that_are_not_taken_one_is_told_once_a_day() -> None:
    assert rules.may_tell(None, NOW)
    assert not rules.may_tell(NOW - timedelta(hours=23), NOW)
    assert rules.may_tell(NOW - timedelta(hours=24), NOW)
    assert rules.may_tell(NOW + timedelta(days=3), NOW), "by a clock that was wrong"
