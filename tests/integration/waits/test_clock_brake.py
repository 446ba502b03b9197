"""A clock that has jumped reaches nothing that cannot be undone, until a person confirms it with two facts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.bus import clock_jump_brake, discovery
from shared.bus.clock_jump_brake import ClockBrake
from shared.bus.declarations import EverySpec, specifications
from shared.clock import Clock
from shared.database import Database
from shared.errors import Conflict
from shared.wait_bounds import BACKWARD, FORWARD, has_jumped

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ABSURD = datetime(2083, 1, 1, tzinfo=UTC)
# What was decided in a case is told, not destroyed: it does not wait for a clock that somebody confirms.
DESTROYS = re.compile(r"forget|destroy|close|end_|purge|carry_out(?!_effects)|plan_run|finish|reconcile")


class Machine(Clock):
    """A machine whose own clock is set by hand."""

    def __init__(self, at):
        super().__init__(None, environment="production")
        self.at = at

    def unmoved(self):
        return self.at


@pytest.fixture
def database(databases):
    kept = Database(databases.dsn("retention"), source="retention", size=2)
    kept.open(wait_seconds=10)
    with kept.transaction() as tx:
        tx.run("UPDATE clock_mark SET seen_at = NULL, stopped_at = NULL")
    yield kept
    kept.close()


def test_what_destroys_is_declared_so() -> None:
    unmarked = [
        f"{service.name}.{name}"
        for service in discovery.services()
        for name, spec in specifications(service)
        if isinstance(spec, EverySpec) and DESTROYS.search(name) and not spec.irreversible
    ]
    assert unmarked == []


@pytest.mark.parametrize(
    ("after", "jumped"),
    [
        (timedelta(), False),
        (FORWARD, False),
        (FORWARD + timedelta(seconds=1), True),
        (-BACKWARD, False),
        (-BACKWARD - timedelta(seconds=1), True),
        (ABSURD - NOW, True),
    ],
)
def test_how_far_a_clock_may_go_between_two_looks(after, jumped) -> None:
    assert has_jumped(NOW, NOW + after) is jumped
    assert has_jumped(None, NOW + after) is False


@pytest.mark.parametrize("absurd", [ABSURD, NOW - timedelta(days=4000)])
def test_one_look_at_an_absurd_clock_stops_it_until_a_person_confirms(database, absurd) -> None:
    machine, done = Machine(NOW), []
    work = ClockBrake(database, machine).guarded(lambda: done.append(machine.at))
    work()
    assert done == [NOW]
    machine.at = absurd
    work()
    machine.at = NOW + timedelta(minutes=1)  # right again, and nobody has looked yet
    ClockBrake(database, machine).guarded(lambda: done.append(machine.at))()
    assert done == [NOW]
    with database.transaction() as tx:
        told = clock_jump_brake.stopped(tx)
    assert told is not None
    assert told.since == absurd

    for last_ran, today in ((date(2026, 11, 28), date(2026, 11, 29)), (date(2026, 11, 29), date(2026, 11, 30))):
        with pytest.raises(Conflict), database.transaction() as tx:
            clock_jump_brake.release(tx, machine, last_ran=last_ran, today=today)
    with database.transaction() as tx:
        clock_jump_brake.release(tx, machine, last_ran=date(2026, 11, 29), today=date(2026, 11, 29))
        assert clock_jump_brake.stopped(tx) is None
    work()
    assert done == [NOW, machine.at]
    with pytest.raises(Conflict), database.transaction() as tx:
        clock_jump_brake.release(tx, machine, last_ran=date(2026, 11, 29), today=date(2026, 11, 29))


def test_that_the_service_runs_on_is_no_change_and_that_it_is_stopped_is_one(database) -> None:
    machine, changes = Machine(NOW), []
    database.on_change(lambda: changes.append(machine.at))
    brake = ClockBrake(database, machine)
    assert brake.may_destroy()
    machine.at = NOW + clock_jump_brake.NOTE_EVERY
    assert brake.may_destroy()
    with database.transaction() as tx:
        assert tx.one(clock_jump_brake.Q.mark)["seen_at"] == machine.at
    assert changes == []
    machine.at = ABSURD
    assert not brake.may_destroy()
    assert changes == [ABSURD]


def test_a_clock_that_a_demo_moved_is_no_jump(database, tmp_path) -> None:
    demo, done = Clock(tmp_path, environment="demo"), []
    work = ClockBrake(database, demo).guarded(lambda: done.append(demo.now()))
    work()
    demo.move(timedelta(days=100))
    work()
    assert len(done) == 2
    assert done[1] - done[0] >= timedelta(days=100)
