from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account.accounts.rules import ABANDONED
from services.account.tickets import link_endings
from services.account.tickets.rules import (
    LETTER_OF_TICKET,
    LETTERS_AT_ONCE,
    LETTERS_DAY,
    LETTERS_REFILL,
    LETTERS_STEADY,
    check_invitations,
    invitations_a_day,
    letters_closed_until,
    link_standing,
    ticket_is_mintable,
    ticket_is_usable,
)
from services.account.tickets.values import TicketState
from shared.errors import TooMany
from tests.unit.account.states import NOW, account, minutes, user

pytestmark = pytest.mark.unit


def ticket(kind="password_reset", *, age=0.0, minted=None, used=None) -> TicketState:
    def ago(hours):
        return None if hours is None else NOW - timedelta(hours=hours)

    return TicketState(kind=kind, created_at=ago(age), minted_at=ago(minted), used_at=ago(used))


def test_every_kind_of_ticket_has_a_letter_and_a_life() -> None:
    assert set(link_endings.Link) - {link_endings.Link.SESSION} == set(link_endings.LIFE) == set(LETTER_OF_TICKET)


def test_a_token_is_made_for_its_own_letter_in_time() -> None:
    assert ticket_is_mintable(ticket(age=71), "password_reset", NOW)
    assert not ticket_is_mintable(ticket(age=72), "password_reset", NOW)
    assert not ticket_is_mintable(ticket(), "invitation", NOW)
    assert not ticket_is_mintable(ticket(used=1), "password_reset", NOW)
    assert not ticket_is_mintable(ticket("notice"), "sign_up_repeated", NOW)


def test_a_token_works_once_for_its_purpose_within_its_life() -> None:
    kinds = ("password_reset",)
    assert ticket_is_usable(ticket(age=50, minted=0.99), kinds, NOW)
    assert not ticket_is_usable(ticket(age=50, minted=1), kinds, NOW)
    assert not ticket_is_usable(ticket(), kinds, NOW)
    assert not ticket_is_usable(ticket(minted=0.5, used=0.1), kinds, NOW)
    assert not ticket_is_usable(ticket("invitation", minted=0.5), kinds, NOW)


def test_three_letters_at_once_and_one_more_every_ten_minutes() -> None:
    assert letters_closed_until(minutes(1, 2), NOW) is None
    assert letters_closed_until(minutes(3, 1, 2), NOW) == NOW + timedelta(minutes=7)
    assert letters_closed_until(minutes(10, 9, 9), NOW) is None
    assert letters_closed_until(minutes(10, 9, 9, 0), NOW) == NOW + timedelta(minutes=10)


def test_letters_that_a_wrong_clock_dated_ahead_put_nothing_off() -> None:
    assert letters_closed_until([NOW + timedelta(days=20_000)] * 9, NOW) is None


def test_after_six_letters_in_a_day_one_an_hour() -> None:
    five = minutes(100, 200, 300, 400, 500)
    assert letters_closed_until(five, NOW) is None
    assert letters_closed_until([*five, *minutes(59)], NOW) == NOW + timedelta(minutes=1)
    assert letters_closed_until([*five, *minutes(60)], NOW) is None
    assert letters_closed_until([*minutes(59), *minutes(1440, 1441, 1442, 1443, 1444)], NOW) is None


@given(gaps=st.lists(st.integers(0, 5400), max_size=150))
def test_whatever_is_asked_when_a_letter_goes_within_the_hour_and_no_mailbox_is_filled(gaps) -> None:
    """`gaps` are the seconds between one wish and the next; those that have to wait wait."""
    at, sent = NOW, []
    for gap in gaps:
        at += timedelta(seconds=gap)
        opens_at = letters_closed_until(sent, at)
        if opens_at is None:
            sent.append(at)
            continue
        assert at < opens_at <= at + LETTERS_STEADY
        assert letters_closed_until(sent, opens_at) is None, "it goes then, if nothing goes before"
    for index, first in enumerate(sent):
        later = sent[index:]
        assert sum(1 for each in later if each < first + LETTERS_REFILL) <= LETTERS_AT_ONCE
        assert sum(1 for each in later if each < first + LETTERS_DAY) <= 6 + 24


def test_a_link_of_somebody_inactive_says_so_unless_it_is_the_one_that_leads_back() -> None:
    left = account(state="inactive", inactivated_by="customer")
    over = ticket(used=1, minted=2)
    assert link_standing(ticket(minted=0.5), account(), user(), NOW) == "works"
    assert link_standing(over, account(), user(), NOW) == "over"
    assert link_standing(over, left, user(), NOW) == "inactive"
    assert link_standing(ticket("reactivation", used=1, minted=2), left, user(), NOW) == "over"
    never = account(state="inactive", inactivated_by=ABANDONED)
    assert link_standing(over, never, user(confirmed=False), NOW) == "over"
    for each in (ticket(minted=0.5), over):
        assert link_standing(each, account(blocked=True), user(), NOW) == "blocked"


def test_an_account_invites_so_many_people_a_day() -> None:
    assert invitations_a_day(NOW) == 200
    check_invitations(None, NOW)
    check_invitations(NOW - timedelta(hours=24), NOW)
    with pytest.raises(TooMany, match="200 people") as refused:
        check_invitations(NOW - timedelta(hours=23), NOW)
    assert refused.value.details == {"retry_after_seconds": 3600, "limit": 200}
