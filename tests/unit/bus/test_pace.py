"""Works done on time rest while their process changes nothing, and no longer than a few seconds."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.pace import GROWTH, MOVED_SECONDS, REST_SECONDS, SPREAD, Pace, longer
from shared.clock import Clock

if TYPE_CHECKING:
    from pathlib import Path

OWN = st.floats(min_value=0.05, max_value=7200)


@given(OWN, st.integers(min_value=0, max_value=100))
def test_pauses_grow_to_the_bound_and_are_never_shorter_than_the_works_own(own: float, rounds: int) -> None:
    pause = own
    for _ in range(rounds):
        before, pause = pause, longer(pause, own)
        assert own <= pause <= max(own, REST_SECONDS)
        assert pause >= before
        assert pause <= max(own, before * GROWTH)


@given(OWN)
def test_whoever_rests_long_enough_rests_as_long_as_may_be(own: float) -> None:
    pause = own
    for _ in range(30):
        pause = longer(pause, own)
    assert pause == max(own, REST_SECONDS)


def rested(pace: Pace, before: int, seconds: float) -> float:
    began = time.monotonic()
    pace.rest(before, seconds)
    return time.monotonic() - began


def test_a_change_that_came_before_the_rest_leaves_none() -> None:
    pace = Pace(Clock())
    before = pace.changes
    pace.note_change()
    assert rested(pace, before, 60) < 1


def test_a_change_ends_the_rest_of_all() -> None:
    pace = Pace(Clock())
    took: list[float] = []
    resting = [threading.Thread(target=lambda: took.append(rested(pace, 0, 60))) for _ in range(3)]
    for thread in resting:
        thread.start()
    pace.note_change()
    for thread in resting:
        thread.join(5)
    assert len(took) == 3
    assert max(took) < 5


def until_the_round(pace: Pace, own: float, pause: float, before: int = 0) -> float:
    began = time.monotonic()
    pace.wait_for_round(own, pause, before, ending=threading.Event())
    return time.monotonic() - began


def test_without_a_change_the_next_round_comes_after_the_rest_or_somewhat_earlier() -> None:
    assert 0.2 + (1 - SPREAD) * 0.3 <= until_the_round(Pace(Clock()), 0.2, 0.5) < 5


def test_after_a_change_the_next_round_comes_as_soon_as_the_works_own_pause_is_over() -> None:
    pace = Pace(Clock())
    threading.Timer(0.05, pace.note_change).start()
    assert 0.3 <= until_the_round(pace, 0.3, 60) < 5
    began = time.monotonic()
    threading.Timer(0.3, pace.note_change).start()
    assert until_the_round(pace, 0.05, 60, pace.changes) < 5
    assert time.monotonic() - began >= 0.3


def test_where_the_clock_is_moved_by_the_works_own_pause_nobody_rests_for_longer(tmp_path: Path) -> None:
    clock, other = Clock(tmp_path, environment="demo"), Clock(tmp_path, environment="demo")
    pace, took = Pace(clock), []
    resting = threading.Thread(target=lambda: took.append(until_the_round(pace, 30, 60)))
    resting.start()
    other.move(timedelta(seconds=31))
    time.sleep(0.11)  # so long a process may keep what it read of the clock
    pace.look_at_clock()
    resting.join(5)
    assert took
    assert took[0] < 5


def test_a_work_that_rests_ends_when_it_is_told_to() -> None:
    pace, ending = Pace(Clock()), threading.Event()
    resting = threading.Thread(target=pace.wait_for_round, args=(30, 60, 0), kwargs={"ending": ending})
    resting.start()
    ending.set()
    pace.note_end()
    resting.join(5)
    assert not resting.is_alive()


def waited(pace: Pace, seconds: float, ending: threading.Event) -> float:
    began = time.monotonic()
    pace.wait(seconds, ending=ending)
    return time.monotonic() - began


def test_a_change_does_not_end_the_pause_of_a_work_between_its_rounds() -> None:
    pace = Pace(Clock())
    threading.Timer(0.05, pace.note_change).start()
    assert 0.2 <= waited(pace, 0.2, threading.Event()) < 5


def test_a_work_that_is_to_end_does_not_wait_and_others_do() -> None:
    pace, ending = Pace(Clock()), threading.Event()
    ending.set()
    assert waited(pace, 60, ending) < 1
    threading.Timer(0.05, pace.note_end).start()
    assert 0.2 <= waited(pace, 0.2, threading.Event()) < 5


def test_a_work_that_waits_ends_when_it_is_told_to() -> None:
    pace, ending = Pace(Clock()), threading.Event()

    def end() -> None:
        ending.set()
        pace.note_end()

    threading.Timer(0.05, end).start()
    assert waited(pace, 60, ending) < 5


@pytest.mark.parametrize(("moved_by", "waits"), [(timedelta(days=90), False), (timedelta(minutes=59), True)])
def test_what_is_done_every_hour_is_done_where_the_clock_was_moved_by_one(
    tmp_path: Path, moved_by: timedelta, waits: bool
) -> None:
    clock, other = Clock(tmp_path, environment="demo"), Clock(tmp_path, environment="demo")
    pace, ending = Pace(clock), threading.Event()
    working = threading.Thread(target=pace.wait, args=(3600,), kwargs={"ending": ending})
    working.start()
    other.move(moved_by)
    time.sleep(0.11)  # so long a process may keep what it read of the clock
    pace.look_at_clock()
    working.join(1 if waits else MOVED_SECONDS + 5)
    assert working.is_alive() is waits
    ending.set()
    pace.note_end()
    working.join(5)
    assert not working.is_alive()


def test_a_moved_clock_is_a_change(tmp_path: Path) -> None:
    clock, other = Clock(tmp_path, environment="demo"), Clock(tmp_path, environment="demo")
    pace = Pace(clock)
    pace.look_at_clock()
    assert pace.changes == 0
    other.move(timedelta(days=90))
    time.sleep(0.11)  # so long a process may keep what it read of the clock
    pace.look_at_clock()
    assert pace.changes == 1
    pace.look_at_clock()
    assert pace.changes == 1
