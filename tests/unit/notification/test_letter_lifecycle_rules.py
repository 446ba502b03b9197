"""The life of a letter: its place in the line, its states, what they mean."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.last_letters.rules import farewell_outcome
from services.notification.letter_lifecycle.events import (
    NotificationDelivered,
    NotificationFailed,
    NotificationSent,
)
from services.notification.letter_lifecycle.rules import (
    NO_FAILURE,
    advance,
    announced,
    becomes_a_task,
    fair_place,
    on_unknown,
    retry_at,
)
from services.notification.letter_lifecycle.values import GiveUp, Renew, State, Wait
from services.notification.letters.kinds import KINDS, LETTERS
from services.notification.letters.values import LetterClass, LetterKind
from services.notification.mailgun.values import Signal
from tests.unit.notification.letter_samples import NOW, letter

pytestmark = pytest.mark.unit

SIGNALS = [signal for signal in Signal if signal is not Signal.UNSUBSCRIBED]


def test_a_flood_stands_behind_a_single_letter_that_came_later() -> None:
    hundredth = fair_place(NOW, 100)
    later_single = fair_place(NOW + timedelta(seconds=5), 0)
    assert later_single < hundredth


@given(attempts=st.integers(1, 60), chance=st.floats(0, 1, exclude_max=True))
def test_waiting_grows_and_has_an_end(attempts: int, chance: float) -> None:
    wait = (retry_at(NOW, attempts, chance) - NOW).total_seconds()
    assert 1 <= wait <= 900
    assert wait <= max(1, 15 * 2 ** (attempts - 1))


def test_waiting_is_spread_over_the_whole_span() -> None:
    assert retry_at(NOW, 3, 0.0) == NOW + timedelta(seconds=1)
    assert retry_at(NOW, 3, 0.5) == NOW + timedelta(seconds=30)


def test_an_important_letter_without_an_answer_is_asked_for_and_not_sent_again() -> None:
    decision = on_unknown(LETTERS["user_reminder"], letter(), NOW)
    assert decision == Wait(NOW + timedelta(minutes=1))


def test_a_letter_with_a_code_is_sent_again_at_once_with_a_new_one() -> None:
    kind = LETTERS["password_reset"]
    assert on_unknown(kind, letter("password_reset"), NOW) == Renew()


@pytest.mark.parametrize("changes", [{"renewal": 3}, {"expires_at": NOW}])
def test_a_letter_with_a_code_is_renewed_three_times_and_not_when_too_old(changes) -> None:
    kind = LETTERS["password_reset"]
    assert on_unknown(kind, letter("password_reset", **changes), NOW) == GiveUp("outcome_unknown")


@given(start=st.sampled_from(State), signals=st.lists(st.sampled_from(Signal), max_size=5), seed=st.randoms())
def test_the_end_is_the_same_in_whatever_order_signals_come_and_however_often(start, signals, seed) -> None:
    def end(order):
        state = start
        for signal in order:
            state = advance(state, signal)
        return state

    shuffled = signals + signals[:2]
    seed.shuffle(shuffled)
    assert end(signals) is end(shuffled)


@pytest.mark.parametrize(
    ("signals", "end"),
    [
        ([Signal.ACCEPTED], State.SENT),
        ([Signal.DELIVERED, Signal.ACCEPTED], State.DELIVERED),
        ([Signal.DELIVERED, Signal.DEFERRED], State.DELIVERED),
        ([Signal.DELIVERED, Signal.BOUNCED], State.BOUNCED),
        ([Signal.BOUNCED, Signal.DELIVERED], State.BOUNCED),
        ([Signal.REJECTED], State.BOUNCED),
        ([Signal.DELIVERED, Signal.COMPLAINED], State.COMPLAINED),
        ([Signal.UNSUBSCRIBED], State.UNKNOWN),
    ],
)
def test_a_bounce_may_come_late_and_takes_back_a_delivery(signals, end) -> None:
    state = State.UNKNOWN
    for signal in signals:
        state = advance(state, signal)
    assert state is end


def test_a_signal_finds_letters_we_had_given_up() -> None:
    assert advance(State.ABANDONED, Signal.DELIVERED) is State.DELIVERED


def test_every_step_tells_each_fact_once() -> None:
    assert announced(State.SENDING, State.SENT) == (NotificationSent,)
    assert announced(State.SENT, State.DELIVERED) == (NotificationDelivered,)
    assert announced(State.UNKNOWN, State.DELIVERED) == (NotificationSent, NotificationDelivered)
    assert announced(State.SENDING, State.BOUNCED) == (NotificationSent, NotificationFailed)
    assert announced(State.DELIVERED, State.BOUNCED) == (NotificationFailed,)
    assert announced(State.SENDING, State.ABANDONED) == (NotificationFailed,)
    assert announced(State.DELIVERED, State.COMPLAINED) == ()
    for state in State:
        assert announced(state, state) == ()


def test_no_fact_is_told_twice_on_any_way_through_the_signals() -> None:
    for order in itertools.permutations(SIGNALS, 4):
        state, told = State.SENDING, []
        for signal in order:
            after = advance(state, signal)
            told += announced(state, after)
            state = after
        assert len(told) == len(set(told))


@pytest.mark.clause("ERASE-1", "MAIL-4")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_a_legal_letter_that_cannot_go_becomes_a_persons_task(kind: LetterKind) -> None:
    legal = kind.letter_class is LetterClass.LEGAL and not (kind.farewell or kind.tells_breach)
    for reason in ("bounced", "suppressed_bounce", "suppressed_complaint", "expired", "address_refused"):
        assert becomes_a_task(kind, reason) is legal
    assert [reason for reason in NO_FAILURE if becomes_a_task(kind, reason)] == []


@pytest.mark.clause("FORGET-2")
def test_a_farewell_is_told_as_sent_when_one_letter_left() -> None:
    assert farewell_outcome([State.ABANDONED, State.SENT]) is None
    assert farewell_outcome([State.DELIVERED]) is None
    assert farewell_outcome([State.ABANDONED]) == "given_up"
    assert farewell_outcome([]) == "no_recipient"
