"""When staff may make an account inactive, and who may instruct for a company."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account.accounts.values import CHANNELS, AccountState
from services.account.authorisation.rules import check_may_instruct
from services.account.companies.rules import check_number_change
from services.account.suspicion.rules import check_staff_deactivation
from services.account.suspicion.values import OUTCOMES, REASONS, ContactAttempt
from shared import calendar
from shared.actor import Actor
from shared.errors import Conflict, Invalid

pytestmark = [pytest.mark.unit, pytest.mark.clause("SUSPECT-2")]

MONDAY = date(2026, 11, 30)
ON_SUSPICION = sorted(reason for reason, is_suspicion in REASONS.items() if is_suspicion)
OTHERWISE = sorted(set(REASONS) - set(ON_SUSPICION))


def attempt(day=MONDAY, channel="email", outcome="no_answer"):
    return ContactAttempt(channel=channel, outcome=outcome, attempted_on=day)


def refused(reason, attempts, today):
    with pytest.raises(Conflict) as found:
        check_staff_deactivation(reason, attempts, today)
    return found.value.details["reason"]


@pytest.mark.parametrize("reason", [None, "", "Kari asked for it"])
def test_staff_say_why_and_from_a_closed_list(reason):
    with pytest.raises(Invalid):
        check_staff_deactivation(reason, [attempt(), attempt(channel="phone")], MONDAY + timedelta(days=60))


@pytest.mark.parametrize("reason", OTHERWISE)
def test_what_the_customer_asks_for_needs_no_attempt_to_reach_the_customer(reason):
    check_staff_deactivation(reason, [], MONDAY)


@pytest.mark.parametrize("reason", ON_SUSPICION)
@pytest.mark.parametrize(
    "attempts", [[], [attempt()], [attempt(), attempt()], [attempt(), attempt(MONDAY + timedelta(days=1))]]
)
def test_on_suspicion_less_than_two_attempts_by_two_channels_is_refused_however_long_ago(reason, attempts):
    assert refused(reason, attempts, MONDAY + timedelta(days=300)) == "contact_attempts"


@pytest.mark.parametrize("reason", ON_SUSPICION)
def test_the_customer_has_ten_working_days_to_answer_since_the_second_attempt(reason):
    attempts = [attempt(), attempt(MONDAY + timedelta(days=2), "phone")]
    opens_on = calendar.add_working_days(MONDAY + timedelta(days=2), 10)
    assert refused(reason, attempts, opens_on - timedelta(days=1)) == "contact_wait"
    check_staff_deactivation(reason, attempts, opens_on)


@pytest.mark.parametrize("reason", ON_SUSPICION)
def test_the_time_to_answer_begins_once_a_second_channel_was_tried(reason):
    late = MONDAY + timedelta(days=90)
    attempts = [attempt(), attempt(MONDAY + timedelta(days=1)), attempt(late, "phone")]
    opens_on = calendar.add_working_days(late, 10)
    assert refused(reason, attempts, opens_on - timedelta(days=1)) == "contact_wait"
    check_staff_deactivation(reason, attempts, opens_on)


def test_who_answered_need_not_be_waited_for_and_who_disputes_it_is_talked_with():
    answered = [attempt(), attempt(MONDAY, "phone", "answered")]
    check_staff_deactivation("unintended_use", answered, MONDAY)
    disputed = [attempt(), attempt(MONDAY, "phone", "disputed")]
    assert refused("unintended_use", disputed, MONDAY + timedelta(days=60)) == "disputed"


@given(
    st.sampled_from(ON_SUSPICION),
    st.lists(
        st.builds(
            ContactAttempt,
            channel=st.sampled_from(CHANNELS),
            outcome=st.sampled_from(OUTCOMES),
            attempted_on=st.dates(MONDAY, MONDAY + timedelta(days=30)),
        ),
        max_size=5,
    ),
    st.dates(MONDAY, MONDAY + timedelta(days=60)),
)
def test_nothing_passes_with_less_than_two_attempts_or_one_channel(reason, attempts, today):
    try:
        check_staff_deactivation(reason, attempts, today)
    except Conflict:
        return
    assert len(attempts) >= 2
    assert len({each.channel for each in attempts}) >= 2


ACCOUNT = AccountState(id=UUID(int=1), state="active", version=1, register_outcome="bankrupt")
OWNER, STAFF = Actor("user", UUID(int=2)), Actor("staff", name="kari")


@pytest.mark.clause("SUSPECT-1")
def test_the_owner_of_a_bankrupt_company_does_not_instruct_and_is_told_to_ask_the_vendor():
    with pytest.raises(Conflict) as found:
        check_may_instruct(OWNER, ACCOUNT)
    assert (found.value.details["reason"], found.value.asks_vendor) == ("bankrupt", True)
    check_may_instruct(STAFF, ACCOUNT)


@pytest.mark.clause("SUSPECT-1")
@pytest.mark.parametrize("outcome", ["matched", "winding_up", "name_mismatch", "provisional", "no_number"])
def test_no_other_signal_stops_anybody(outcome):
    check_may_instruct(OWNER, AccountState(id=UUID(int=1), state="active", version=1, register_outcome=outcome))


@pytest.mark.parametrize(("current", "wanted", "is_other"), [
    (None, "923609016", False), ("923609016", "923609016", False), ("923609016", "974760673", True),
    ("923609016", None, True), (None, None, False),
])  # fmt: skip
def test_another_number_is_another_company(current, wanted, is_other):
    if not is_other:
        check_number_change(current, wanted)
        return
    with pytest.raises(Conflict) as found:
        check_number_change(current, wanted)
    assert (found.value.details["reason"], found.value.asks_vendor) == ("org_number", True)
