"""The three months: when they begin, end, start anew, and whom they spare."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import erasures as e
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.retention.clocks import rules as clock_rules
from services.retention.clocks.events import ErasureReminderDue
from services.retention.erasure import rules as erasure_rules
from services.retention.erasure.events import ErasureCancelled, ErasureScheduled
from services.retention.erasure.values import Cancellation, Inactivation, Scope, State, Trigger
from services.retention.execution import rules as execution_rules
from services.retention.execution.values import Verdict
from shared import calendar

pytestmark = pytest.mark.unit


def plan(scope, at, known=(), number=2, returned_at=None, now=None):
    return clock_rules.plan_erasure(
        Inactivation(scope=scope, inactivated_at=at),
        new_id=UUID(int=number),
        known=known,
        now=now or at,
        limits=e.LIMITS,
        returned_at=returned_at,
    )


class TestPlanning:
    def test_a_company_made_inactive_is_due_three_months_later_and_the_world_is_told(self):
        (move,) = plan(e.COMPANY, e.INACTIVATED)
        assert move.erasure.state is State.SCHEDULED
        assert move.erasure.trigger is Trigger.ACCOUNT_INACTIVATED
        assert move.events == (
            ErasureScheduled(
                clock_id=UUID(int=2),
                account_id=e.ACCOUNT,
                user_id=None,
                trigger="account_inactivated",
                started_on=date(2026, 11, 30),
                due_on=date(2027, 2, 28),
            ),
        )

    def test_a_user_has_a_clock_and_a_trigger_of_their_own(self):
        (move,) = plan(e.PERSON, e.oslo(2026, 12, 15, 12, 0), known=[e.scheduled()])
        assert move.erasure.trigger is Trigger.USER_INACTIVATED
        assert (move.erasure.scope.user_id, move.erasure.due_on) == (e.USER, date(2027, 3, 15))

    def test_half_past_eleven_in_utc_counts_from_the_next_day(self):
        (move,) = plan(e.COMPANY, datetime(2026, 11, 30, 23, 30, tzinfo=UTC))
        assert (move.erasure.started_on, move.erasure.due_on) == (date(2026, 12, 1), date(2027, 3, 1))

    def test_the_same_inactivation_heard_twice_is_planned_once(self):
        assert plan(e.COMPANY, e.INACTIVATED, known=[e.scheduled()]) == ()

    def test_an_inactivation_that_arrives_after_a_later_one_changes_nothing(self):
        assert plan(e.COMPANY, e.INACTIVATED - timedelta(days=9), known=[e.scheduled()]) == ()

    def test_a_cancelled_one_does_not_come_alive_when_its_inactivation_is_heard_again(self):
        assert plan(e.COMPANY, e.INACTIVATED, known=[e.cancelled()]) == ()

    @pytest.mark.parametrize("running", [e.scheduled, e.halted, e.announced])
    def test_inactive_again_after_coming_back_is_a_full_new_period(self, running):
        later = e.oslo(2027, 2, 10, 9, 0)
        called_off, planned = plan(e.COMPANY, later, known=[running()])
        assert called_off.erasure.cancellation is Cancellation.STARTED_ANEW
        assert called_off.events == (
            ErasureCancelled(clock_id=UUID(int=1), account_id=e.ACCOUNT, user_id=None, reason="started_anew"),
        )
        assert planned.erasure.due_on == date(2027, 5, 10)

    def test_after_a_cancelled_one_a_later_inactivation_is_planned(self):
        (move,) = plan(e.COMPANY, e.oslo(2027, 3, 1, 9, 0), known=[e.cancelled()])
        assert move.erasure.due_on == date(2027, 6, 1)

    @pytest.mark.parametrize("gone", [e.fenced, e.ordered, e.destroyed, e.certified])
    def test_what_is_past_its_fence_is_never_planned_again(self, gone):
        assert plan(e.COMPANY, e.oslo(2027, 3, 1, 9, 0), known=[gone()]) == ()

    @pytest.mark.parametrize("gone", [e.fenced, e.ordered, e.destroyed, e.certified])
    def test_no_clock_of_a_user_is_started_once_the_company_is_past_its_fence(self, gone):
        assert plan(e.PERSON, e.INACTIVATED, known=[gone()]) == ()

    def test_an_inactivation_heard_of_after_the_return_that_followed_it_starts_nothing(self):
        returned = e.INACTIVATED + e.HOUR
        assert plan(e.COMPANY, e.INACTIVATED, returned_at=returned, now=returned) == ()
        assert len(plan(e.COMPANY, returned, returned_at=returned)) == 1

    def test_an_instant_without_zone_is_refused(self):
        with pytest.raises(calendar.NaiveInstantError):
            plan(e.COMPANY, e.INACTIVATED.replace(tzinfo=None))


class TestComingBack:
    @pytest.mark.parametrize("running", [e.scheduled, e.halted, e.announced])
    def test_before_the_fence_the_erasure_is_called_off(self, running):
        (move,) = clock_rules.call_off([running()], e.COMPANY, e.DUE, e.DUE)
        assert (move.erasure.state, move.erasure.cancellation) == (State.CANCELLED, Cancellation.REACTIVATED)
        assert move.events == (
            ErasureCancelled(clock_id=UUID(int=1), account_id=e.ACCOUNT, user_id=None, reason="reactivated"),
        )

    @pytest.mark.parametrize("gone", [e.fenced, e.ordered, e.destroyed, e.certified, e.cancelled])
    def test_after_the_fence_or_a_second_time_nothing_is_called_off(self, gone):
        assert clock_rules.call_off([gone()], e.COMPANY, e.DUE, e.DUE) == ()

    def test_a_user_deactivated_before_stays_due_when_the_company_comes_back(self):
        known = [e.scheduled(), e.scheduled(e.PERSON, number=2)]
        (move,) = clock_rules.call_off(known, e.COMPANY, e.DUE - e.HOUR, e.DUE - e.HOUR)
        assert move.erasure.scope == e.COMPANY

    def test_one_user_coming_back_says_nothing_of_another(self):
        other = Scope(account_id=e.ACCOUNT, user_id=e.OTHER_USER)
        assert clock_rules.call_off([e.scheduled(e.PERSON)], other, e.DUE, e.DUE) == ()

    def test_a_reactivation_older_than_the_clock_does_not_stop_it(self):
        assert clock_rules.call_off([e.scheduled()], e.COMPANY, e.INACTIVATED - e.HOUR, e.DUE) == ()


class TestSuperseding:
    def test_the_erasure_of_a_company_takes_the_clocks_of_its_users_with_it(self):
        known = [e.fenced(), e.scheduled(e.PERSON, number=2), e.ordered(e.PERSON)]
        (move,) = execution_rules.supersede(e.fenced(), known, e.DUE)
        assert move.erasure.id == UUID(int=2)
        assert move.erasure.cancellation is Cancellation.SUPERSEDED

    def test_users_of_other_companies_are_left_alone(self):
        elsewhere = Scope(account_id=e.OTHER_ACCOUNT, user_id=e.USER)
        assert execution_rules.supersede(e.fenced(), [e.scheduled(elsewhere)], e.DUE) == ()

    @pytest.mark.parametrize("too_soon", [e.scheduled, e.halted, e.announced, e.cancelled])
    def test_before_its_fence_it_takes_nothing_with_it(self, too_soon):
        with pytest.raises(erasure_rules.WrongStateError):
            execution_rules.supersede(too_soon(), [e.scheduled(e.PERSON)], e.DUE)

    def test_the_erasure_of_a_user_takes_nobody_with_it(self):
        with pytest.raises(erasure_rules.WrongStateError):
            execution_rules.supersede(e.fenced(e.PERSON), [], e.DUE)


class TestReminding:
    def test_at_inactivation_and_thirty_and_seven_days_before(self):
        erasure, told = e.scheduled(), {}
        for day in range(90):
            now = e.INACTIVATED + timedelta(days=day)
            if move := clock_rules.remind(erasure, now, e.LIMITS):
                erasure = move.erasure
                (event,) = move.events
                told[calendar.oslo_date(now)] = event.days_left
        assert told == {date(2026, 11, 30): 90, date(2027, 1, 29): 30, date(2027, 2, 21): 7}

    def test_a_reminder_tells_the_due_date_and_whose_it_is(self):
        move = clock_rules.remind(e.scheduled(e.PERSON), e.INACTIVATED, e.LIMITS)
        assert move.events == (
            ErasureReminderDue(
                clock_id=UUID(int=1), account_id=e.ACCOUNT, user_id=e.USER, due_on=date(2027, 2, 28), days_left=90
            ),
        )

    def test_missed_dates_are_made_good_by_one_reminder_with_the_days_really_left(self):
        move = clock_rules.remind(e.scheduled(), e.oslo(2027, 2, 24, 8, 0), e.LIMITS)
        assert [event.days_left for event in move.events] == [4]
        assert clock_rules.remind(move.erasure, e.oslo(2027, 2, 24, 9, 0), e.LIMITS) is None

    def test_on_the_due_date_it_is_too_late_to_remind(self):
        assert clock_rules.remind(e.scheduled(), e.DUE, e.LIMITS) is None

    @pytest.mark.parametrize("make", [make for make in e.IN_EVERY_STATE if make is not e.scheduled])
    def test_nobody_is_reminded_of_what_no_longer_waits(self, make):
        assert clock_rules.remind(make(), e.INACTIVATED, e.LIMITS) is None


class TestMayItBeExecuted:
    def verdict(self, standing, now=e.DUE, erasure=None):
        return execution_rules.may_execute(erasure or e.scheduled(), standing, now, e.LIMITS)

    def test_a_minute_before_the_due_date_is_too_early(self):
        assert self.verdict(e.inactive(e.DUE), e.oslo(2027, 2, 27, 23, 59)) is Verdict.TOO_EARLY

    def test_on_the_due_date_what_is_inactive_since_the_trigger_may_be_erased(self):
        assert self.verdict(e.inactive(e.DUE)) is Verdict.MAY

    def test_whoever_is_active_is_never_erased(self):
        assert self.verdict(e.active(e.DUE), e.DUE + timedelta(days=1), None) is Verdict.ASK
        assert self.verdict(e.active(e.DUE)) is Verdict.CAME_BACK

    def test_whoever_came_back_and_left_again_has_a_full_new_period(self):
        assert self.verdict(e.inactive(e.DUE, e.oslo(2027, 2, 10, 9, 0))) is Verdict.STARTED_ANEW

    def test_and_when_that_period_has_passed_as_well_the_erasure_may_go_on(self):
        now = e.oslo(2027, 5, 10, 0, 0)
        assert self.verdict(e.inactive(now, e.oslo(2027, 2, 10, 9, 0)), now) is Verdict.MAY
        before = now - timedelta(minutes=1)
        assert self.verdict(e.inactive(before, e.oslo(2027, 2, 10, 9, 0)), before) is Verdict.STARTED_ANEW

    def test_nothing_is_decided_without_an_answer_or_with_an_old_one(self):
        assert self.verdict(None) is Verdict.ASK
        assert self.verdict(e.inactive(e.DUE - timedelta(seconds=61))) is Verdict.ASK
        assert self.verdict(e.inactive(e.DUE - timedelta(seconds=60))) is Verdict.MAY

    def test_what_the_account_service_does_not_know_is_left_to_a_person(self):
        assert self.verdict(e.unknown(e.DUE)) is Verdict.UNKNOWN
        released = execution_rules.release(e.halted(), e.DUE).erasure
        assert self.verdict(e.unknown(e.DUE), erasure=released) is Verdict.MAY
        assert self.verdict(e.active(e.DUE), erasure=released) is Verdict.CAME_BACK

    @given(
        started=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        waited=st.timedeltas(timedelta(0), timedelta(days=200)),
        back_after=st.timedeltas(timedelta(0), timedelta(days=200)),
    )
    def test_at_no_moment_is_anybody_erased_who_is_active_or_whose_last_period_still_runs(
        self, started, waited, back_after
    ):
        now = started + waited
        erasure = e.scheduled(at=started)
        assert self.verdict(e.active(now), now, erasure) is not Verdict.MAY
        again = started + back_after
        allowed = self.verdict(e.inactive(now, again), now, erasure) is Verdict.MAY
        ran_out = max(calendar.erasure_due(started), calendar.erasure_due(again)) <= calendar.oslo_date(now)
        assert allowed == ran_out
