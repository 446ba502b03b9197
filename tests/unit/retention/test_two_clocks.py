"""Inactivity and the end of a contract: two reasons that count from two days, and are never merged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import erasures as e
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.retention.clocks import rules as clock_rules
from services.retention.erasure import values
from services.retention.erasure.events import ErasureScheduled
from services.retention.erasure.values import Inactivation, Notice, Standing, State, Trigger, limits_on
from services.retention.execution import rules as execution_rules
from services.retention.execution.values import Action, Verdict
from shared import calendar
from shared.terms import parameters

pytestmark = pytest.mark.unit

NOTICE = Notice(noticed_on=date(2026, 12, 10), ends_on=date(2027, 1, 31))
ENDED = e.oslo(2027, 2, 1, 0, 0, 4)
DUE = e.oslo(2027, 4, 30, 0, 0)


def terminated(at=ENDED, notice=NOTICE, known=(), limits=None):
    ending = Inactivation(scope=e.COMPANY, inactivated_at=at, notice=notice)
    return clock_rules.plan_erasure(
        ending, new_id=UUID(int=3), known=known, now=at, limits=limits or limits_on(ending.promised_on)
    )


def ended(asked_at, since=ENDED, notice=NOTICE):
    return Standing(state="inactive", inactivated_at=since, asked_at=asked_at, notice=notice, ended_by_notice=True)


@pytest.mark.clause("ERASE-2")
def test_s04_the_months_count_from_the_last_day_of_notice_and_not_from_the_notice_or_the_day_after():
    (move,) = terminated()
    assert move.erasure.trigger is Trigger.CONTRACT_TERMINATED
    assert move.events == (
        ErasureScheduled(
            clock_id=UUID(int=3),
            account_id=e.ACCOUNT,
            user_id=None,
            trigger="contract_terminated",
            started_on=date(2027, 1, 31),
            due_on=date(2027, 4, 30),
        ),
    )


@pytest.mark.clause("ERASE-2")
def test_s04_it_is_carried_out_on_the_thirtieth_of_april_although_three_months_of_inactivity_end_a_day_later():
    (move,) = terminated()
    minute_before = DUE - timedelta(minutes=1)
    assert (
        execution_rules.may_execute(move.erasure, ended(minute_before), minute_before, e.LIMITS)
        is Verdict.TOO_EARLY
    )
    assert execution_rules.may_execute(move.erasure, ended(DUE), DUE, e.LIMITS) is Verdict.MAY
    assert execution_rules.next_step(move.erasure, ended(DUE), DUE, e.LIMITS).action is Action.ANNOUNCE


def test_an_end_that_was_noticed_late_moves_no_date():
    (move,) = terminated(at=e.oslo(2027, 2, 14, 8, 0))
    assert move.erasure.due_on == date(2027, 4, 30)
    assert (
        execution_rules.may_execute(move.erasure, ended(DUE, e.oslo(2027, 2, 14, 8, 0)), DUE, e.LIMITS)
        is Verdict.MAY
    )


def test_whoever_came_back_and_gave_notice_again_has_the_new_notices_date():
    (move,) = terminated()
    later = Notice(noticed_on=date(2027, 3, 5), ends_on=date(2027, 4, 30))
    standing = ended(DUE + timedelta(days=1), e.oslo(2027, 5, 1, 0, 0), later)
    assert (
        execution_rules.may_execute(move.erasure, standing, DUE + timedelta(days=1), e.LIMITS)
        is Verdict.STARTED_ANEW
    )
    called_off, planned = terminated(at=e.oslo(2027, 5, 1, 0, 0), notice=later, known=[move.erasure])
    assert called_off.erasure.state is State.CANCELLED
    assert planned.erasure.due_on == date(2027, 7, 30)


def test_a_notice_in_force_does_not_move_the_clock_of_an_account_made_inactive_otherwise():
    running = e.scheduled()
    standing = Standing(
        state="inactive", inactivated_at=e.INACTIVATED, asked_at=e.DUE, notice=NOTICE, ended_by_notice=False
    )
    assert execution_rules.may_execute(running, standing, e.DUE, e.LIMITS) is Verdict.MAY


def test_the_two_reasons_have_one_clock_each_and_the_first_that_came_is_not_replaced_by_the_other():
    assert terminated(at=e.INACTIVATED, known=[e.scheduled()]) == ()


@pytest.mark.clause("ERASE-2")
def test_the_reminders_of_a_terminated_contract_come_30_and_7_days_before_its_own_date():
    (move,) = terminated()
    erasure, told = move.erasure, {}
    for day in range(90):
        now = ENDED + timedelta(days=day)
        if reminder := clock_rules.remind(erasure, now, e.LIMITS):
            erasure = reminder.erasure
            told[calendar.oslo_date(now)] = reminder.events[0].days_left
    assert told == {date(2027, 2, 1): 88, date(2027, 3, 31): 30, date(2027, 4, 23): 7}


# ── I8: a changed figure moves no date that was promised ──────────────────────────────────────────────────


def with_change(monkeypatch, key, figure, since):
    changed = replace(parameters.parameter(key), default=figure, version=2, since=since)
    history = (*parameters.HISTORY, changed)
    monkeypatch.setattr(values, "in_force", lambda name, on: parameters.in_force(name, on, history))


@pytest.mark.clause("ERASE-2")
@pytest.mark.parametrize("months", [1, 2, 6])
def test_i8_a_period_changed_after_the_notice_leaves_the_date_that_the_notice_promised(monkeypatch, months):
    with_change(monkeypatch, "retention.inactive_account", months, date(2027, 1, 1))
    (move,) = terminated()
    assert move.erasure.due_on == date(2027, 4, 30)
    limits = limits_on(move.erasure.promised_on)
    assert execution_rules.may_execute(move.erasure, ended(DUE), DUE, limits) is Verdict.MAY
    early = DUE - timedelta(minutes=1)
    assert execution_rules.may_execute(move.erasure, ended(early), early, limits) is Verdict.TOO_EARLY


@pytest.mark.clause("ERASE-1")
@pytest.mark.parametrize("key", ["retention.inactive_account", "erasure.first_reminder", "erasure.day_offset"])
def test_i8_whoever_was_inactive_before_the_change_keeps_every_date(monkeypatch, key):
    before = limits_on(date(2026, 11, 30))
    with_change(monkeypatch, key, 1, date(2026, 12, 1))
    assert limits_on(e.scheduled().promised_on) == before
    assert limits_on(date(2026, 12, 1)) != before


FIGURES = st.tuples(st.dates(date(2020, 5, 1), date(2042, 1, 1)), st.integers(1, 12))


@given(
    at=st.datetimes(datetime(2020, 6, 1), datetime(2040, 12, 31)),  # noqa: DTZ001 - a zone is given below
    changes=st.lists(FIGURES, max_size=4),
    noticed_days_before=st.none() | st.integers(1, 60),
)
def test_i8_a_date_can_be_computed_again_from_what_is_kept_of_it_whatever_figures_came_later(
    at, changes, noticed_days_before
):
    at = at.replace(tzinfo=calendar.OSLO)
    history = list(parameters.HISTORY)
    for number, (since, months) in enumerate(changes, start=2):
        first = parameters.parameter("retention.inactive_account")
        history.append(replace(first, default=months, since=since, version=number))
    day = calendar.oslo_date(at)
    notice = None
    if noticed_days_before is not None:
        notice = Notice(noticed_on=day - timedelta(days=noticed_days_before + 1), ends_on=day - timedelta(days=1))
    inactivation = Inactivation(scope=e.COMPANY, inactivated_at=at, notice=notice)

    def months_on(promised_on):
        return parameters.in_force("retention.inactive_account", promised_on, tuple(history)).default

    limits = replace(e.LIMITS, months=months_on(inactivation.promised_on))
    (move,) = clock_rules.plan_erasure(inactivation, new_id=UUID(int=4), known=(), now=at, limits=limits)
    kept = move.erasure
    assert calendar.add_months(kept.started_on, months_on(kept.promised_on)) == kept.due_on
    assert kept.calendar_version == calendar.CALENDAR_VERSION
