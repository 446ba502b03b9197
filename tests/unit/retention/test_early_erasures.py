"""Early erasure: what a written request needs, and what it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import erasures as e
import pytest

from services.retention.clocks import rules as clock_rules
from services.retention.early_erasure import rules as early_rules
from services.retention.early_erasure.calls import RequestEarlyErasure
from services.retention.early_erasure.values import Course, EarlyRequest
from services.retention.erasure.values import Cancellation, Notice, Standing, State, Trigger
from services.retention.execution import rules as execution_rules
from services.retention.execution.values import Verdict
from shared.errors import Conflict, Invalid, NotFound

pytestmark = pytest.mark.unit

NOW = e.oslo(2026, 12, 15, 10, 0)
TODAY = date(2026, 12, 15)
NOTICE = Notice(noticed_on=date(2026, 12, 10), ends_on=date(2027, 1, 31))
REQUEST = EarlyRequest(
    id=UUID(int=50),
    account_id=e.ACCOUNT,
    requester_role="managing_director",
    evidence="brev-2026-114",
    received_on=TODAY,
    identity_check="call_back",
    authority_check="business_register",
    checked_by="staff:kari",
    approved_by="staff:ola",
    actor="staff:kari",
    export_offered_on=date(2026, 12, 11),
    registered_at=NOW,
)
OWN = replace(REQUEST, user_id=e.USER, requester_role="data_subject", authority_check="self")
"""The same of one user."""
FIELDS = {
    "account_id": str(e.ACCOUNT),
    "requester_role": "managing_director",
    "evidence": "brev-2026-114",
    "received_on": "2026-12-15",
    "identity_check": "call_back",
    "authority_check": "business_register",
    "export_offered_on": "2026-12-11",
}


def under_notice(notice: Notice | None = NOTICE) -> Standing:
    return Standing(state="active", inactivated_at=None, asked_at=NOW, notice=notice)


class TestWhatItNeeds:
    @pytest.mark.clause("ERASE-4")
    @pytest.mark.parametrize("missing", sorted(FIELDS))
    def test_a_request_without_one_of_its_fields_is_refused_by_name(self, missing):
        with pytest.raises(Invalid) as refused:
            RequestEarlyErasure.from_json({name: value for name, value in FIELDS.items() if name != missing})
        assert list(refused.value.details["fields"]) == [missing]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("requester_role", "Kari Nordmann"),
            ("evidence", "kari@example.no"),
            ("evidence", "brev-2026-114 Kari"),
            ("evidence", "brev-2026-41378216"),
            ("identity_check", "passport_copy"),
            ("received_on", "yesterday"),
        ],
    )
    def test_neither_names_nor_free_text_get_in(self, field, value):
        with pytest.raises(Invalid) as refused:
            RequestEarlyErasure.from_json(FIELDS | {field: value})
        assert list(refused.value.details["fields"]) == [field]
        assert value not in str(refused.value.details)

    @pytest.mark.clause("ERASE-4")
    @pytest.mark.parametrize("alone", ["actor", "checked_by"])
    def test_whoever_registered_or_checked_it_cannot_approve_it(self, alone):
        with pytest.raises(Invalid) as refused:
            early_rules.check(replace(REQUEST, **{alone: REQUEST.approved_by}), TODAY)
        assert list(refused.value.details["fields"]) == ["approved_by"]

    @pytest.mark.parametrize("field", ["received_on", "export_offered_on"])
    def test_the_request_and_the_offer_of_export_lie_in_the_past(self, field):
        early_rules.check(replace(REQUEST, **{field: TODAY}), TODAY)
        with pytest.raises(Invalid) as refused:
            early_rules.check(replace(REQUEST, **{field: TODAY + timedelta(days=1)}), TODAY)
        assert list(refused.value.details["fields"]) == [field]


class TestWhenItIsAccepted:
    @pytest.mark.clause("ERASE-4")
    def test_under_notice_and_in_the_three_months(self):
        told = early_rules.accept(REQUEST, under_notice(), ())
        assert (told.account_id, told.evidence) == (e.ACCOUNT, "brev-2026-114")
        early_rules.accept(REQUEST, e.inactive(NOW), [e.scheduled()])

    @pytest.mark.clause("ERASE-3")
    def test_for_an_active_account_under_no_notice_too(self):
        told = early_rules.accept(REQUEST, under_notice(None), ())
        assert told.account_id == e.ACCOUNT
        assert early_rules.is_without_notice(REQUEST, under_notice(None))
        assert not early_rules.is_without_notice(REQUEST, under_notice())
        assert not early_rules.is_without_notice(REQUEST, e.inactive(NOW))

    def test_not_where_there_is_none(self):
        with pytest.raises(NotFound):
            early_rules.accept(REQUEST, e.unknown(NOW), ())

    @pytest.mark.parametrize("gone", [e.fenced, e.ordered, e.destroyed, e.certified])
    def test_not_once_the_erasure_is_past_its_fence(self, gone):
        with pytest.raises(Conflict, match="under way"):
            early_rules.accept(REQUEST, e.inactive(NOW), [gone()])

    def test_a_users_erasure_under_way_does_not_stand_in_the_companys_way(self):
        early_rules.accept(REQUEST, e.inactive(NOW), [e.ordered(e.PERSON)])


class TestOfOneUser:
    """GDPR, article 17: a person's own wish, which no customer can express for them."""

    @pytest.mark.clause("ERASE-3")
    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            (replace(OWN, requester_role="chair"), "requester_role"),
            (replace(OWN, authority_check="account_owner"), "authority_check"),
            (replace(REQUEST, requester_role="data_subject"), "requester_role"),
            (replace(REQUEST, authority_check="self"), "authority_check"),
        ],
    )
    def test_a_person_asks_for_themselves_alone_and_nobody_else_does(self, wrong, field):
        early_rules.check(OWN, TODAY)
        with pytest.raises(Invalid) as refused:
            early_rules.check(wrong, TODAY)
        assert list(refused.value.details["fields"]) == [field]

    @pytest.mark.clause("ERASE-3")
    def test_an_active_user_and_an_inactive_one_may_ask_and_the_last_owner_may_not(self):
        for standing in (e.active(NOW), e.inactive(NOW)):
            told = early_rules.accept(OWN, standing, ())
            assert (told.user_id, told.requester_role) == (e.USER, "data_subject")
            assert early_rules.is_without_notice(OWN, standing)
        with pytest.raises(Conflict) as refused:
            early_rules.accept(OWN, replace(e.active(NOW), is_last_owner=True), ())
        assert refused.value.details["reason"] == "last_owner"

    @pytest.mark.parametrize("scope", [e.COMPANY, e.PERSON])
    def test_not_once_an_erasure_that_takes_the_user_is_past_its_fence(self, scope):
        with pytest.raises(Conflict, match="under way"):
            early_rules.accept(OWN, e.inactive(NOW), [e.fenced(scope)])

    def test_that_of_another_user_and_the_clock_of_the_account_stand_in_nobodys_way(self):
        other = replace(e.PERSON, user_id=UUID(int=77))
        early_rules.accept(OWN, e.inactive(NOW), [e.scheduled(), e.ordered(other)])

    @pytest.mark.clause("ERASE-3")
    def test_it_takes_the_place_of_the_users_clock_and_leaves_the_accounts(self):
        called_off, planned = begun([e.scheduled(), e.scheduled(e.PERSON)], of=OWN)
        assert (called_off.erasure.scope, called_off.erasure.cancellation) == (e.PERSON, Cancellation.EARLY_REQUEST)
        assert (planned.erasure.scope, planned.erasure.trigger) == (e.PERSON, Trigger.EARLY_REQUEST)
        assert (planned.erasure.started_on, planned.erasure.due_on) == (TODAY, TODAY)
        assert begun([e.scheduled(), planned.erasure], of=OWN) == ()
        assert begun([e.fenced(), e.scheduled(e.PERSON)], of=OWN) == ()

    @pytest.mark.clause("ERASE-3")
    def test_the_erasure_of_the_account_takes_it_with_it(self):
        (planned,) = begun(of=OWN)
        (superseded,) = execution_rules.supersede(e.fenced(), [planned.erasure], NOW)
        assert superseded.erasure.cancellation is Cancellation.SUPERSEDED

    @pytest.mark.parametrize(
        ("refusal", "of_user", "of_account"),
        [
            (NotFound(), "user_gone", "account_gone"),
            (Conflict("came back"), "came_back", "notice_withdrawn"),
            (Conflict("last", details={"reason": "last_owner"}), "last_owner", "last_owner"),
        ],
    )
    def test_one_that_comes_to_nothing_says_why(self, refusal, of_user, of_account):
        own = replace(OWN, without_notice=True)
        assert early_rules.why_refused(own, refusal) == of_user
        assert early_rules.why_refused(REQUEST, refusal) == of_account
        assert early_rules.drop(own, of_user)[1].user_id == e.USER


