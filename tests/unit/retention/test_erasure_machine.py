"""Any sequence of leaving, coming back, notice, withdrawal and early request, against a model of a few words.

The rules of the account service and of retention run against each other as the services run them, event by event.
The model beside them knows only since when and why the account is inactive. Work is done late too, after jumps of
days and weeks, to find what only a late sweep would break.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.account.termination import rules as termination
from services.account.termination.values import Contract
from services.account.termination.values import Notice as NoticeGiven
from services.retention.clocks import rules as clock_rules
from services.retention.early_erasure import rules as early_rules
from services.retention.early_erasure.values import EarlyRequest
from services.retention.erasure.values import (
    REVOCABLE,
    Answer,
    Erasure,
    Inactivation,
    Notice,
    Outcome,
    Scope,
    Standing,
    State,
    Trigger,
    limits_on,
)
from services.retention.execution import rules as execution_rules
from services.retention.execution.values import Action
from shared import calendar
from shared.errors import Conflict

pytestmark = pytest.mark.unit

ACCOUNT = UUID(int=1)
SCOPE = Scope(account_id=ACCOUNT)
BEGAN = date(2020, 4, 26)
STEPS = 12
PARTICIPANTS = ("account", "audit")


def three_months_after(day: date) -> date:
    """By walking: past three firsts, then to the same number or the last day of the month."""
    number, firsts = day.day, 0
    while firsts < 3:
        day += timedelta(days=1)
        firsts += day.day == 1
    while day.day != number and (day + timedelta(days=1)).day != 1:
        day += timedelta(days=1)
    return day


class Account(RuleBasedStateMachine):
    """One account, the two services' rules about it, and the model."""

    @initialize(start=st.datetimes(datetime(2020, 6, 1), datetime(2039, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
    def sign_up(self, start):
        self.now = start
        self.number = 0
        self.notice: NoticeGiven | None = None
        self.inactivated_at: datetime | None = None
        self.ended_by_notice = False
        self.begun = False  # the account service has closed the way back
        self.returned_at: datetime | None = None
        self.erasures: dict[UUID, Erasure] = {}
        self.erased_at: datetime | None = None
        # the model
        self.promised: date | None = None
        self.why: Trigger | None = None

    def id(self) -> UUID:
        self.number += 1
        return UUID(int=1000 + self.number)

    @property
    def today(self) -> date:
        return calendar.oslo_date(self.now)

    @property
    def active(self) -> bool:
        return self.inactivated_at is None

    def alive(self) -> bool:
        return self.erased_at is None and not self.begun

    def keep(self, moves):
        for move in moves:
            self.erasures[move.erasure.id] = move.erasure

    # ── what people do ────────────────────────────────────────────────────────────────────────────────────

    @precondition(lambda self: self.alive() and self.active)
    @rule()
    def inactivate(self):
        self.promised, self.why = three_months_after(self.today), Trigger.ACCOUNT_INACTIVATED
        self.become_inactive(None)

    @precondition(lambda self: self.alive() and not self.active)
    @rule()
    def reactivate(self):
        self.now += timedelta(seconds=1)
        self.inactivated_at, self.ended_by_notice, self.returned_at = None, False, self.now
        if self.notice and termination.has_ended(self.notice, self.today):
            self.notice = None
        self.keep(clock_rules.call_off(self.erasures.values(), SCOPE, self.now, self.now))
        self.promised = self.why = None

    @precondition(lambda self: self.alive() and self.active)
    @rule(months=st.integers(1, 3), lay=st.integers(0, 20))
    def give_notice(self, months, lay):
        of = Contract(began_on=BEGAN, agreed_on=BEGAN, notice_months=months)
        try:
            self.notice = termination.give_notice(
                of, self.notice, noticed_on=self.today - timedelta(days=lay), today=self.today
            )
        except Conflict:
            assert self.notice is not None

    @precondition(lambda self: self.alive() and self.active)
    @rule()
    def withdraw_notice(self):
        try:
            termination.check_withdrawal(self.notice, self.today)
        except Conflict:
            assert self.notice is None or self.today > self.notice.ends_on
        else:
            self.notice = None

    @precondition(lambda self: self.alive())
    @rule()
    def ask_for_early_erasure(self):
        request = EarlyRequest(
            id=self.id(),
            account_id=ACCOUNT,
            requester_role="chair",
            evidence="brev-2026-1",
            received_on=self.today,
            identity_check="call_back",
            authority_check="written_mandate",
            checked_by="staff:kari",
            approved_by="staff:ola",
            actor="staff:kari",
            export_offered_on=self.today,
            registered_at=self.now,
        )
        early_rules.check(request, self.today)
        try:
            early_rules.accept(request, self.standing(), list(self.erasures.values()))
        except Conflict:
            assert (self.active and self.notice is None) or self.why is Trigger.EARLY_REQUEST
            return
        if self.active:
            self.inactivated_at = self.now  # no clock is planned: the request waits
        known = list(self.erasures.values())
        self.keep(early_rules.begin(request, self.inactivated_at, known=known, new_id=self.id(), now=self.now))
        self.promised, self.why = self.today, Trigger.EARLY_REQUEST

    # ── what happens on time, perhaps late ────────────────────────────────────────────────────────────────

    @rule(by=st.timedeltas(timedelta(minutes=1), timedelta(days=100)))
    def time_passes(self, by):
        self.now += by

    @precondition(lambda self: self.erased_at is None and self.promised is not None)
    @rule(seconds=st.sampled_from([-3600, -1, 0]))
    def the_date_comes_near(self, seconds):
        self.now = max(self.now, calendar.start_of_day_oslo(self.promised) + timedelta(seconds=seconds))

    @precondition(lambda self: self.alive() and self.active and self.notice is not None)
    @rule()
    def end_contract(self):
        if termination.has_ended(self.notice, self.today):
            self.promised = three_months_after(self.notice.ends_on)
            self.why = Trigger.CONTRACT_TERMINATED
            self.become_inactive(Notice(noticed_on=self.notice.noticed_on, ends_on=self.notice.ends_on))
        else:
            assert self.now < calendar.start_of_day_oslo(self.notice.ends_on + timedelta(days=1))

    @precondition(lambda self: self.erased_at is None)
    @rule()
    def carry_out(self):
        for erasure_id in list(self.erasures):
            self.advance(erasure_id)

    # ── how the services do it ────────────────────────────────────────────────────────────────────────────

    def become_inactive(self, notice: Notice | None):
        self.now += timedelta(seconds=1)
        self.inactivated_at, self.ended_by_notice = self.now, notice is not None
        self.plan(Inactivation(scope=SCOPE, inactivated_at=self.now, notice=notice))

    def plan(self, inactivation: Inactivation):
        self.keep(
            clock_rules.plan_erasure(
                inactivation,
                new_id=self.id(),
                known=list(self.erasures.values()),
                now=self.now,
                limits=limits_on(inactivation.promised_on),
                returned_at=self.returned_at,
            )
        )

    def standing(self) -> Standing:
        notice = Notice(noticed_on=self.notice.noticed_on, ends_on=self.notice.ends_on) if self.notice else None
        return Standing(
            state="active" if self.active else "inactive",
            inactivated_at=self.inactivated_at,
            asked_at=self.now,
            notice=notice,
            ended_by_notice=self.ended_by_notice,
        )

    def advance(self, erasure_id: UUID):
        for _ in range(STEPS):
            erasure = self.erasures[erasure_id]
            limits = limits_on(erasure.promised_on)
            step = execution_rules.next_step(erasure, self.standing(), self.now, limits)
            if step.action in (Action.WAIT, Action.NOTHING):
                if erasure.state is not State.ANNOUNCED:
                    return
                erasure = execution_rules.letter_settled(erasure).erasure
                self.erasures[erasure_id] = erasure
                continue
            assert step.action not in (Action.ASK, Action.HALT, Action.START_ANEW, Action.CANCEL), step
            self.erasures[erasure_id] = self.done(step.action, erasure, limits)
        raise AssertionError("an erasure never comes to an end")

    def done(self, action: Action, erasure: Erasure, limits) -> Erasure:
        match action:
            case Action.ANNOUNCE:
                return execution_rules.announce(erasure, self.id(), self.now, limits).erasure
            case Action.FENCE:
                assert not self.active
                self.begun = True
                return execution_rules.fence(erasure, self.now).erasure
            case Action.ORDER:
                ordered = execution_rules.order(erasure, PARTICIPANTS, self.now).erasure
                for name in PARTICIPANTS:
                    ordered = execution_rules.record_answer(ordered, name, Answer(outcome=Outcome.DONE)).erasure
                return ordered
            case Action.DESTROY:
                return execution_rules.destroy(erasure, ["a" * 16], self.now).erasure
            case _:
                assert action is Action.CERTIFY
                self.erased_at = self.now
                return execution_rules.certify(erasure, self.now).erasure

    # ── what must hold at every moment ────────────────────────────────────────────────────────────────────

    def running(self) -> list[Erasure]:
        return [each for each in self.erasures.values() if each.state in REVOCABLE]

    @invariant()
    def an_active_account_has_no_clock_and_an_inactive_one_exactly_one_with_the_date_that_was_promised(self):
        if self.erased_at is not None:
            return
        if self.active:
            assert self.running() == []
            return
        (only,) = self.running()
        assert (only.due_on, only.trigger) == (self.promised, self.why)

    @invariant()
    def nobody_is_erased_who_is_active_or_before_midnight_in_oslo_of_the_date(self):
        certified = [each for each in self.erasures.values() if each.state is State.CERTIFIED]
        assert len(certified) == (self.erased_at is not None)
        for each in certified:
            assert not self.active
            assert self.erased_at >= calendar.start_of_day_oslo(self.promised)
            assert (each.due_on, each.trigger) == (self.promised, self.why)

    @invariant()
    def an_active_account_that_is_under_notice_is_told_no_other_end_than_that_it_was_given(self):
        if self.notice is not None and self.active:
            assert (self.notice.ends_on + timedelta(days=1)).day == 1
            assert self.notice.ends_on > self.notice.noticed_on


TestAccount = Account.TestCase
TestAccount.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestAccount.pytestmark = [pytest.mark.clause("ERASE-1", "ERASE-2", "ERASE-4")]


def test_the_machine_reaches_every_kind_of_end():
    """A machine that never erases anything would prove nothing."""
    for leave, trigger in (
        ("inactivate", Trigger.ACCOUNT_INACTIVATED),
        ("terminate", Trigger.CONTRACT_TERMINATED),
        ("ask", Trigger.EARLY_REQUEST),
    ):
        one = Account()
        one.sign_up(datetime(2026, 12, 10, 11, tzinfo=UTC))
        if leave == "inactivate":
            one.inactivate()
        else:
            one.give_notice(1, 0)
            one.time_passes(timedelta(days=5 if leave == "ask" else 53))
            one.ask_for_early_erasure() if leave == "ask" else one.end_contract()
        early = replace(one.running()[0], trigger=trigger)
        assert early == one.running()[0]
        one.carry_out()
        if trigger is not Trigger.EARLY_REQUEST:
            assert one.erased_at is None
            one.now = calendar.start_of_day_oslo(one.promised)
            one.carry_out()
        assert one.erased_at == one.now
        one.nobody_is_erased_who_is_active_or_before_midnight_in_oslo_of_the_date()
