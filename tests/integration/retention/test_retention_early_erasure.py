"""Early erasure, from the written request to the certificate: the account service and retention together."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from shared.calendar import OSLO
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from tests import in_process
from tests.forms import agreement
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
    (request,) = two.ask("early_requests", account_id=owner.account_id)["requests"]
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


def test_the_day_on_which_the_account_ended_decides_how_long_the_agreement_is_kept(two) -> None:
    owner = two.world.sign_up()
    two.at(datetime(2026, 12, 28, 9, tzinfo=OSLO))
    two.deactivate(owner)
    two.at(datetime(2027, 1, 11, 9, tzinfo=OSLO))
    ask(two, owner)
    two.settle()
    (kept,) = two.certificate(owner)["kept_by_law"]
    assert (kept["category"], kept["until"]) == ("agreement_acceptance", "2030-06-30")
