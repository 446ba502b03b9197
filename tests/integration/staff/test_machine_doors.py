"""The doors of the machine itself: told, countersigned by two persons, and an alarm after a day until they are."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from services.retention.ledger.events import LedgerAccepted
from services.staff.machine_doors import noted
from services.staff.machine_doors.calls import CountersignDoor, ListMachineDoors
from services.staff.machine_doors.feature import MachineDoors
from services.staff.machine_doors.values import Door
from services.staff.service import first_administrators
from shared.bus.alarms import open_alarms
from shared.context import acting_as, current, working_in
from shared.errors import Conflict, Forbidden, NotFound
from shared.events import Code
from tests.in_process import ask, feature, hear, run, seen
from tests.integration.staff.staff_stage import SPENT_CODES
from tests.plugins.db_snapshot import SetBack
from tests.staff_statements import approval, statement_for
from tests.unit.privacy.ledger_samples import received

pytestmark = [pytest.mark.integration, pytest.mark.clause("STAFF-1")]

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def note(stage, door=Door.RESTORE):
    with stage.database.transaction() as tx:
        return feature(stage.service, MachineDoors).note(tx, door, stage.clock.now())


@contextmanager
def two(call, *, approved=True):
    """As one of two persons who have decided it, whom a statement names."""
    given = approval("kari", "ola") if approved else None
    statement = statement_for("staff", call.method, call.to_json(), approval=given)
    with working_in(replace(current(), actor="staff:ola", statement=statement)):
        yield given


def countersign(stage, use):
    call = CountersignDoor(use_id=use.id)
    with two(call) as given:
        return ask(stage.service, call), given


def uses(stage):
    return ask(stage.service, ListMachineDoors()).uses


def alarmed(stage):
    waiting = {each.spec.code: each.waiting for each in open_alarms((stage.service,))}
    return waiting.get("machine_doors_unseen")


def test_what_was_done_waits_for_two_persons_and_is_an_alarm_after_a_day(stage):
    use = note(stage)
    assert [(each.door, each.due_at, each.countersigned_at) for each in uses(stage)] == [
        ("restore", use.used_at + DAY, None)
    ]
    stage.clock.move(DAY)
    assert (alarmed(stage), seen(stage.service)["doors_unseen"]) == (None, 0)
    stage.clock.move(MINUTE)
    assert (alarmed(stage).count, alarmed(stage).since, seen(stage.service)["doors_unseen"]) == (1, use.used_at, 1)
    shown, given = countersign(stage, use)
    assert (shown.countersigned_at, shown.approval_id) == (stage.clock.now(), given.id)
    assert (alarmed(stage), seen(stage.service)["doors_unseen"]) == (None, 0)
    assert stage.events() == [
        ("machine_door.used", f"door/{use.id}", {"use_id": str(use.id), "door": "restore"}, "system"),
        (
            "machine_door.countersigned",
            f"door/{use.id}",
            {"use_id": str(use.id), "door": "restore", "approval_id": str(given.id)},
            "staff:ola",
        ),
    ]


def test_one_person_alone_countersigns_nothing_nor_does_anybody_twice(stage):
    use = note(stage)
    call = CountersignDoor(use_id=use.id)
    with two(call, approved=False), pytest.raises(Forbidden):
        ask(stage.service, call)
    with acting_as("staff:kari"), pytest.raises(Forbidden) as refused:
        ask(stage.service, call)
    assert refused.value.details == {"reason": "approval_missing"}
    with two(other := CountersignDoor(use_id=uuid4())), pytest.raises(NotFound):
        ask(stage.service, other)
    assert uses(stage)[0].countersigned_at is None
    _, given = countersign(stage, use)
    with two(call), pytest.raises(Conflict):
        ask(stage.service, call)
    assert uses(stage)[0].approval_id == given.id


def test_an_accepted_ledger_is_noted_once_however_often_it_is_heard(stage):
    event = LedgerAccepted(
        acceptance_id=uuid4(),
        by=Code("machine"),
        reason=Code("ledger_lost"),
        way=Code("new"),
        lost_after_position=3,
    )
    for _ in range(2):
        hear(stage.service, replace(received(event, at=stage.clock.now()), source="retention"))
    (use,) = uses(stage)
    assert (use.door, use.use_id, use.used_at) == ("ledger_accept", event.acceptance_id, stage.clock.now())
    assert len(stage.events()) == 1


def test_inviting_a_first_administrator_is_one(stage):
    door = first_administrators(stage.database, stage.clock, SPENT_CODES)
    door.invite("kari", course="introduction", trained_on=date(2026, 11, 23))
    assert [each.door for each in uses(stage)] == ["staff_invite"]
    with pytest.raises(Conflict):
        door.invite("ola", course="introduction", trained_on=date(2026, 11, 25))
    assert len(uses(stage)) == 1


def test_no_restore_makes_a_use_unseen_or_lets_it_be_seen_by_nobody(databases, stage, ledger):
    before = SetBack(databases.owner_dsn("staff"))
    seen_by_two, unseen = note(stage, Door.KEYS_ROTATE), note(stage, Door.BACKUP)
    _, given = countersign(stage, seen_by_two)
    assert ledger.write() == ["machine_door.used", "machine_door.used", "machine_door.countersigned"]
    before.restore()
    assert uses(stage) == ()
    ledger.open()
    ledger.open()
    assert [(each.use_id, each.door, each.approval_id) for each in uses(stage)] == [
        (unseen.id, "backup", None),
        (seen_by_two.id, "keys_rotate", given.id),
    ]
    assert stage.events() == []


def take_up(stage, folder):
    """As a process does that begins anew."""
    doors = MachineDoors(database=stage.database, clock=stage.clock, state_dir=folder)
    for _ in range(2):
        doors.take_up_noted()


def test_what_was_noted_before_it_was_done_is_taken_up_once_and_again_after_a_restore(databases, stage, tmp_path):
    take_up(stage, tmp_path)
    before = SetBack(databases.owner_dsn("staff"))
    noted.write(tmp_path, Door.RESTORE, stage.clock.now())
    take_up(stage, tmp_path)
    take_up(stage, tmp_path)
    (use,) = uses(stage)
    assert (use.door, use.used_at, use.countersigned_at) == ("restore", stage.clock.now(), None)
    (told,) = stage.rows("SELECT event_id FROM outbox")
    assert [actor for *_, actor in stage.events()] == ["system"]
    before.restore()
    assert uses(stage) == ()
    take_up(stage, tmp_path)
    assert [each.use_id for each in uses(stage)] == [use.use_id]
    assert stage.rows("SELECT event_id FROM outbox") == [told], "whoever heard it knows it"


def test_what_was_seen_is_kept_for_three_years_and_what_was_not_for_ever(stage):
    waiting, use = note(stage), note(stage)
    countersign(stage, use)
    stage.clock.at = stage.clock.at.replace(year=2029, month=11, day=30)
    run(stage.service, "forget_ended_records")
    assert len(uses(stage)) == 2
    stage.clock.at = stage.clock.at.replace(year=2029, month=12, day=2)
    run(stage.service, "forget_ended_records")
    assert [each.use_id for each in uses(stage)] == [waiting.id]


def test_a_list_that_is_cut_says_so(stage):
    for _ in range(3):
        note(stage)
    assert ask(stage.service, ListMachineDoors(limit=3)).complete
    cut = ask(stage.service, ListMachineDoors(limit=2))
    assert (len(cut.uses), cut.complete) == (2, False)
