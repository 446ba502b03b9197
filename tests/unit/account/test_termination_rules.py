"""Notice of termination: its period, its days, its withdrawal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account.accounts.values import AccountState, UserState
from services.account.termination import rules
from services.account.termination.rules import (
    check_early_end,
    check_early_end_of_user,
    check_withdrawal,
    give_notice,
    has_ended,
    notice_months,
)
from services.account.termination.values import Contract, Notice
from shared.calendar import OSLO
from shared.errors import Conflict, Invalid
from shared.terms import parameters

pytestmark = pytest.mark.unit

BEGAN = date(2026, 1, 15)
CONTRACT = Contract(began_on=BEGAN, agreed_on=BEGAN)
TODAY = date(2026, 12, 10)
GIVEN = Notice(noticed_on=TODAY, ends_on=date(2027, 1, 31))


def give(noticed_on=TODAY, today=TODAY, given=None, of=CONTRACT):
    return give_notice(of, given, noticed_on=noticed_on, today=today)


@pytest.mark.clause("ERASE-2", "END-1")
def test_s04_notice_given_on_the_tenth_of_december_ends_with_january():
    assert give() == GIVEN


def test_a_period_agreed_apart_takes_the_place_of_that_of_the_terms():
    assert give(of=Contract(began_on=BEGAN, agreed_on=BEGAN, notice_months=3)).ends_on == date(2027, 3, 31)


def test_the_figure_of_the_day_of_the_agreement_counts_however_it_changed_since(monkeypatch):
    later = parameters.Parameter(
        key="contract.notice_period",
        default=6,
        unit="calendar months",
        strength=parameters.Strength.POLICY,
        source="a change that came after the agreement",
        version=2,
        since=date(2026, 6, 1),
    )
    history = (*parameters.HISTORY, later)
    monkeypatch.setattr(rules, "in_force", lambda key, on: parameters.in_force(key, on, history))
    assert notice_months(CONTRACT) == 1
    assert notice_months(Contract(began_on=BEGAN, agreed_on=date(2026, 6, 1))) == 6


def test_a_letter_that_lay_some_days_counts_from_the_day_it_was_received():
    assert give(noticed_on=date(2026, 11, 30), today=date(2026, 12, 3)).ends_on == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("noticed_on", "said"),
    [
        (date(2026, 12, 11), "ahead"),
        (date(2026, 1, 14), "before the account"),
        (date(2026, 10, 31), "would be over"),
    ],
)
def test_a_day_that_cannot_be_that_of_the_notice_is_refused(noticed_on, said):
    with pytest.raises(Invalid) as refused:
        give(noticed_on=noticed_on)
    assert said in refused.value.details["fields"]["received_on"][0]


def test_a_second_notice_is_refused_and_told_the_first_ones_end():
    with pytest.raises(Conflict) as refused:
        give(given=GIVEN)
    assert refused.value.details == {"reason": "noticed", "notice_ends_on": "2027-01-31"}


@pytest.mark.clause("ERASE-2")
def test_on_its_last_day_the_period_still_runs_and_the_day_after_it_is_over():
    assert not has_ended(GIVEN, date(2027, 1, 31))
    assert has_ended(GIVEN, date(2027, 2, 1))


@pytest.mark.clause("END-1")
def test_a_notice_can_be_taken_back_until_its_last_day_has_passed():
    check_withdrawal(GIVEN, date(2027, 1, 31))
    with pytest.raises(Conflict, match="is over"):
        check_withdrawal(GIVEN, date(2027, 2, 1))
    with pytest.raises(Conflict, match="no notice"):
        check_withdrawal(None, TODAY)


@pytest.mark.clause("ERASE-4")
def test_an_early_erasure_ends_an_active_account_only_under_notice():
    active = AccountState(id=UUID(int=1), state="active", version=1)
    since = datetime(2026, 12, 15, 9, tzinfo=OSLO)
    inactive = AccountState(id=UUID(int=1), state="inactive", version=2, inactivated_at=since)
    nothing = {"wished_at": None, "back_at": None}
    check_early_end(active, GIVEN, **nothing)
    check_early_end(inactive, None, **nothing)
    with pytest.raises(Conflict):
        check_early_end(active, None, **nothing)
    check_early_end(active, None, wished_at=since, back_at=None)
    check_early_end(active, None, wished_at=since, back_at=since - timedelta(days=1))
    with pytest.raises(Conflict):
        check_early_end(active, None, wished_at=since, back_at=since + timedelta(seconds=1))


@pytest.mark.clause("ERASE-3")
def test_a_wish_to_be_erased_ends_a_user_unless_they_came_back_or_are_the_last_owner():
    active = UserState(
        id=UUID(int=2), account_id=UUID(int=1), role="owner", state="active", version=1, confirmed=True,
        has_password=True,
    )  # fmt: skip
    wished = datetime(2026, 12, 15, 9, tzinfo=OSLO)
    check_early_end_of_user(active, 2, wished_at=wished, back_at=None)
    check_early_end_of_user(active, 2, wished_at=wished, back_at=wished - timedelta(days=1))
    check_early_end_of_user(replace(active, role="user"), 1, wished_at=wished, back_at=None)
    check_early_end_of_user(replace(active, state="inactive"), 1, wished_at=wished, back_at=None)
    for owners, wished_at, back_at, reason in (
        (1, wished, None, "last_owner"),
        (2, wished, wished + timedelta(seconds=1), None),
        (2, None, None, None),
    ):
        with pytest.raises(Conflict) as refused:
            check_early_end_of_user(active, owners, wished_at=wished_at, back_at=back_at)
        assert refused.value.details.get("reason") == reason


@given(
    noticed_on=st.dates(date(2020, 1, 1), date(2040, 12, 31)),
    lay=st.integers(0, 40),
    months=st.integers(1, 12),
)
def test_the_period_always_holds_so_many_whole_months_and_ends_with_one(noticed_on, lay, months):
    of = Contract(began_on=date(2019, 1, 1), agreed_on=date(2020, 4, 26), notice_months=months)
    today = noticed_on + timedelta(days=lay)
    try:
        notice = give(noticed_on=noticed_on, today=today, of=of)
    except Invalid:
        assert lay > 27
        return
    assert (notice.ends_on + timedelta(days=1)).day == 1
    day, whole = noticed_on, 0
    while day < notice.ends_on:  # a witness that counts the firsts of months, one day at a time
        day += timedelta(days=1)
        whole += day.day == 1
    assert whole == months
    assert today <= notice.ends_on
