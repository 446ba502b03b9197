"""What becomes of a message whose handling failed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus import wire
from shared.bus.retry import (
    ATTEMPTS_LIMIT,
    LONGEST_PAUSE_SECONDS,
    GrowingPause,
    Park,
    Postpone,
    decide,
    reason_of,
    stack_hash,
)
from shared.errors import DeadlineExceeded, NotFound, Permanent, Transient
from shared.events import EventError, UnknownVersionError

pytestmark = pytest.mark.unit

FOR_NOW = (Transient("x"), DeadlineExceeded("x"), ValueError("x"), NotFound("x"), SystemExit(1))
FOR_GOOD = (Permanent("x"), EventError("x"), UnknownVersionError("x"), wire.Undecodable("not_json"))


@pytest.mark.parametrize("error", FOR_GOOD)
def test_what_will_fail_again_is_parked_at_once(error: Exception) -> None:
    assert isinstance(decide(error, attempt=1), Park)


@pytest.mark.parametrize("error", FOR_NOW)
def test_what_may_succeed_later_waits_five_seconds_first(error: BaseException) -> None:
    assert decide(error, attempt=1) == Postpone(tier=wire.Tier(seconds=5), attempt=2)


def test_the_pauses_grow_to_an_hour_and_end_at_the_eighth_attempt() -> None:
    decisions = [decide(Transient("x"), attempt=attempt) for attempt in range(1, ATTEMPTS_LIMIT + 1)]
    waits = [d.tier.seconds for d in decisions if isinstance(d, Postpone)]
    assert waits == [5, 30, 120, 600, 3600, 3600, 3600]
    assert isinstance(decisions[-1], Park)


@given(attempt=st.integers(min_value=1, max_value=10_000))
def test_every_failure_is_either_postponed_to_the_next_attempt_or_parked(attempt: int) -> None:
    decision = decide(Transient("x"), attempt=attempt)
    assert isinstance(decision, Park) == (attempt >= ATTEMPTS_LIMIT)
    if isinstance(decision, Postpone):
        assert decision.attempt == attempt + 1


def test_the_reason_repeats_our_own_words_and_nobody_elses() -> None:
    assert reason_of(Permanent("field mood is missing")) == "field mood is missing"
    assert reason_of(ValueError("Ola Nordmann")) == "unexpected ValueError"
    assert "Ola" not in decide(ValueError("Ola Nordmann"), attempt=ATTEMPTS_LIMIT).reason  # type: ignore[union-attr]


def failing(text: str) -> BaseException:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


def test_failures_at_one_place_are_of_one_group_whatever_they_said() -> None:
    assert stack_hash(failing("one")) == stack_hash(failing("another"))
    assert stack_hash(failing("one")) != stack_hash(ValueError("one"))


def test_a_pause_grows_up_to_half_a_minute_and_starts_again_when_all_is_well() -> None:
    pause = GrowingPause()
    seconds = [pause.next_seconds() for _ in range(10)]
    assert seconds[:3] == [0.5, 1.0, 2.0]
    assert seconds[-1] == LONGEST_PAUSE_SECONDS
    pause.reset()
    assert pause.next_seconds() == 0.5
