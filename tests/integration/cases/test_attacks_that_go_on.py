"""An attack does not end with its case: what is told of it later is seen to, and nobody is named twice for it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from services.cases.affected.calls import ComputeAffected
from services.cases.board.calls import CaseBoard
from services.cases.decisions.calls import AddAffected
from services.cases.duty_alerts.events import DutyAlerted
from services.cases.intake import store as intake
from services.cases.notices.calls import ShowNotices
from shared.errors import Conflict
from shared.hold_scope import Held
from shared.participation.values import Erasure, Purpose
from tests.in_process import ask, run
from tests.integration.cases.handling import (
    HOUR,
    KARI,
    NOW,
    enter,
    in_the_ledger,
    incident,
    published,
    show,
    step,
    tell,
)
from tests.plugins.db_snapshot import SetBack

pytestmark = [pytest.mark.integration, pytest.mark.clause("INCIDENT-1")]

MINUTE = timedelta(minutes=1)


def open_cases(cases, kind: str) -> list[UUID]:
    return [each.case_id for each in ask(cases, CaseBoard(kind=kind)).cases]


def only(cases, kind: str) -> UUID:
    (found,) = open_cases(cases, kind)
    return found


def named(owner, case_id: UUID) -> set[tuple[UUID, UUID | None]]:
    return set(
        owner.execute("SELECT account_id, user_id FROM case_subject WHERE case_id = %s", (case_id,)).fetchall()
    )


def links(cases, case_id: UUID) -> set[tuple[str, UUID, bool]]:
    return {(each.link, each.case_id, each.is_from) for each in show(cases, case_id).links}


def called(cases, owner, clock) -> list[tuple[str, str]]:
    """Whom and why duty was called since a while, oldest first."""
    clock.move(3 * MINUTE)
    run(cases, "alert_duty")
    return [(each["data"]["case_id"], each["data"]["cause"]) for each in published(owner, DutyAlerted.type)]


def test_who_gets_in_after_the_decision_is_seen_to_in_an_incident_of_their_own(cases, owner, clock) -> None:
    attack, x, first, second, third = (uuid4() for _ in range(5))
    tell(cases, attack, x, users=(first,))
    decided = only(cases, "incident")
    enter(cases, decided, "aware_at", NOW)
    (breach,) = step(cases, decided, "decide_breach_processor", "unauthorised_access").opened
    assert called(cases, owner, clock) == []
    clock.move(HOUR)
    tell(cases, attack, x, users=(second,), at=clock.now())
    later = only(cases, "incident")
    assert named(owner, later) == {(x, None), (x, second)}, "and not whom the decision is about"
    assert links(cases, later) == {("continued_in", decided, True)}
    assert named(owner, breach) == {(x, None), (x, first)}, "its list may be frozen"
    assert called(cases, owner, clock) == [(str(later), "opened")]

    before, told_at, message = show(cases, later), clock.now(), uuid4()
    for _ in range(2):
        tell(cases, attack, x, users=(third,), at=told_at, message_id=message)
    after = show(cases, later)
    assert (after.version, after.signals) == (before.version + 1, before.signals + 1), "the same message is one"
    assert (x, third) in named(owner, later)
    with pytest.raises(Conflict, match="changed"):
        step(cases, later, "decide_no_breach", "false_alarm", version=before.version)
    assert called(cases, owner, clock)[1:] == [(str(later), "more_named")]
    assert called(cases, owner, clock)[2:] == []


def test_of_an_alarm_that_was_promoted_more_is_told_to_whoever_investigates(cases, owner, clock) -> None:
    attack, x, y = uuid4(), uuid4(), uuid4()
    tell(cases, attack, x, detector="company_spraying")
    (investigated,) = step(cases, only(cases, "alarm"), "promote", "needs_investigation").opened
    before = show(cases, investigated)
    clock.move(HOUR)
    tell(cases, attack, x, y, detector="company_spraying", at=clock.now())
    more = show(cases, investigated)
    assert (more.version, more.signals, set(more.account_ids)) == (before.version + 1, before.signals + 1, {x, y})
    assert more.clocks == before.clocks
    clock.move(HOUR)
    tell(cases, attack, y, x, detector="company_spraying", at=clock.now())
    again = show(cases, investigated)
    assert (again.version, again.signals) == (more.version, more.signals + 1), "nobody has to decide anew"
    assert (open_cases(cases, "alarm"), open_cases(cases, "incident")) == ([], [investigated])
    assert all(cause != "more_named" for _, cause in called(cases, owner, clock)), "nobody else got in"


def test_what_was_closed_as_harmless_and_goes_on_is_another_alarm(cases, owner, clock) -> None:
    attack, x, y, z = (uuid4() for _ in range(4))
    tell(cases, attack, x, detector="company_spraying")
    closed = only(cases, "alarm")
    step(cases, closed, "find_harmless", "failed_attempts_only")
    tell(cases, attack, x, detector="company_spraying")
    assert open_cases(cases, "alarm") == [], "what was known when it was closed"
    clock.move(HOUR)
    tell(cases, attack, x, detector="company_spraying", at=clock.now())
    second = only(cases, "alarm")
    assert (named(owner, second), links(cases, second)) == ({(x, None)}, {("continued_in", closed, True)})
    assert called(cases, owner, clock) == [(str(second), "opened")]
    clock.move(HOUR)
    tell(cases, attack, y, detector="company_spraying", at=clock.now())
    assert (only(cases, "alarm"), named(owner, second)) == (second, {(x, None), (y, None)})
    step(cases, second, "find_harmless", "failed_attempts_only")
    tell(cases, attack, x, y, z, detector="company_spraying", at=NOW)
    third = only(cases, "alarm")
    assert named(owner, third) == {(z, None)}, "told late, and of the time before: about whom nobody had named"
    assert links(cases, third) == {("continued_in", second, True)}
    tell(cases, uuid4(), x, detector="company_spraying", at=clock.now())
    assert (only(cases, "alarm"), show(cases, third).signals) == (third, 2), "another attack joins as ever"


def test_the_same_message_after_a_restore_opens_nothing(cases, databases, owner, clock, ledger) -> None:
    before = SetBack(databases.owner_dsn("cases"))
    attack, x, user, other = (uuid4() for _ in range(4))
    messages = uuid4(), uuid4()

    def told_all() -> None:
        tell(cases, attack, x, users=(user,), message_id=messages[0])
        tell(cases, attack, x, users=(other,), at=NOW + HOUR, message_id=messages[1])

    tell(cases, attack, x, users=(user,), message_id=messages[0])
    first = only(cases, "incident")
    step(cases, first, "decide_no_breach", "false_alarm")
    clock.move(HOUR)
    told_all()
    second = only(cases, "incident")
    step(cases, second, "decide_no_breach", "false_alarm")
    in_the_ledger(cases, ledger)
    before.restore()
    ledger.open()
    assert links(cases, second) == {("continued_in", first, True)}
    told_all()
    assert open_cases(cases, "incident") == []
    assert len(published(owner, "case.opened")) == 0, "nothing of it is new"


@pytest.mark.clause("BREACH-1")
def test_a_list_is_made_anew_where_its_case_comes_to_name_more(cases, clock, rota) -> None:
    x, y, at_x, at_y = (uuid4() for _ in range(4))
    rota.knows_nobody, rota.subjects = True, sorted([(x, at_x), (y, at_y)])
    found = incident(cases, x)
    enter(cases, found, "aware_at", NOW)
    (breach,) = step(cases, found, "decide_breach_processor", "unauthorised_access").opened
    version = show(cases, breach).version
    asked = ComputeAffected(case_id=breach, version=version, scope="case", as_of=NOW - HOUR, actor=KARI)
    version = ask(cases, asked).version
    run(cases, "compute_lists")
    added = ask(cases, AddAffected(case_id=breach, version=version, account_ids=(y,), actor=KARI))
    (listed,) = ask(cases, ShowNotices(case_id=breach)).lists
    assert (listed.customers, listed.persons) == (None, None), "what it said does not count any more"
    with pytest.raises(Conflict) as refused:
        step(cases, breach, "freeze_affected", "affected_known", version=added.version)
    assert refused.value.details["reason"] == "list_lacking"
    run(cases, "compute_lists")
    (listed,) = ask(cases, ShowNotices(case_id=breach)).lists
    assert (listed.customers, listed.persons) == (2, 2)
    assert step(cases, breach, "freeze_affected", "affected_known").state == "telling"
    ask(cases, AddAffected(case_id=breach, version=show(cases, breach).version, account_ids=(uuid4(),), actor=KARI))
    run(cases, "compute_lists")
    (listed,) = ask(cases, ShowNotices(case_id=breach)).lists
    assert (listed.customers, listed.is_frozen) == (2, True), "nothing changes what a decision rests on"


@pytest.mark.clause("ERASE-1")
def test_of_whoever_got_in_and_was_erased_the_incident_keeps_what_was_counted_and_nobody(
    cases, database, owner, clock
) -> None:
    attack, theirs, person, other = (uuid4() for _ in range(4))
    message = uuid4()
    tell(cases, attack, theirs, users=(person,), message_id=message)
    clock.move(HOUR)
    tell(cases, attack, theirs, users=(other,), at=NOW + HOUR)
    tell(cases, attack, theirs, users=(person,), message_id=message)
    case_id = only(cases, "incident")
    (seen,) = show(cases, case_id).sightings
    assert (seen.detector, seen.tellings, seen.got_in) == ("success_in_cluster", 2, 2)
    assert (seen.attempts, seen.failures, seen.targets, seen.networks) == (60, 57, 55, 3)
    assert (seen.window_from, seen.window_to, seen.last_told_at) == (NOW - HOUR, NOW + HOUR, NOW + HOUR)
    erasure = Erasure(purpose=Purpose.ORDERED, id=uuid4(), account_id=theirs, user_id=None, held=Held(), at=NOW)
    with database.transaction() as tx:
        cases.participant.erase(tx, erasure)
    assert show(cases, case_id).subjects_erased == 3
    assert show(cases, case_id).sightings == (seen,)
    kept = str(owner.execute("SELECT row_to_json(s) FROM case_sighting AS s").fetchall())
    assert not [each for each in (theirs, person, other) if str(each) in kept]
    with pytest.raises(psycopg.errors.InsufficientPrivilege), database.transaction() as tx:
        tx.run("UPDATE case_sighting SET attempts = 0")


def test_what_was_counted_of_an_alarm_is_seen_where_it_led_to_and_is_no_more_than_so_much(
    cases, owner, monkeypatch
) -> None:
    monkeypatch.setattr(intake, "SIGHTINGS_MOST", 2)
    attack = uuid4()
    for minutes in range(3):
        tell(cases, attack, detector="company_spraying", at=NOW + minutes * MINUTE)
    alarm = only(cases, "alarm")
    assert (show(cases, alarm).signals, show(cases, alarm).sightings[0].tellings) == (3, 2)
    (opened,) = step(cases, alarm, "promote", "personal_data_concerned").opened
    assert show(cases, opened).sightings == show(cases, alarm).sightings
    tell(cases, attack, uuid4(), detector="company_spraying", at=NOW + 5 * MINUTE)
    assert [(each.detector, each.tellings) for each in show(cases, opened).sightings] == [("company_spraying", 3)]
