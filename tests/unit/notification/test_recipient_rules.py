"""Who of a company reads a letter, and which date concerns them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from services.notification.letters.kinds import LETTERS
from services.notification.recipients.rules import (
    audience_of,
    contacts_of,
    date_that_was_told,
    next_contacts,
    recipients_of,
    what_is_held,
)
from services.notification.recipients.values import Erasure, Recipient
from shared.identifiers import new_id

pytestmark = pytest.mark.unit

USER, ACCOUNT, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.mark.clause("RIGHTS-7")
def test_those_who_answer_for_the_company_are_written_to() -> None:
    owner, user = Recipient(user_id=USER, role="owner"), Recipient(user_id=OTHER, role="user")
    assert recipients_of([user, owner]) == [owner]


@pytest.mark.clause("RIGHTS-7")
def test_everybody_is_written_to_where_nobody_answers_for_the_company() -> None:
    users = [Recipient(user_id=USER, role="user"), Recipient(user_id=OTHER, role="user")]
    assert recipients_of(users) == users
    assert recipients_of([]) == []


def test_of_a_closed_company_everybody_hears_once() -> None:
    people = [
        Recipient(user_id=USER, role="owner"),
        Recipient(user_id=OTHER, role="user"),
        Recipient(user_id=new_id(), role="user", confirmed=False),
    ]
    assert audience_of(LETTERS["account_deactivated"], people) == people[:1]
    assert audience_of(LETTERS["company_closed"], people) == people[1:2]
    assert audience_of(LETTERS["erasure_postponed"], people) == people[:2]
    # Where nobody answers for the company, all are written to as if they did, and none of them twice.
    assert audience_of(LETTERS["company_closed"], people[1:]) == []


@pytest.mark.clause("HOLD-1")
def test_a_hold_breaks_the_first_date_that_was_told_and_no_other() -> None:
    ahead = [
        Erasure(id=new_id(), user_id=None, state="scheduled", due_on=date(2027, 4, each), suspended=True)
        for each in (9, 2)
    ]
    assert date_that_was_told(ahead) == date(2027, 4, 2)
    assert date_that_was_told([]) is None


@pytest.mark.clause("HOLD-1")
@pytest.mark.parametrize(
    ("suspended", "bases", "held"),
    [(True, ("gdpr_17_3_e",), "all"), (False, ("gdpr_18",), "some"), (False, (), None)],
)
def test_of_a_planned_erasure_a_letter_says_what_is_held_of_that_one_alone(suspended, bases, held) -> None:
    review_on = date(2027, 5, 1)
    one = Erasure(
        id=new_id(), user_id=None, state="scheduled", due_on=date(2027, 4, 2), suspended=suspended, bases=bases,
        review_on=review_on,
    )  # fmt: skip
    other = Erasure(id=new_id(), user_id=None, state="scheduled", due_on=date(2027, 4, 2), suspended=True)
    said = {"held": held, "held_because": bases, "review_on": review_on} if held else {}
    assert what_is_held([other, one], one.id) == said
    assert what_is_held([other], one.id) == {}, "what retention does not know now is told as the event said it"


@pytest.mark.clause("BREACH-1")
def test_who_was_not_reached_about_a_breach_is_followed_by_the_next_contact_until_none_is_left() -> None:
    people = [
        Recipient(user_id=USER, role="user"),
        Recipient(user_id=ACCOUNT, role="owner"),
        Recipient(user_id=OTHER, role="user", confirmed=False),
    ]
    others = [each.user_id for each in contacts_of(people)]
    assert others == [ACCOUNT, USER], "an address that nobody confirmed is no contact"
    first = [each.user_id for each in recipients_of(people)]
    assert next_contacts(first, others, {}) == [ACCOUNT]
    assert next_contacts(first, others, {ACCOUNT: True}) == [], "it may arrive yet"
    assert next_contacts(first, others, {ACCOUNT: False}) == [USER]
    assert next_contacts(first, others, {ACCOUNT: False, USER: True}) == []
    assert next_contacts(first, others, {ACCOUNT: False, USER: False}) is None
    assert next_contacts([], [], {}) is None
