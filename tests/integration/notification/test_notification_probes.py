"""What the probes of notification watch: each sees nothing as long as all is as promised, and what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.account.letters.events import UserPasswordResetRequested
from services.notification.history.store import HISTORY_KEPT
from services.notification.letter_classes.feature import ClassesOfLetters
from services.notification.preferences.calls import TakeObjection
from services.notification.staff_tasks.calls import RequestCopy, SettleTask
from shared.actor import Actor
from shared.identifiers import new_id
from tests.in_process import feature, seen

pytestmark = pytest.mark.integration

KARI = Actor("staff", name="kari")
NOTHING = {
    "classes_undecided": 0,
    "copies_past_their_day": 0,
    "letters_nobody_agreed_to": 0,
    "letters_not_for_mailgun": 0,
    "letters_past_their_end": 0,
    "necessary_letters_stopped": 0,
    "objections_not_in_force": 0,
}


@pytest.fixture
def sent(house):
    house.hear(UserPasswordResetRequested(account_id=new_id(), user_id=new_id(), ticket_id=new_id()))
    house.deliver()
    assert house.letter()["state"] == "sent"
    assert seen(house.service) == NOTHING
    return house


def contradicted(house):
    return {name for name, count in seen(house.service).items() if count}


@pytest.mark.clause("PARTY-5")
def test_a_letter_of_no_known_kind_that_left_is_seen(sent) -> None:
    sent.change("UPDATE letter SET letter = 'newsletter'")
    assert contradicted(sent) == {"letters_not_for_mailgun"}


@pytest.mark.clause("MAIL-4")
@pytest.mark.parametrize("reason", ["opted_out", "restricted"])
def test_a_necessary_letter_that_a_refusal_stopped_is_seen(sent, reason) -> None:
    sent.change("UPDATE letter SET state = 'abandoned', reason = %s", reason)
    assert contradicted(sent) == {"necessary_letters_stopped"}


@pytest.mark.clause("ERASE-5")
def test_a_letter_that_should_have_been_deleted_is_seen_after_a_day(sent) -> None:
    end = sent.clock.now() - HISTORY_KEPT
    sent.change("UPDATE letter SET state = 'delivered', sent_at = NULL, settled_at = %s", end - timedelta(hours=23))
    assert contradicted(sent) == set()
    sent.change("UPDATE letter SET settled_at = %s", end - timedelta(hours=25))
    assert contradicted(sent) == {"letters_past_their_end"}
    sent.run("purge_expired_letters")
    assert contradicted(sent) == set()


@pytest.mark.clause("RIGHTS-2", "RIGHTS-1")
def test_a_copy_that_was_not_made_within_its_time_is_seen(house) -> None:
    today = house.clock.now().date()
    asked = RequestCopy(
        task_id=new_id(), account_id=new_id(), user_id=None, received_on=today, erased_on=today + timedelta(days=40)
    )
    house.ask(asked)
    assert contradicted(house) == set()
    house.change("UPDATE person_task SET due_on = %s", date(2026, 1, 1))
    assert contradicted(house) == {"copies_past_their_day"}
    house.ask(SettleTask(task_id=asked.task_id, outcome="copy_handed_over", actor=KARI))
    assert contradicted(house) == set()


@pytest.mark.clause("MAIL-2")
def test_an_objection_that_counts_only_since_later_or_not_at_all_is_seen(sent) -> None:
    account_id, user_id = new_id(), new_id()
    sent.account.people[account_id] = [{"user_id": str(user_id), "role": "user"}]
    heard_at = sent.clock.now() - timedelta(minutes=5)
    sent.ask(
        TakeObjection(
            objection_id=new_id(), account_id=account_id, user_id=user_id, channel="by_post", received_at=heard_at
        )
    )
    assert seen(sent.service) == NOTHING
    sent.change("UPDATE opt_out SET since = since + interval '1 minute' WHERE letter_class = 'marketing'")
    assert contradicted(sent) == {"objections_not_in_force"}
    sent.change("DELETE FROM opt_out")
    assert contradicted(sent) == {"objections_not_in_force"}


@pytest.mark.clause("MAIL-4")
def test_a_letter_of_this_release_of_which_nobody_has_said_what_it_is_is_seen(sent) -> None:
    classes = feature(sent.service, ClassesOfLetters)
    offering = replace(classes.readings["rights_answered"], offers=("tilbud",))
    classes.readings = {**classes.readings, "rights_answered": offering}
    assert contradicted(sent) == {"classes_undecided"}
