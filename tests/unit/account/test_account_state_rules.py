from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from services.account.accounts.rules import (
    WAYS_BACK,
    category_of,
    check_reactivation,
    check_version,
    deactivation_trigger,
    is_personal,
    reactivation_refusal,
    require_active,
    require_open,
    way_back,
)
from services.account.accounts.values import TRIGGERS
from services.account.authentication.values import LOGIN_FAILURES
from services.account.authorisation.rules import authorise
from services.account.login.rules import login_refusal
from shared.actor import Actor
from shared.errors import Conflict, Locked
from tests.unit.account.states import account, user

pytestmark = pytest.mark.unit


@pytest.mark.clause("SCOPE-1")
def test_every_person_has_a_category() -> None:
    assert category_of(has_number=True) == "employee"
    assert category_of(has_number=False) == "private_customer"


def test_a_sole_trader_and_a_company_without_number_are_persons() -> None:
    assert is_personal("ENK", has_number=True)
    assert is_personal(None, has_number=False)
    assert not is_personal("AS", has_number=True)
    assert not is_personal(None, has_number=True)


@pytest.mark.clause("LINK-1")
def test_an_inactive_account_is_locked() -> None:
    require_active(account())
    with pytest.raises(Locked):
        require_active(account("inactive"))


def test_a_change_needs_the_present_version() -> None:
    check_version(3, 3)
    with pytest.raises(Conflict) as refused:
        check_version(3, 2)
    assert refused.value.details == {"version": 3}


def test_the_trigger_says_who_deactivated() -> None:
    told = [deactivation_trigger(each) for each in (Actor("user", uuid4()), Actor("staff"), Actor("system"))]
    assert tuple(told) == ("customer", "staff", "sign_up_abandoned")
    assert set(told) < set(TRIGGERS)


def test_only_what_is_inactive_is_reactivated() -> None:
    owner = Actor("user", uuid4())
    for thing in (account("inactive", inactivated_by="customer"), user(state="inactive")):
        check_reactivation(thing, owner)
    for thing in (account(), user()):
        with pytest.raises(Conflict) as refused:
            check_reactivation(thing, owner)
        assert refused.value.details == {"version": thing.version}


@pytest.mark.clause("SUSPECT-1")
@pytest.mark.parametrize(
    "thing", [account("inactive", inactivated_by="staff"), user(state="inactive", inactivated_by="staff")]
)
def test_what_staff_made_inactive_only_staff_take_up_again(thing) -> None:
    check_reactivation(thing, Actor("staff", name="kari"))
    with pytest.raises(Conflict) as refused:
        check_reactivation(thing, Actor("user", uuid4()))
    assert (refused.value.details["reason"], refused.value.asks_vendor) == ("held_by_staff", True)


@pytest.mark.clause("SUSPECT-1")
def test_whoever_meets_a_block_is_told_that_the_vendor_is_to_be_asked() -> None:
    blocked = account(blocked=True)
    member = user()
    actor = Actor("user", member.id)
    for refusal in (
        lambda: require_open(blocked),
        lambda: authorise(actor, member, blocked, owner_only=False),
    ):
        with pytest.raises(Locked) as refused:
            refusal()
        assert (refused.value.details["reason"], refused.value.asks_vendor) == ("blocked", True)
    with pytest.raises(Locked) as refused:
        require_open(account("inactive"))
    assert not refused.value.asks_vendor
    assert login_refusal(blocked, user()) == "account_blocked"
    assert reactivation_refusal(blocked, user(role="owner")) == "account_blocked"


def test_owners_of_inactive_accounts_may_reactivate() -> None:
    owner = user(role="owner")
    assert reactivation_refusal(account("inactive"), owner) is None
    told = {
        reactivation_refusal(account("inactive"), user()),
        reactivation_refusal(account("inactive"), user(role="owner", state="inactive")),
        reactivation_refusal(account(), owner),
        reactivation_refusal(account("inactive"), user(role="owner", confirmed=False)),
        reactivation_refusal(account("inactive", inactivated_by="staff"), owner),
    }
    assert told == {"user_inactive", "account_active", "unconfirmed", "held_by_staff"}
    assert told <= set(LOGIN_FAILURES)


@pytest.mark.clause("LINK-1", "SUSPECT-1")
def test_who_may_bring_somebody_back() -> None:
    left, closed = account("inactive", inactivated_by="customer"), account("inactive", inactivated_by="staff")
    owner, gone = user(role="owner"), user(state="inactive", inactivated_by="customer")
    estate = {"register_outcome": "bankrupt"}
    left_estate = account("inactive", inactivated_by="contract_terminated", **estate)
    told = {
        "nobody need": way_back(account(), owner),
        "owner": way_back(left, owner),
        "unconfirmed": way_back(left, user(role="owner", confirmed=False)),
        "user": way_back(left, user()),
        "gone": way_back(account(), gone),
        "gone owner": way_back(left, user(role="owner", state="inactive")),
        "closed": way_back(closed, owner),
        "user closed": way_back(account(), user(state="inactive", inactivated_by="staff")),
        "blocked": way_back(account(blocked=True), owner),
        "owner of an estate": way_back(left_estate, owner),
        "user of an estate": way_back(left_estate, user()),
        "gone from an estate": way_back(account(**estate), gone),
        "estate": way_back(account(**estate), owner),
        "looked at": way_back(replace(left_estate, owner_may_instruct=True), owner),
    }
    assert told == {
        "nobody need": None,
        "owner": "by_link",
        "unconfirmed": "by_company",
        "user": "by_company",
        "gone": "by_company",
        "gone owner": "by_company",
        "closed": "by_staff",
        "user closed": "by_staff",
        "blocked": "by_staff",
        "owner of an estate": "by_staff",
        "user of an estate": "by_staff",
        "gone from an estate": "by_staff",
        "estate": None,
        "looked at": "by_link",
    }
    assert {way for way in told.values() if way} == set(WAYS_BACK)
