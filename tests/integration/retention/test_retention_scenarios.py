"""The acceptance scenarios of retention under their numbers: account and retention together, both real."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.calendar import OSLO
from shared.errors import NotFound
from tests.forms import agreement

pytestmark = pytest.mark.integration


def state(two, member):
    return two.last(member)["state"]


@pytest.mark.clause("ERASE-1")
@pytest.mark.parametrize("day", [28, 29, 30])
def test_s01_inactive_at_the_end_of_november_erased_on_the_last_of_february_a_sunday_and_not_a_minute_before(
    two, day
) -> None:
    owner = two.world.sign_up()
    two.at(datetime(2026, 11, day, 12, tzinfo=OSLO))
    two.deactivate(owner)
    two.at(datetime(2027, 2, 27, 23, 59, tzinfo=OSLO))
    assert (state(two, owner), two.last(owner)["due_on"]) == ("scheduled", "2027-02-28")
    two.at(datetime(2027, 2, 28, 0, 0, tzinfo=OSLO))
    assert state(two, owner) == "certified"
    body = two.certificate(owner)
    assert (body["trigger"], body["due_on"]) == ("account_inactivated", "2027-02-28")
    with pytest.raises(NotFound):
        two.world.call("standing", account_id=owner.account_id)


@pytest.mark.clause("ERASE-1")
def test_s02_half_past_eleven_in_utc_on_the_last_of_november_is_december_in_oslo(two) -> None:
    owner = two.world.sign_up()
    two.at(datetime(2026, 11, 30, 23, 30, tzinfo=UTC))
    two.deactivate(owner)
    assert (two.last(owner)["started_on"], two.last(owner)["due_on"]) == ("2026-12-01", "2027-03-01")
    two.at(datetime(2027, 2, 28, 22, 59, tzinfo=UTC))
    assert state(two, owner) == "scheduled"
    two.at(datetime(2027, 2, 28, 23, 0, tzinfo=UTC))
    assert state(two, owner) == "certified"


@pytest.mark.clause("ERASE-2", "END-1", "ERASE-3")
def test_s04_a_terminated_contract_is_active_through_january_and_erased_on_the_thirtieth_of_april(two) -> None:
    owner = two.world.sign_up()
    two.at(datetime(2026, 12, 10, 12, tzinfo=OSLO))
    assert two.give_notice(owner)["notice_ends_on"] == "2027-01-31"
    two.at(datetime(2027, 1, 31, 23, 59, tzinfo=OSLO))
    assert two.erasures(owner) == []
    assert two.world.log_in(owner)["role"] == "owner"
    two.at(datetime(2027, 2, 1, 0, 0, tzinfo=OSLO))
    planned = two.last(owner)
    assert (planned["trigger"], planned["started_on"], planned["due_on"]) == (
        "contract_terminated",
        "2027-01-31",
        "2027-04-30",
    )
    for day in (datetime(2027, 3, 10, 12, tzinfo=OSLO), datetime(2027, 4, 29, 23, 59, tzinfo=OSLO)):
        two.at(day)
        assert state(two, owner) == "scheduled"
    two.at(datetime(2027, 4, 30, 0, 0, tzinfo=OSLO))
    body = two.certificate(owner)
    assert (body["trigger"], body["trigger_date"], body["due_on"]) == (
        "contract_terminated",
        "2027-01-31",
        "2027-04-30",
    )
    kept = {each["category"]: each["until"] for each in body["kept_by_law"]}
    assert kept == {"agreement_acceptance": "2031-06-30"}


@pytest.mark.clause("ERASE-2")
def test_s04_a_notice_that_was_withdrawn_erases_nobody(two) -> None:
    owner = two.world.sign_up()
    two.at(datetime(2026, 12, 10, 12, tzinfo=OSLO))
    two.give_notice(owner)
    two.world.call(
        "withdraw_notice", account_id=owner.account_id, actor=owner.actor, version=two.world.version(owner)
    )
    two.at(datetime(2027, 5, 31, 12, tzinfo=OSLO))
    assert two.erasures(owner) == []
    assert two.world.call("standing", account_id=owner.account_id)["state"] == "active"


@pytest.mark.clause("ERASE-2")
def test_s04_whoever_comes_back_after_the_end_is_not_erased_and_a_new_notice_counts_anew(two) -> None:
    owner = two.world.sign_up()
    two.at(datetime(2026, 12, 10, 12, tzinfo=OSLO))
    two.give_notice(owner)
    two.at(datetime(2027, 3, 1, 12, tzinfo=OSLO))
    two.world.call(
        "reactivate_with_password", email=owner.email, password=owner.password, origin=two.world.origin(),
        agreement=agreement(domain="nogd.no", element="reactivation.accept"),
    )  # fmt: skip
    two.at(datetime(2027, 5, 3, 12, tzinfo=OSLO))
    assert state(two, owner) == "cancelled"
    two.give_notice(owner)
    two.at(datetime(2027, 7, 1, 0, 0, tzinfo=OSLO))
    assert two.last(owner)["due_on"] == "2027-09-30"


@pytest.mark.clause("ERASE-1")
def test_s11_one_user_is_erased_on_a_date_of_their_own_and_the_company_goes_on(two) -> None:
    owner = two.world.sign_up()
    user = two.world.add_user(owner)
    two.at(datetime(2026, 12, 15, 12, tzinfo=OSLO))
    two.world.call(
        "deactivate_user",
        account_id=owner.account_id,
        actor=owner.actor,
        user_id=user.user_id,
        version=two.world.version(user, of_user=True),
    )
    two.settle()
    two.at(datetime(2027, 3, 14, 23, 59, tzinfo=OSLO))
    assert (state(two, owner), two.last(owner)["due_on"]) == ("scheduled", "2027-03-15")
    two.at(datetime(2027, 3, 15, 0, 0, tzinfo=OSLO))
    body = two.certificate(owner)
    assert (body["kind"], body["trigger"]) == ("user", "user_inactivated")
    users = two.world.call("list_users", account_id=owner.account_id, actor=owner.actor)["users"]
    assert [each["user_id"] for each in users] == [str(owner.user_id)]
    assert two.world.call("standing", account_id=owner.account_id)["state"] == "active"


@pytest.mark.clause("ERASE-1")
def test_inactive_again_after_coming_back_is_a_full_new_period(two) -> None:
    owner = two.world.sign_up()
    two.at(datetime(2026, 11, 30, 12, tzinfo=OSLO))
    two.deactivate(owner)
    two.at(datetime(2027, 2, 27, 12, tzinfo=OSLO))
    two.world.call(
        "reactivate_with_password", email=owner.email, password=owner.password, origin=two.world.origin()
    )
    two.at(datetime(2027, 2, 28, 12, tzinfo=OSLO))
    assert state(two, owner) == "cancelled"
    two.deactivate(owner)
    two.at(datetime(2027, 5, 27, 23, 59, tzinfo=OSLO))
    assert (state(two, owner), two.last(owner)["due_on"]) == ("scheduled", "2027-05-28")


@pytest.mark.clause("ERASE-2")
def test_an_account_made_inactive_under_notice_has_the_clock_of_inactivity_and_only_that(two) -> None:
    owner = two.world.sign_up()
    two.at(datetime(2026, 12, 10, 12, tzinfo=OSLO))
    two.give_notice(owner)
    two.at(datetime(2026, 12, 15, 12, tzinfo=OSLO))
    two.deactivate(owner)
    two.at(datetime(2027, 2, 5, 12, tzinfo=OSLO))
    (planned,) = two.erasures(owner)
    assert (planned["trigger"], planned["due_on"]) == ("account_inactivated", "2027-03-15")
    two.at(datetime(2027, 3, 15, 0, 0, tzinfo=OSLO))
    assert state(two, owner) == "certified"
