"""Early erasure, from the written request to the certificate: the account service and retention together."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from shared.calendar import OSLO
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from tests import in_process
from tests.forms import agreement
from tests.paging import page_by_page
from tests.staff_statements import decide

pytestmark = pytest.mark.integration

NOTICED = datetime(2026, 12, 10, 12, tzinfo=OSLO)
ASKED = datetime(2026, 12, 15, 10, tzinfo=OSLO)
CHECKS = {
    "requester_role": "managing_director",
    "evidence": "brev-2026-114",
    "received_on": "2026-12-15",
    "identity_check": "call_back",
    "authority_check": "business_register",
    "export_offered_on": "2026-12-11",
}

OWN = CHECKS | {"requester_role": "data_subject", "authority_check": "self"}


def under_notice(two):
    owner = two.world.sign_up()
    two.at(NOTICED)
    two.give_notice(owner)
    two.at(ASKED)
    return owner


def ask(two, owner, **changes):
    return decide(two.retention, "request_early_erasure", account_id=owner.account_id, **CHECKS | changes)


def standing(two, owner):
    return two.world.call("standing", account_id=owner.account_id)


def with_a_user(two):
    """An owner and a user of the same company, on the day on which the user asks."""
    owner = two.world.sign_up()
    person = two.world.add_user(owner)
    two.at(ASKED)
    return owner, person


def ask_own(two, person, **changes):
    """A person asks for themselves alone."""
    fields = {"account_id": person.account_id, "user_id": person.user_id, **OWN, **changes}
    return decide(two.retention, "request_early_erasure", **fields)


def standing_of(two, person):
    return two.world.call("standing", account_id=person.account_id, user_id=person.user_id)


def of_user(two, owner, person, method):
    """The owner makes the user inactive or active again."""
    version = two.world.version(person, of_user=True)
    two.world.call(method, account_id=owner.account_id, user_id=person.user_id, actor=owner.actor, version=version)
    two.settle()


@pytest.mark.clause("ERASE-4", "ERASE-3")
def test_s05_asked_for_in_writing_under_notice_it_is_erased_without_waiting_for_april(two) -> None:
    owner = under_notice(two)
    accepted = ask(two, owner)
    assert (accepted["course"], accepted["export_offered_on"]) == ("accepted", "2026-12-11")
    (told,) = two.told(owner, "erasure.early_requested")
    assert (told["evidence"], told["identity_check"], told["authority_check"]) == (
        "brev-2026-114",
        "call_back",
        "business_register",
    )
    two.settle()
    body = two.certificate(owner)
    assert (body["trigger"], body["trigger_date"], body["due_on"]) == ("early_request", "2026-12-15", "2026-12-15")
    assert body["executed_at"].startswith("2026-12-15")
    with pytest.raises(NotFound):
        standing(two, owner)
    (request,) = page_by_page(
        lambda page: two.ask("early_requests", account_id=owner.account_id, **page), "requests"
    )
    assert (request["course"], request["erasure_id"]) == ("begun", two.last(owner)["erasure_id"])
    two.at(datetime(2027, 6, 1, 12, tzinfo=OSLO))
    assert [each["state"] for each in two.erasures(owner)] == ["certified"]


@pytest.mark.clause("ERASE-4")
def test_s05_within_the_three_months_it_takes_the_place_of_the_clock_that_runs(two) -> None:
    owner = under_notice(two)
    two.at(datetime(2027, 2, 10, 9, tzinfo=OSLO))
    assert two.last(owner)["trigger"] == "contract_terminated"
    ask(two, owner)
    two.settle()
    old, new = two.erasures(owner)
    assert (old["state"], old["cancellation"]) == ("cancelled", "early_request")
    assert (new["state"], new["trigger"]) == ("certified", "early_request")
    assert two.told(owner, "erasure.cancelled")[0]["reason"] == "early_request"


@pytest.mark.clause("ERASE-4")
@pytest.mark.parametrize("missing", sorted(CHECKS))
def test_s05_without_one_of_the_checks_nothing_changes(two, missing) -> None:
    owner = under_notice(two)
    with pytest.raises(Invalid) as refused:
        ask_without(two, owner, missing)
    assert list(refused.value.details["fields"]) == [missing]
    two.settle()
    assert standing(two, owner)["state"] == "active"
    assert two.erasures(owner) == []
    assert two.ask("early_requests", account_id=owner.account_id)["requests"] == []


def ask_without(two, owner, missing):
    fields = {name: value for name, value in CHECKS.items() if name != missing}
    return decide(two.retention, "request_early_erasure", account_id=owner.account_id, **fields)


@pytest.mark.clause("ERASE-4")
@pytest.mark.parametrize(
    "wrong",
    [
        {"export_offered_on": "2026-12-16"},
        {"received_on": "2026-12-16"},
    ],
)
def test_s05_an_export_not_yet_offered_or_a_request_of_tomorrow_changes_nothing(two, wrong) -> None:
    owner = under_notice(two)
    with pytest.raises(Invalid):
        ask(two, owner, **wrong)
    two.settle()
    assert standing(two, owner)["state"] == "active"


@pytest.mark.clause("ERASE-4")
def test_s05_one_person_alone_changes_nothing(two) -> None:
    owner = under_notice(two)
    with pytest.raises(Forbidden) as refused:
        two.ask("request_early_erasure", account_id=owner.account_id, **CHECKS)
    assert refused.value.details["reason"] == "approval_missing"
    with pytest.raises(Forbidden) as refused:
        ask(two, owner, approved_by="staff:kari")
    assert refused.value.details["reason"] == "approved_by_who_asked"
    two.settle()
    assert standing(two, owner)["state"] == "active"
    assert two.ask("early_requests", account_id=owner.account_id)["requests"] == []


@pytest.mark.clause("ERASE-4")
def test_who_asked_has_checked_it_and_another_one_approved_it(two) -> None:
    accepted = ask(two, under_notice(two), requested_by="staff:eva", approved_by="staff:per")
    assert (accepted["checked_by"], accepted["approved_by"]) == ("staff:eva", "staff:per")


@pytest.mark.clause("ERASE-3")
def test_an_active_account_is_erased_on_request_without_any_notice(two) -> None:
    owner = two.world.sign_up()
    two.at(ASKED)
    ask(two, owner)
    two.settle()
    body = two.certificate(owner)
    assert (body["trigger"], body["trigger_date"], body["due_on"]) == ("early_request", "2026-12-15", "2026-12-15")
    with pytest.raises(NotFound):
        standing(two, owner)


@pytest.mark.clause("ERASE-4")
def test_where_there_is_no_account_there_is_nothing_to_ask_for(two) -> None:
    two.at(ASKED)
    with pytest.raises(NotFound):
        decide(two.retention, "request_early_erasure", account_id=uuid4(), **CHECKS)


def test_asked_for_twice_it_is_done_once(two) -> None:
    owner = under_notice(two)
    request_id = uuid4()
    first = ask(two, owner, request_id=request_id)
    assert ask(two, owner, request_id=request_id)["request_id"] == first["request_id"] == str(request_id)
    with pytest.raises(Conflict):
        ask(two, owner)
    two.settle()
    with pytest.raises(NotFound):
        ask(two, owner)
    assert len(two.erasures(owner)) == 1


def test_a_notice_taken_back_in_the_last_moment_stops_it(two) -> None:
    owner = under_notice(two)
    ask(two, owner)
    version = two.world.version(owner)
    two.world.call("withdraw_notice", account_id=owner.account_id, actor=owner.actor, version=version)
    two.settle()
    assert standing(two, owner)["state"] == "active"
    assert two.told(owner, "erasure.early_dropped")[0]["reason"] == "notice_withdrawn"
    (request,) = two.ask("early_requests", account_id=owner.account_id)["requests"]
    assert request["course"] == "dropped"


def test_while_the_account_service_is_away_it_waits_and_is_tried_again(two, monkeypatch) -> None:
    owner = under_notice(two)
    ask(two, owner)
    asked = two.caller.call

    def away(*arguments, **fields):
        raise Unavailable("away")

    monkeypatch.setattr(two.caller, "call", away)
    in_process.run(two.retention, "carry_out_early_requests")
    monkeypatch.setattr(two.caller, "call", asked)
    two.settle()
    assert standing(two, owner)["state"] == "active"
    two.at(ASKED + timedelta(seconds=6))
    assert two.last(owner)["state"] == "certified"


def test_whoever_comes_back_before_the_last_letter_has_left_is_not_erased(two) -> None:
    owner = under_notice(two)
    ask(two, owner)
    in_process.run(two.retention, "carry_out_early_requests")
    two.world.call(
        "reactivate_with_password", email=owner.email, password=owner.password, origin=two.world.origin(),
        agreement=agreement(domain="nogd.no", element="reactivation.accept"),
    )  # fmt: skip
    two.settle()
    assert standing(two, owner)["state"] == "active"
    assert two.last(owner)["state"] == "cancelled"


# ── one user, at their own wish (GDPR, article 17) ────────────────────────────────────────────────────────


@pytest.mark.clause("ERASE-3")
def test_one_user_is_erased_at_their_own_wish_within_the_day_and_the_company_goes_on(two) -> None:
    owner, person = with_a_user(two)
    accepted = ask_own(two, person)
    assert (accepted["user_id"], accepted["requester_role"]) == (str(person.user_id), "data_subject")
    (told,) = two.told(owner, "erasure.early_requested")
    assert (told["user_id"], told["authority_check"]) == (str(person.user_id), "self")
    two.settle()
    body = two.certificate(owner)
    assert (body["kind"], body["trigger"], body["due_on"]) == ("user", "early_request", "2026-12-15")
    assert [(each["user_id"], each["state"]) for each in two.erasures(owner)] == [
        (str(person.user_id), "certified")
    ]
    with pytest.raises(NotFound):
        standing_of(two, person)
    assert standing(two, owner)["state"] == "active"
    (left,) = [each for each in two.world.outbox("user.deactivated") if each["user_id"] == str(person.user_id)]
    assert left["trigger"] == "early_request"
    with pytest.raises(NotFound):
        ask_own(two, person)


@pytest.mark.clause("ERASE-3")
def test_of_a_user_who_waits_already_it_takes_the_place_of_the_three_months(two) -> None:
    owner, person = with_a_user(two)
    of_user(two, owner, person, "deactivate_user")
    ask_own(two, person)
    two.settle()
    old, new = two.erasures(owner)
    assert (old["state"], old["cancellation"]) == ("cancelled", "early_request")
    assert (new["state"], new["trigger"]) == ("certified", "early_request")


@pytest.mark.clause("ERASE-3")
@pytest.mark.parametrize("wrong", [{"requester_role": "chair"}, {"authority_check": "account_owner"}])
def test_nobody_asks_for_another_persons_data_and_the_last_owner_is_told_at_once(two, wrong) -> None:
    owner, person = with_a_user(two)
    with pytest.raises(Invalid) as refused:
        ask_own(two, person, **wrong)
    assert list(refused.value.details["fields"]) == list(wrong)
    with pytest.raises(Conflict) as last:
        ask_own(two, owner)
    assert last.value.details["reason"] == "last_owner"
    two.settle()
    assert standing_of(two, person)["state"] == standing_of(two, owner)["state"] == "active"


def test_two_owners_who_ask_at_once_do_not_leave_the_company_without_one(two) -> None:
    owner, person = with_a_user(two)
    two.world.call(
        "update_user",
        account_id=owner.account_id,
        user_id=person.user_id,
        actor=owner.actor,
        version=two.world.version(person, of_user=True),
        role="owner",
    )
    for each in (owner, person):
        ask_own(two, each)
    two.settle()
    requests = two.ask("early_requests", account_id=owner.account_id)["requests"]
    assert sorted(each["course"] for each in requests) == ["begun", "dropped"]
    (dropped,) = two.told(owner, "erasure.early_dropped")
    assert dropped["reason"] == "last_owner"
    assert dropped["user_id"] in (str(owner.user_id), str(person.user_id))
    assert standing(two, owner)["state"] == "active"


@pytest.mark.clause("ERASE-3")
def test_a_user_who_comes_back_before_the_last_letter_has_left_stays(two) -> None:
    owner, person = with_a_user(two)
    ask_own(two, person)
    in_process.run(two.retention, "carry_out_early_requests")
    two.world.clock.at += timedelta(minutes=1)
    of_user(two, owner, person, "reactivate_user")
    assert standing_of(two, person)["state"] == "active"
    assert (two.last(owner)["state"], two.last(owner)["cancellation"]) == ("cancelled", "reactivated")


@pytest.mark.clause("HOLD-1")
def test_what_is_held_of_the_user_waits_until_the_hold_is_released(two) -> None:
    owner, person = with_a_user(two)
    hold = decide(
        two.retention, "place_hold", account_id=owner.account_id, user_ids=[person.user_id], reason="dispute",
        case_ref="tvist-2026-12", owner="staff:kari", starts_on="2026-12-15", review_on="2027-01-30",
    )  # fmt: skip
    ask_own(two, person)
    two.settle()
    assert standing_of(two, person)["state"] == "inactive"
    assert (two.last(owner)["state"], two.last(owner)["suspended"]) == ("scheduled", True)
    two.ask("release_hold", hold_id=hold["hold_id"], reason="settled", actor="staff:kari")
    two.settle()
    assert two.certificate(owner)["kind"] == "user"


def test_the_day_on_which_the_account_ended_decides_how_long_the_agreement_is_kept(two) -> None:
    owner = two.world.sign_up()
    two.at(datetime(2026, 12, 28, 9, tzinfo=OSLO))
    two.deactivate(owner)
    two.at(datetime(2027, 1, 11, 9, tzinfo=OSLO))
    ask(two, owner)
    two.settle()
    (kept,) = two.certificate(owner)["kept_by_law"]
    assert (kept["category"], kept["until"]) == ("agreement_acceptance", "2030-06-30")