def begun(known=(), inactivated_at=NOW, of=REQUEST):
    return early_rules.begin(of, inactivated_at, known=known, new_id=UUID(int=60), now=NOW)


class TestWhatItChanges:
    @pytest.mark.clause("ERASE-4")
    @pytest.mark.parametrize("running", [e.scheduled, e.halted, e.announced])
    def test_what_runs_is_called_off_and_one_for_today_takes_its_place(self, running):
        called_off, planned = begun([running()], e.INACTIVATED)
        assert called_off.erasure.cancellation is Cancellation.EARLY_REQUEST
        early = planned.erasure
        assert (early.trigger, early.state) == (Trigger.EARLY_REQUEST, State.SCHEDULED)
        assert (early.started_on, early.due_on, early.ended_on) == (TODAY, TODAY, date(2026, 11, 30))

    def test_it_may_be_carried_out_at_once_and_reminds_nobody(self):
        (planned,) = begun()
        offset = replace(e.LIMITS, day_offset=1)
        for limits in (e.LIMITS, offset):
            assert execution_rules.may_execute(planned.erasure, e.inactive(NOW, NOW), NOW, limits) is Verdict.MAY
        assert clock_rules.remind(planned.erasure, NOW, e.LIMITS) is None

    def test_whoever_came_back_is_spared_and_whoever_left_again_has_a_full_period(self):
        (planned,) = begun()
        later = NOW + timedelta(minutes=1)
        assert execution_rules.may_execute(planned.erasure, e.active(later), later, e.LIMITS) is Verdict.CAME_BACK
        again = e.inactive(later, later)
        assert execution_rules.may_execute(planned.erasure, again, later, e.LIMITS) is Verdict.STARTED_ANEW

    def test_planned_twice_it_is_planned_once_and_past_the_fence_not_at_all(self):
        (planned,) = begun()
        assert begun([planned.erasure]) == ()
        assert begun([e.fenced()], e.INACTIVATED) == ()

    def test_clocks_of_single_users_run_on_until_the_companys_fence(self):
        (planned,) = begun([e.scheduled(e.PERSON)])
        assert planned.erasure.scope == e.COMPANY

    def test_a_dropped_one_says_why(self):
        dropped, told = early_rules.drop(REQUEST, "notice_withdrawn")
        assert (dropped.course, told.reason) == (Course.DROPPED, "notice_withdrawn")


def test_requests_are_forgotten_three_years_on():
    assert early_rules.purged_before(date(2029, 12, 15)) == date(2026, 12, 1)
    assert early_rules.purged_before(date(2028, 2, 29)) == date(2025, 2, 1)
