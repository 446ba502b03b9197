"""The end of a contract on a real database: notice, its withdrawal, its last day."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.calendar import OSLO
from shared.errors import Conflict, Forbidden, Invalid, Locked, NotFound, TooMany, Unauthenticated
from tests.forms import agreement

pytestmark = pytest.mark.integration

NOTICED = datetime(2026, 12, 10, 12, tzinfo=OSLO)
LAST_MINUTE = datetime(2027, 1, 31, 23, 59, tzinfo=OSLO)
PASSED = datetime(2027, 2, 1, 0, 0, tzinfo=OSLO)
STAFF = "staff:kari"


def in_december(world):
    owner = world.sign_up()
    world.clock.at = NOTICED
    return owner


def terminate(world, owner, **changes):
    session = world.log_in(owner)
    fields = {
        "token": session["token"],
        "current_password": owner.password,
        "origin": world.origin(),
        "version": world.version(owner),
    }
    return world.call("terminate_with_password", **fields | changes)


def by_staff(world, owner, **changes):
    fields = {
        "account_id": owner.account_id,
        "actor": STAFF,
        "version": world.version(owner),
        "channel": "letter",
    }
    return world.call("terminate_contract", **fields | changes)


def told(world, owner, event_type):
    return [each for each in world.outbox(event_type) if each["account_id"] == str(owner.account_id)]


def standing(world, owner):
    return world.call("standing", account_id=owner.account_id)


@pytest.mark.clause("ERASE-2", "END-1")
def test_s04_the_account_stays_active_to_the_end_of_january_and_then_ends_by_itself(world) -> None:
    owner = in_december(world)
    given = terminate(world, owner)
    assert (given["noticed_on"], given["notice_ends_on"]) == ("2026-12-10", "2027-01-31")
    (noticed,) = told(world, owner, "account.termination_noticed")
    assert (noticed["noticed_on"], noticed["notice_ends_on"]) == ("2026-12-10", "2027-01-31")
    assert noticed["_envelope"]["actor"] == owner.actor
    world.clock.at = LAST_MINUTE
    world.run("end_contracts")
    assert standing(world, owner)["state"] == "active"
    assert world.log_in(owner)["role"] == "owner"
    world.clock.at = PASSED
    world.run("end_contracts")
    (ended,) = told(world, owner, "account.deactivated")
    assert (ended["trigger"], ended["noticed_on"], ended["notice_ends_on"]) == (
        "contract_terminated",
        "2026-12-10",
        "2027-01-31",
    )
    at = standing(world, owner)
    assert (at["state"], at["account_trigger"], at["notice_ends_on"]) == (
        "inactive",
        "contract_terminated",
        "2027-01-31",
    )
    with pytest.raises(Locked):
        world.log_in(owner)


def test_the_end_comes_once_however_many_look_for_it(world) -> None:
    owners = [world.sign_up() for _ in range(6)]
    world.clock.at = NOTICED
    for owner in owners:
        by_staff(world, owner)
    world.clock.at = PASSED
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(world.run, "end_contracts") for _ in range(8)]:
            done.result(timeout=60)
    world.run("end_contracts")
    assert [len(told(world, owner, "account.deactivated")) for owner in owners] == [1] * 6


def test_the_password_is_needed_and_a_wrong_one_changes_nothing(world) -> None:
    owner = in_december(world)
    with pytest.raises(Forbidden):
        terminate(world, owner, current_password="ikke passordet mitt")
    with pytest.raises(Unauthenticated):
        terminate(world, owner, token="x" * 43)
    assert standing(world, owner)["notice_ends_on"] is None


def test_guessing_at_the_password_in_a_session_is_slowed_down(world) -> None:
    owner = in_december(world)
    session = world.log_in(owner)
    for _ in range(5):
        with pytest.raises(Forbidden):
            terminate_in(world, owner, session, "ikke passordet mitt")
    with pytest.raises(TooMany):
        terminate_in(world, owner, session, owner.password)


def terminate_in(world, owner, session, password):
    return world.call(
        "terminate_with_password",
        token=session["token"],
        current_password=password,
        origin=world.origin(),
        version=world.version(owner),
    )


def test_a_user_who_does_not_own_the_account_cannot_give_notice(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    world.clock.at = NOTICED
    with pytest.raises(Forbidden):
        terminate(world, user)
    with pytest.raises(Forbidden):
        by_staff(world, owner, actor=user.actor)
    with pytest.raises(Forbidden):
        by_staff(world, owner, actor=owner.actor)
    assert told(world, owner, "account.termination_noticed") == []


@pytest.mark.clause("END-1")
def test_staff_register_a_notice_by_letter_with_the_day_it_was_received(world) -> None:
    owner = in_december(world)
    given = by_staff(world, owner, received_on="2026-12-09")
    assert (given["noticed_on"], given["notice_ends_on"]) == ("2026-12-09", "2027-01-31")
    (noticed,) = told(world, owner, "account.termination_noticed")
    assert noticed["_envelope"]["actor"] == STAFF
    assert world.rows("SELECT channel FROM notice WHERE account_id = %s", owner.account_id) == [("letter",)]
    for wrong in ("2026-12-11", "2026-11-01"):
        other = world.sign_up()
        with pytest.raises(Invalid):
            by_staff(world, other, received_on=wrong)


def test_a_second_notice_and_a_stale_version_are_refused(world) -> None:
    owner = in_december(world)
    with pytest.raises(Conflict):
        by_staff(world, owner, version=7)
    by_staff(world, owner)
    with pytest.raises(Conflict) as refused:
        terminate(world, owner)
    assert refused.value.details == {"reason": "noticed", "notice_ends_on": "2027-01-31"}


def test_another_tenants_contract_does_not_exist(world) -> None:
    mine, theirs = world.sign_up(), world.sign_up()
    by_staff(world, theirs)
    for account_id in (theirs.account_id, uuid4()):
        with pytest.raises(NotFound):
            world.call("withdraw_notice", account_id=account_id, actor=mine.actor, version=1)


def test_the_company_is_shown_its_notice_and_its_period(world) -> None:
    owner = in_december(world)
    world.call(
        "agree_notice_period",
        account_id=owner.account_id,
        actor=STAFF,
        version=world.version(owner),
        months=3,
    )
    by_staff(world, owner)
    shown = world.call("get_account", account_id=owner.account_id, actor=owner.actor)
    assert (shown["notice_months"], shown["noticed_on"], shown["notice_ends_on"]) == (3, "2026-12-10", "2027-03-31")
    with pytest.raises(Forbidden):
        world.call(
            "agree_notice_period",
            account_id=owner.account_id,
            actor=owner.actor,
            version=shown["version"],
            months=1,
        )


def test_a_period_agreed_later_does_not_move_the_end_of_a_notice_already_given(world) -> None:
    owner = in_december(world)
    by_staff(world, owner)
    fields = {"account_id": owner.account_id, "actor": STAFF}
    world.call("agree_notice_period", **fields, version=world.version(owner), months=6)
    assert standing(world, owner)["notice_ends_on"] == "2027-01-31"


class TestWithdrawing:
    def withdraw(self, world, owner):
        return world.call(
            "withdraw_notice", account_id=owner.account_id, actor=owner.actor, version=world.version(owner)
        )

    def test_until_the_last_minute_it_can_be_taken_back_and_nothing_ends(self, world) -> None:
        owner = in_december(world)
        by_staff(world, owner)
        world.clock.at = LAST_MINUTE
        self.withdraw(world, owner)
        assert len(told(world, owner, "account.termination_withdrawn")) == 1
        world.clock.at = PASSED
        world.run("end_contracts")
        assert standing(world, owner)["state"] == "active"

    def test_afterwards_it_is_too_late_and_without_one_there_is_nothing_to_take_back(self, world) -> None:
        owner = in_december(world)
        with pytest.raises(Conflict):
            self.withdraw(world, owner)
        by_staff(world, owner)
        world.clock.at = PASSED
        with pytest.raises(Conflict):
            self.withdraw(world, owner)

    def test_a_new_notice_counts_from_its_own_day(self, world) -> None:
        owner = in_december(world)
        by_staff(world, owner)
        self.withdraw(world, owner)
        world.clock.at = datetime(2027, 1, 4, 9, tzinfo=OSLO)
        assert by_staff(world, owner)["notice_ends_on"] == "2027-02-28"


class TestComingBack:
    def reactivate(self, world, owner):
        version = world.version(owner)
        world.call("reactivate_account", account_id=owner.account_id, actor=STAFF, version=version)

    def test_after_the_end_of_the_period_the_contract_is_taken_up_again(self, world) -> None:
        owner = in_december(world)
        by_staff(world, owner)
        world.clock.at = PASSED
        world.run("end_contracts")
        with pytest.raises(Conflict) as refused:
            self.reactivate(world, owner)  # staff accept nothing for a customer
        assert refused.value.details["reason"] == "acceptance_needed"
        way = {"email": owner.email, "password": owner.password, "origin": world.origin()}
        with pytest.raises(Conflict) as refused:
            world.call("reactivate_with_password", **way)
        assert refused.value.details == {"reason": "acceptance_needed", "version": "v1"}
        seen = agreement(domain="nogd.no", element="reactivation.accept")
        with pytest.raises(Invalid):
            world.call("reactivate_with_password", **way, agreement=seen | {"accepted": False})
        assert standing(world, owner)["state"] == "inactive"
        world.call("reactivate_with_password", **way, agreement=seen)
        accepted = "SELECT element, user_id FROM agreement WHERE account_id = %s ORDER BY accepted_at"
        assert world.rows(accepted, owner.account_id)[2:] == [("reactivation.accept", owner.user_id)]
        world.clock.at = PASSED + timedelta(days=40)
        world.run("end_contracts")
        assert standing(world, owner)["state"] == "active"
        assert by_staff(world, owner)["notice_ends_on"] == "2027-04-30"

    def test_by_a_letters_link_the_terms_are_accepted_as_well(self, world) -> None:
        owner = in_december(world)
        by_staff(world, owner)
        world.clock.at = PASSED
        world.run("end_contracts")
        world.call("request_password_reset", email=owner.email)
        world.run("answer_letter_requests")
        token = world.token_of(owner, "return_by_link", "reactivation")
        shown = world.call("describe_link", token=token)
        assert (shown["kind"], shown["standing"], shown["needs_acceptance"]) == ("reactivation", "works", True)
        with pytest.raises(Conflict):
            world.call("reactivate_by_letter", token=token)
        text = world.call("terms_text", version="v1", language="en")
        seen = agreement(domain="nogd.no", element="reactivation.accept", text_sha256=text["sha256"])
        world.call("reactivate_by_letter", token=token, agreement=seen)
        query = (
            "SELECT language, text_sha256 FROM agreement WHERE account_id = %s ORDER BY accepted_at DESC LIMIT 1"
        )
        assert world.rows(query, owner.account_id) == [("en", text["sha256"])]
        assert standing(world, owner)["state"] == "active"

    def test_what_staff_closed_under_notice_ends_by_the_notice_once_they_let_it_go(self, world) -> None:
        owner = in_december(world)
        by_staff(world, owner)
        world.deactivate(owner, actor=STAFF)
        world.clock.at = PASSED
        self.reactivate(world, owner)
        world.run("end_contracts")
        assert standing(world, owner)["account_trigger"] == "contract_terminated"

    def test_within_the_period_the_notice_stands(self, world) -> None:
        owner = in_december(world)
        by_staff(world, owner)
        world.deactivate(owner)
        assert standing(world, owner)["account_trigger"] == "customer"
        self.reactivate(world, owner)
        world.clock.at = PASSED
        world.run("end_contracts")
        assert standing(world, owner)["account_trigger"] == "contract_terminated"

    def test_an_account_that_was_inactive_already_is_not_ended_a_second_time(self, world) -> None:
        owner = in_december(world)
        by_staff(world, owner)
        world.deactivate(owner)
        world.clock.at = PASSED
        world.run("end_contracts")
        (ended,) = told(world, owner, "account.deactivated")
        assert ended["trigger"] == "customer"
        assert ended["notice_ends_on"] is None


class TestEndingForAnEarlyErasure:
    @pytest.mark.clause("ERASE-4")
    def test_under_notice_it_becomes_inactive_at_once_and_a_second_time_nothing_happens(self, world) -> None:
        owner = in_december(world)
        by_staff(world, owner)
        world.clock.at = datetime(2026, 12, 15, 9, tzinfo=UTC)
        first = world.call("end_for_erasure", account_id=owner.account_id)
        assert world.call("end_for_erasure", account_id=owner.account_id) == first
        (ended,) = told(world, owner, "account.deactivated")
        assert (ended["trigger"], ended["notice_ends_on"]) == ("early_request", None)

    @pytest.mark.clause("ERASE-4")
    def test_without_notice_an_active_account_is_left_alone(self, world) -> None:
        owner = in_december(world)
        with pytest.raises(Conflict):
            world.call("end_for_erasure", account_id=owner.account_id)
        assert standing(world, owner)["state"] == "active"

    @pytest.mark.clause("ERASE-3")
    def test_wished_without_notice_it_becomes_inactive_unless_it_came_back_since(self, world) -> None:
        owner = in_december(world)
        wished_at = world.clock.at
        world.clock.at += timedelta(minutes=1)
        world.call("end_for_erasure", account_id=owner.account_id, wished_at=wished_at)
        (ended,) = told(world, owner, "account.deactivated")
        assert (ended["trigger"], ended["notice_ends_on"]) == ("early_request", None)
        world.clock.at += timedelta(minutes=1)
        world.call(
            "reactivate_with_password", email=owner.email, password=owner.password, origin=world.origin(),
            agreement=agreement(domain="nogd.no", element="reactivation.accept"),
        )  # fmt: skip
        with pytest.raises(Conflict):
            world.call("end_for_erasure", account_id=owner.account_id, wished_at=wished_at)
        assert standing(world, owner)["state"] == "active"


class TestEndingOfOneUser:
    """At their own written wish."""

    @pytest.mark.clause("ERASE-3")
    def test_the_user_becomes_inactive_once_unless_they_came_back_since_and_the_company_goes_on(
        self, world
    ) -> None:
        owner = in_december(world)
        person = world.add_user(owner)
        ending = {"account_id": owner.account_id, "user_id": person.user_id, "wished_at": world.clock.at}
        world.clock.at += timedelta(minutes=1)
        first = world.call("end_for_erasure", **ending)
        assert world.call("end_for_erasure", **ending) == first
        (ended,) = told(world, owner, "user.deactivated")
        assert (ended["user_id"], ended["trigger"]) == (str(person.user_id), "early_request")
        assert standing(world, owner)["state"] == "active"
        world.clock.at += timedelta(minutes=1)
        world.call(
            "reactivate_user", account_id=owner.account_id, user_id=person.user_id, actor=owner.actor,
            version=world.version(person, of_user=True),
        )  # fmt: skip
        with pytest.raises(Conflict):
            world.call("end_for_erasure", **ending)

    @pytest.mark.clause("ERASE-3")
    def test_the_last_owner_does_not_go_alone_and_nobody_elses_user_is_known(self, world) -> None:
        owner, other = in_december(world), world.sign_up()
        person = world.add_user(owner)
        last = {"account_id": owner.account_id, "user_id": owner.user_id}
        assert world.call("standing", **last)["is_last_owner"] is True
        assert world.call("standing", **last | {"user_id": person.user_id})["is_last_owner"] is False
        with pytest.raises(Conflict) as refused:
            world.call("end_for_erasure", **last, wished_at=world.clock.at)
        assert refused.value.details["reason"] == "last_owner"
        with pytest.raises(NotFound):
            world.call("end_for_erasure", account_id=other.account_id, user_id=person.user_id)


def test_the_notice_goes_with_the_account_and_the_agreement_is_kept_from_its_last_day(world) -> None:
    owner = world.sign_up()
    world.clock.at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    by_staff(world, owner)  # ends with the year, and the account is inactive in the next
    world.clock.at = datetime(2027, 1, 1, 0, 1, tzinfo=OSLO)
    world.run("end_contracts")
    before = world.rows("SELECT id FROM agreement_archive")
    erasure_id = uuid4()
    world.order_erasure(erasure_id, owner.account_id)
    (step,) = [e for e in world.outbox("erasure.step_completed") if e["erasure_id"] == str(erasure_id)]
    assert step["counts"]["notices"] == 1
    kept = world.rows("SELECT keep_until::text FROM agreement_archive WHERE id <> ALL(%s)", [r[0] for r in before])
    assert kept == [("2030-06-30",)] * 2
