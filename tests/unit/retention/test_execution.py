"""The course of an erasure: one step after another, none skipped, none too early."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from uuid import UUID

import erasures as e
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.retention.clocks import rules as clock_rules
from services.retention.erasure import due_dates
from services.retention.erasure import rules as erasure_rules
from services.retention.erasure.values import Answer, Cancellation, Move, Outcome, State
from services.retention.execution import rules as execution_rules
from services.retention.execution.events import (
    AccountErased,
    ErasureAnnounced,
    ErasureHalted,
    ErasureReleased,
    UserErased,
)
from services.retention.execution.values import Action, Step
from services.retention.monitoring import rules as monitoring_rules
from shared.participation.events import ErasureOrdered
from shared.terms import enforced_by

pytestmark = pytest.mark.unit

RUN = UUID(int=0x40)
DAY = timedelta(days=1)


def step(erasure, now, standing=None):
    return execution_rules.next_step(erasure, standing, now, e.LIMITS)


class TestNextStep:
    def test_before_its_date_an_erasure_waits_for_midnight_in_oslo(self):
        found = step(e.scheduled(), e.DUE - e.HOUR)
        assert (found.action, found.until) == (Action.WAIT, e.DUE)

    @pytest.mark.parametrize(
        ("standing", "action"),
        [
            (None, Action.ASK),
            (e.inactive(e.DUE), Action.ANNOUNCE),
            (e.active(e.DUE), Action.CANCEL),
            (e.inactive(e.DUE, e.oslo(2027, 2, 10, 9, 0)), Action.START_ANEW),
            (e.unknown(e.DUE), Action.HALT),
        ],
    )
    def test_on_its_date_the_standing_decides(self, standing, action):
        assert step(e.scheduled(), e.DUE, standing).action is action

    def test_the_last_letter_is_waited_for_but_not_for_ever(self):
        erasure = e.announced()
        found = step(erasure, e.DUE + e.HOUR, e.inactive(e.DUE + e.HOUR))
        assert (found.action, found.until) == (Action.WAIT, e.DUE + DAY)
        assert step(erasure, e.DUE + DAY, e.inactive(e.DUE + DAY)).action is Action.FENCE

    def test_with_the_letter_settled_the_standing_decides_once_more(self):
        erasure, now = execution_rules.letter_settled(e.announced()).erasure, e.DUE + e.HOUR
        assert step(erasure, now).action is Action.ASK
        assert step(erasure, now, e.active(now)).action is Action.CANCEL
        assert step(erasure, now, e.inactive(now)).action is Action.FENCE

    @pytest.mark.parametrize(
        ("make", "action"),
        [
            (e.halted, Action.WAIT),
            (e.fenced, Action.ORDER),
            (e.destroyed, Action.CERTIFY),
            (e.certified, Action.NOTHING),
            (e.cancelled, Action.NOTHING),
        ],
    )
    def test_elsewhere_the_state_alone_decides(self, make, action):
        assert step(make(), e.DUE + DAY) == Step(action=action)

    def test_the_participants_have_their_time_and_are_then_asked_again(self):
        erasure = e.ordered()
        waiting = step(erasure, e.DUE + e.HOUR)
        assert (waiting.action, waiting.until) == (Action.WAIT, e.DUE + e.HOUR + DAY)
        assert step(erasure, e.DUE + e.HOUR + DAY).action is Action.ORDER

    def test_the_keys_are_destroyed_as_soon_as_all_have_confirmed(self):
        assert step(e.answered(e.ordered()), e.DUE + e.HOUR).action is Action.DESTROY

    @pytest.mark.parametrize("missing", e.PARTICIPANTS)
    def test_and_not_while_one_of_them_has_not(self, missing):
        names = [name for name in e.PARTICIPANTS if name != missing]
        assert step(e.answered(e.ordered(), e.DONE, *names), e.DUE + 2 * e.HOUR).action is Action.WAIT


class TestMoves:
    def test_the_announcement_names_certificate_and_the_end_of_the_last_copies(self):
        move = execution_rules.announce(e.scheduled(), e.CERTIFICATE, e.DUE, e.LIMITS)
        assert move.events == (
            ErasureAnnounced(
                erasure_id=UUID(int=1),
                account_id=e.ACCOUNT,
                user_id=None,
                certificate_id=e.CERTIFICATE,
                backups_expire_on=date(2027, 4, 6),
                trigger="account_inactivated",
            ),
        )

    def test_announced_again_after_a_halt_it_keeps_its_certificate_id(self):
        halted = execution_rules.halt(e.announced(), e.DUE + e.HOUR).erasure
        again = execution_rules.announce(
            execution_rules.release(halted, e.DUE + DAY).erasure, UUID(int=99), e.DUE + DAY, e.LIMITS
        )
        assert again.erasure.certificate_id == e.CERTIFICATE
        assert again.events[0].certificate_id == e.CERTIFICATE
        assert again.erasure.letter_done is False

    def test_each_order_counts_on_and_the_first_fixes_who_must_confirm(self):
        first = execution_rules.order(e.fenced(), e.PARTICIPANTS, e.DUE)
        second = execution_rules.order(first.erasure, ("account", "newcomer"), e.DUE + DAY)
        assert [move.events[0] for move in (first, second)] == [
            ErasureOrdered(erasure_id=UUID(int=1), account_id=e.ACCOUNT, user_id=None, attempt=attempt)
            for attempt in (1, 2)
        ]
        assert second.erasure.participants == e.PARTICIPANTS
        assert second.erasure.ordered_at == e.DUE + DAY
        assert second.erasure.entered_at == first.erasure.entered_at

    def test_an_erasure_without_participants_is_refused(self):
        with pytest.raises(ValueError, match="nobody"):
            execution_rules.order(e.fenced(), (), e.DUE)

    def test_a_failure_does_not_count_as_done_and_the_next_attempt_may_still_succeed(self):
        failed = e.answered(e.ordered(), e.FAILED, "audit")
        assert "audit" in failed.unconfirmed
        assert "audit" not in e.answered(failed, e.DONE, "audit").unconfirmed

    def test_done_is_final(self):
        done = e.answered(e.ordered(), e.DONE, "audit")
        empty = Answer(outcome=Outcome.DONE, counts={"row": 0})
        for later in (e.FAILED, empty):
            assert e.answered(done, later, "audit") == done

    def test_keeping_what_may_not_be_kept_is_not_done(self):
        kept = Answer(outcome=Outcome.DONE, retained=("tripletex_bookkeeping",))
        too_much = Answer(outcome=Outcome.DONE, retained=("tripletex_bookkeeping", "address_book"))
        assert "billing-sync" not in e.answered(e.ordered(), kept, "billing-sync").unconfirmed
        erasure = e.answered(e.ordered(), too_much, "billing-sync")
        assert "billing-sync" in erasure.unconfirmed
        assert erasure.answers["billing-sync"].outcome is Outcome.FAILED

    def test_a_service_that_was_not_asked_is_not_heard(self):
        with pytest.raises(erasure_rules.UnknownParticipantError, match="newcomer"):
            execution_rules.record_answer(e.ordered(), "newcomer", e.DONE)

    @pytest.mark.parametrize("make", [e.destroyed, e.certified])
    def test_a_late_repetition_changes_nothing(self, make):
        assert execution_rules.record_answer(make(), "audit", e.FAILED).erasure == make()

    @pytest.mark.parametrize("missing", e.PARTICIPANTS)
    def test_keys_cannot_be_destroyed_before_everybody_has_confirmed(self, missing):
        names = [name for name in e.PARTICIPANTS if name != missing]
        erasure = e.answered(e.answered(e.ordered(), e.DONE, *names), e.FAILED, missing)
        with pytest.raises(erasure_rules.WrongStateError, match=missing):
            execution_rules.destroy(erasure, e.FINGERPRINTS, e.DUE)

    def test_without_a_certificate_id_nothing_is_called_erased(self):
        with pytest.raises(erasure_rules.WrongStateError, match="certificate id"):
            execution_rules.certify(dataclasses.replace(e.destroyed(), certificate_id=None), e.DUE)

    def test_before_the_order_nobody_was_asked(self):
        with pytest.raises(ValueError, match="not been asked"):
            _ = e.fenced().asked_at

    def test_the_world_hears_erased_only_with_the_certificate(self):
        assert execution_rules.certify(e.destroyed(), e.DUE).events == (
            AccountErased(account_id=e.ACCOUNT, certificate_id=e.CERTIFICATE),
        )
        assert execution_rules.certify(e.destroyed(e.PERSON), e.DUE).events == (
            UserErased(account_id=e.ACCOUNT, user_id=e.USER, certificate_id=e.CERTIFICATE),
        )

    @pytest.mark.parametrize(
        ("move", "allowed"),
        [
            (
                lambda x: erasure_rules.cancel(x, Cancellation.REACTIVATED, e.DUE),
                {e.scheduled, e.halted, e.announced},
            ),
            (lambda x: execution_rules.halt(x, e.DUE), {e.scheduled, e.announced}),
            (lambda x: execution_rules.release(x, e.DUE), {e.halted}),
            (lambda x: execution_rules.announce(x, e.CERTIFICATE, e.DUE, e.LIMITS), {e.scheduled}),
            (lambda x: execution_rules.fence(x, e.DUE), {e.announced}),
            (lambda x: execution_rules.order(x, e.PARTICIPANTS, e.DUE), {e.fenced, e.ordered}),
            (lambda x: execution_rules.destroy(x, e.FINGERPRINTS, e.DUE), set()),
            (lambda x: execution_rules.certify(x, e.DUE), {e.destroyed}),
        ],
        ids=["cancel", "halt", "release", "announce", "fence", "order", "destroy", "certify"],
    )
    def test_each_move_is_possible_from_its_own_states_and_from_no_other(self, move, allowed):
        possible = set()
        for make in e.IN_EVERY_STATE:
            try:
                move(make())
            except erasure_rules.WrongStateError:
                continue
            possible.add(make)
        assert possible == allowed

    def test_a_letter_settled_after_the_fence_changes_nothing(self):
        assert execution_rules.letter_settled(e.fenced()).erasure == e.fenced()
        assert execution_rules.letter_settled(e.announced()).erasure.letter_done


class TestProgress:
    def test_each_participant_is_shown_as_it_is(self):
        erasure = e.answered(e.answered(e.ordered(), e.DONE, "account"), e.FAILED, "audit")
        assert monitoring_rules.progress(erasure, e.DUE + e.HOUR, e.LIMITS) == {
            "account": "done",
            "notification": "waiting",
            "billing-sync": "waiting",
            "audit": "failed",
            "cases": "waiting",
            "registers": "waiting",
        }

    def test_after_the_limit_whoever_is_missing_is_overdue_and_stays_so_when_asked_again(self):
        erasure = e.answered(e.ordered(), e.DONE, "account", "notification", "billing-sync")
        late = e.DUE + e.HOUR + DAY
        assert monitoring_rules.progress(erasure, late - e.HOUR, e.LIMITS)["audit"] == "waiting"
        assert monitoring_rules.progress(erasure, late, e.LIMITS)["audit"] == "overdue"
        again = execution_rules.order(erasure, e.PARTICIPANTS, late).erasure
        assert monitoring_rules.progress(again, late, e.LIMITS)["audit"] == "overdue"
        assert monitoring_rules.progress(e.answered(again), late, e.LIMITS)["audit"] == "done"

    def test_before_anybody_was_asked_there_is_nothing_to_show(self):
        assert monitoring_rules.progress(e.fenced(), e.DUE, e.LIMITS) == {}

    def test_an_erasure_is_late_when_seven_days_have_passed_without_a_certificate(self):
        last = e.oslo(2027, 3, 7, 23, 59)
        assert not monitoring_rules.is_late(e.ordered(), last, e.LIMITS)
        assert monitoring_rules.is_late(e.ordered(), last + timedelta(minutes=1), e.LIMITS)
        assert monitoring_rules.is_late(e.halted(), last + DAY, e.LIMITS)
        assert not monitoring_rules.is_late(e.certified(), last + DAY, e.LIMITS)
        assert not monitoring_rules.is_late(e.cancelled(), last + DAY, e.LIMITS)


class TestBrake:
    def due(self, count):
        return [e.scheduled(number=number) for number in range(1, count + 1)]

    def plan(self, due, already_there=0):
        return execution_rules.brake(due, already_there=already_there, run_id=RUN, now=e.DUE, limits=e.LIMITS)

    def test_up_to_the_limit_all_of_them_begin(self):
        due = self.due(25)
        found = self.plan(due)
        assert (found.begin, found.halt, found.events) == (tuple(due), (), ())

    def test_one_more_and_none_begins(self):
        found = self.plan(self.due(26))
        assert found.begin == ()
        assert [move.erasure.state for move in found.halt] == [State.HALTED] * 26
        assert found.events == (ErasureHalted(run_id=RUN, count=26, limit=25),)

    def test_those_that_wait_for_a_person_count_as_well(self):
        assert len(self.plan(self.due(1), already_there=25).halt) == 1
        assert len(self.plan(self.due(1), already_there=24).begin) == 1

    def test_what_a_person_released_goes_even_when_the_rest_is_halted(self):
        released = execution_rules.release(e.halted(), e.DUE).erasure
        found = self.plan([released, *self.due(26)])
        assert found.begin == (released,)
        assert len(found.halt) == 26

    def test_each_release_is_told_by_itself(self):
        (told,) = execution_rules.release(e.halted(), e.DUE).events
        assert told == ErasureReleased(erasure_id=e.halted().id, account_id=e.ACCOUNT, user_id=None)

    def test_a_run_of_released_ones_only_says_nothing_of_a_halt(self):
        released = execution_rules.release(e.halted(), e.DUE).erasure
        assert self.plan([released], already_there=100).begin == (released,)
        assert self.plan([released], already_there=100).events == ()

    def test_an_empty_run_begins_nothing_and_halts_nothing(self):
        found = self.plan([], already_there=100)
        assert (found.begin, found.halt, found.events) == ((), (), ())

    def test_only_what_waits_can_be_put_into_a_run(self):
        with pytest.raises(erasure_rules.WrongStateError):
            self.plan([e.ordered()])


class TestEveryRuleNamesItsClause:
    def test_all_public_functions_of_these_rooms_do(self):
        public = [
            value
            for room in (clock_rules, due_dates, execution_rules, monitoring_rules)
            for name, value in vars(room).items()
            if not name.startswith("_") and callable(value) and value.__module__ == room.__name__
        ]
        functions = [value for value in public if not isinstance(value, type)]
        assert len(functions) > 15
        assert [function.__name__ for function in functions if not enforced_by(function)] == []


def follow(erasure, now, standing, confirms):
    """Do what the rules ask, once; `confirms` are the participants that answer the next order."""

    def order():
        move = execution_rules.order(erasure, e.PARTICIPANTS, now)
        return Move(e.answered(move.erasure, e.DONE, *confirms) if confirms else move.erasure, move.events)

    moves = {
        Action.ANNOUNCE: lambda: execution_rules.announce(erasure, e.CERTIFICATE, now, e.LIMITS),
        Action.FENCE: lambda: execution_rules.fence(erasure, now),
        Action.ORDER: order,
        Action.DESTROY: lambda: execution_rules.destroy(erasure, e.FINGERPRINTS, now),
        Action.CERTIFY: lambda: execution_rules.certify(erasure, now),
        Action.CANCEL: lambda: erasure_rules.cancel(erasure, Cancellation.REACTIVATED, now),
        Action.HALT: lambda: execution_rules.halt(erasure, now),
    }
    return moves.get(step(erasure, now, standing).action, lambda: Move(erasure))()


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.integers(min_value=0, max_value=72),
            st.sampled_from(["inactive", "active", "unknown", "none"]),
            st.sets(st.sampled_from(e.PARTICIPANTS)),
            st.booleans(),
        ),
        max_size=25,
    )
)
def test_whatever_happens_nobody_is_called_erased_before_all_have_confirmed_nor_called_off_after_the_fence(course):
    erasure, now, confirmed, irrevocable = e.scheduled(), e.DUE, set(), False
    for hours, word, confirms, letter in course:
        now += hours * e.HOUR
        standing = {"inactive": e.inactive, "active": e.active, "unknown": e.unknown, "none": lambda _: None}[word](
            now
        )
        if letter:
            erasure = execution_rules.letter_settled(erasure).erasure
        before = erasure
        move = follow(erasure, now, standing, sorted(confirms))
        erasure = move.erasure
        if before.state is State.FENCED or before.state is State.ORDERED:
            confirmed |= confirms if erasure.attempt > before.attempt else set()
        if erasure.state is State.FENCED:
            assert word == "inactive"
            irrevocable = True
        if irrevocable:
            assert erasure.state not in {State.CANCELLED, State.HALTED, State.SCHEDULED}
        if any(isinstance(event, AccountErased) for event in move.events):
            assert confirmed == set(e.PARTICIPANTS)
    if erasure.state in {State.DESTROYED, State.CERTIFIED}:
        assert confirmed == set(e.PARTICIPANTS)


def test_undisturbed_the_course_is_announced_fenced_ordered_destroyed_certified():
    erasure, states = e.scheduled(), []
    for _ in range(6):
        erasure = execution_rules.letter_settled(
            follow(erasure, e.DUE, e.inactive(e.DUE), e.PARTICIPANTS).erasure
        ).erasure
        states.append(erasure.state)
    assert states == [
        State.ANNOUNCED,
        State.FENCED,
        State.ORDERED,
        State.DESTROYED,
        State.CERTIFIED,
        State.CERTIFIED,
    ]
