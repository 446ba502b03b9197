"""A backup from before: what was decided in a case stands, its clocks run on, and what is lost is said."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.cases.affected.calls import ComputeAffected
from services.cases.board.calls import CaseBoard
from services.cases.decisions.calls import AddAffected, AssignCase, CheckRestored
from services.cases.notices import order_letters
from services.cases.notices.calls import DraftNotice
from services.cases.service import Cases
from services.notification.letter_lifecycle.events import (
    LetterEvent,
    NotificationDelivered,
    NotificationSent,
    NotificationUnreachable,
)
from shared.database import Transaction
from shared.errors import Conflict
from shared.events import Code, Received
from shared.hold_scope import Held
from shared.participation.values import Erasure, Purpose
from shared.privacy.ledger_lines import Entry, Fact, Kind
from shared.privacy.restore_gate import Replayer
from tests.in_process import ask, hear, run
from tests.integration.cases.handling import (
    EVA,
    HOUR,
    KARI,
    NOW,
    OLA,
    assess,
    bear_cost,
    enter,
    in_the_ledger,
    incident,
    published,
    report,
    show,
    step,
)
from tests.kept_facts import KeptFacts
from tests.plugins.db_snapshot import SetBack

pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-1", "INCIDENT-1", "BREACH-1")]

AUTHORITY = "breach.dpa_deadline_hours"
CORE = {
    "case_file": ["restored_at"],
    "case_clock": [],
    "case_instant": ["number"],
    "case_decision": ["number"],
    "case_effect": ["tries"],
    "case_link": [],
    "case_severity": [],
    "case_cost": [],
}
"""What is the same after a restore, but for these columns: order of rows, how often something was tried."""


FACTS = {
    "case.step_taken", "case.instant_entered", "case.clock_passed", "case.assigned", "case.severity_assessed",
    "case.cost_decided",
}  # fmt: skip


class Killed(Exception):
    """The process ends here."""


class KilledAt:
    """A replayer of which the process dies at a fact, so many after the first."""

    def __init__(self, replayer: Replayer, left: int) -> None:
        self._replayer, self._left = replayer, left

    def replay(self, tx: Transaction, entry: Entry) -> None:
        self._replayer.replay(tx, entry)
        self._left -= 1
        if self._left < 0:
            raise Killed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._replayer, name)


def core(owner, tables: dict[str, list[str]] = CORE) -> dict[str, list[Any]]:
    return {
        table: owner.execute(
            f"SELECT to_jsonb(t) - %s::text[] AS row FROM {table} AS t ORDER BY 1",  # noqa: S608
            (left_out,),
        ).fetchall()
        for table, left_out in tables.items()
    }


def decided_breach(cases: Cases, case_id: UUID) -> tuple[UUID, UUID]:
    """Aware now, and decided by Ola: a breach in both parts."""
    enter(cases, case_id, "aware_at", NOW)
    controller, processor = step(cases, case_id, "decide_breach_both", "exfiltration", actor=OLA).opened
    return controller, processor


def carried_out(cases: Cases, owner, clock) -> None:
    """The broker has what was decided."""
    run(cases, "carry_out_effects")
    owner.execute("UPDATE outbox SET published_at = now()")
    clock.move(timedelta(seconds=5))
    run(cases, "carry_out_effects")


def warned(owner, case_id: UUID, rule: str) -> list[tuple[str, str]]:
    """The marks of which somebody was told, each with the id of its event."""
    return [
        (each["data"]["mark"], each["id"])
        for each in published(owner, "case.clock_passed")
        if each["data"]["case_id"] == str(case_id) and each["data"]["rule"] == rule
    ]


def look_at(cases: Cases, case_id: UUID, x: UUID, y: UUID) -> None:
    """Eva looks what a restore has lost of a case, enters it again and says so."""
    version = show(cases, case_id).version
    added = ask(cases, AddAffected(case_id=case_id, version=version, account_ids=(x, y), actor=EVA))
    asked = {"case_id": case_id, "actor": EVA}
    with pytest.raises(Conflict):
        ask(cases, CheckRestored(version=version, **asked))
    checked = ask(cases, CheckRestored(version=added.version, **asked))
    assert (show(cases, case_id).restored_at, show(cases, case_id).subjects) == (None, 2)
    with pytest.raises(Conflict):
        ask(cases, CheckRestored(version=checked.version, **asked))


@pytest.mark.parametrize("known", [True, False], ids=["backup-before-awareness", "backup-before-the-case"])
def test_a_restore_in_the_middle_of_the_72_hours_loses_nothing_of_the_core(
    cases, databases, owner, clock, ledger, known
) -> None:
    x, y = uuid4(), uuid4()
    before = SetBack(databases.owner_dsn("cases"))
    case_id = incident(cases, x)
    if known:
        ledger.write()
        ledger.open()
        before = SetBack(databases.owner_dsn("cases"))
    alarm = report(cases, "2", source="customer", account_ids=(y,)).case_id
    step(cases, alarm, "join_incident", "same_cause", other_id=case_id)
    controller, processor = decided_breach(cases, case_id)
    carried_out(cases, owner, clock)
    for say in (assess, bear_cost):
        say(cases, controller)
    step(cases, controller, "assess_risk", "many_persons")
    clock.move(25 * HOUR)
    run(cases, "watch_clocks")
    version = show(cases, controller).version
    ask(cases, AssignCase(case_id=controller, version=version, owner=EVA, actor=KARI))
    facts = ledger.write()
    assert set(facts) >= FACTS
    ledger.open()
    as_it_was, whole = core(owner), show(cases, controller)
    assert whole.restored_at is None, "a service that heard of its own facts restores nothing"
    assert [mark for mark, _ in warned(owner, controller, AUTHORITY)] == [(NOW + 24 * HOUR).isoformat()]

    clock.move(HOUR)
    for killed_after in (*range(0, len(facts), 5), None):
        before.restore()
        if killed_after is not None:
            with pytest.raises(Killed):
                ledger.open(replayer=KilledAt(ledger.replayer, killed_after), batch=1)
        ledger.open(batch=3)
        assert core(owner) == as_it_was, f"killed after {killed_after} facts: the same end"
    ledger.open()
    told_since = len(warned(owner, controller, AUTHORITY))
    restored = show(cases, controller)
    assert (restored.state, restored.owner, restored.next_due) == (whole.state, "staff:eva", NOW + 72 * HOUR)
    assert restored.clocks == whole.clocks
    assert (restored.decisions, restored.instants) == (whole.decisions, whole.instants)

    run(cases, "watch_clocks")
    run(cases, "carry_out_effects")
    assert len(warned(owner, controller, AUTHORITY)) == told_since, "what was told is not told again"
    assert published(owner, "breach.detected") == [], "what was carried out is not carried out again"
    for hours in (48, 66, 72):
        clock.at = NOW + hours * HOUR
        run(cases, "watch_clocks")
    marks = [mark for mark, _ in warned(owner, controller, AUTHORITY)]
    assert marks == [(NOW + hours * HOUR).isoformat() for hours in (48, 66, 72)], "none is left out"

    assert restored.restored_at == NOW + 26 * HOUR + timedelta(seconds=5)
    lost = set() if not known else {x}
    assert set(restored.account_ids) == lost, "facts do not say whom a case is about"
    assert [each.restored_at for each in ask(cases, CaseBoard(kind="breach_controller")).cases] == [
        restored.restored_at
    ]
    assert show(cases, processor).restored_at is not None, "each case is looked at"
    look_at(cases, controller, x, y)


def test_of_one_case_its_versions_decide_and_not_a_clock_that_was_set_back(
    cases, databases, owner, clock, ledger
) -> None:
    before = SetBack(databases.owner_dsn("cases"))
    case_id = incident(cases)
    clock.move(HOUR)
    step(cases, case_id, "investigate", "looked_at")
    clock.move(-HOUR / 2)
    step(cases, case_id, "decide_no_breach", "false_alarm")
    ledger.write()
    ledger.open()
    as_it_was, whole = core(owner), show(cases, case_id)
    assert [each.to_state for each in whole.decisions] == ["investigating", "no_breach"]
    before.restore()
    ledger.open()
    restored = show(cases, case_id)
    assert (restored.state, restored.ended_at) == ("no_breach", NOW + HOUR / 2)
    assert (core(owner), restored.decisions) == (as_it_was, whole.decisions)


def test_what_the_ledger_had_not_heard_of_is_told_again_under_the_same_ids(
    cases, databases, owner, clock, ledger
) -> None:
    case_id = incident(cases)
    controller, _ = decided_breach(cases, case_id)
    ledger.write()
    ledger.open()
    before = SetBack(databases.owner_dsn("cases"))
    carried_out(cases, owner, clock)
    clock.move(25 * HOUR)
    run(cases, "watch_clocks")
    (announced,), warnings = published(owner, "breach.detected"), warned(owner, controller, AUTHORITY)
    before.restore()
    ledger.open()
    assert show(cases, controller).restored_at is None, "it is behind by nothing that the ledger knows"
    carried_out(cases, owner, clock)
    run(cases, "watch_clocks")
    assert [each["id"] for each in published(owner, "breach.detected")] == [announced["id"]]
    assert warned(owner, controller, AUTHORITY) == warnings, "whoever has handled an id does nothing twice"


SAID = {
    "natures": ("data_lost",),
    "groups": ("users",),
    "data": ("names",),
    "consequences": ("data_missing",),
    "measures": ("data_restored",),
}


def list_affected(cases: Cases, case_id: UUID) -> None:
    """Whom the case itself names, which is nobody."""
    version = show(cases, case_id).version
    ask(cases, ComputeAffected(case_id=case_id, version=version, scope="case", as_of=NOW - HOUR, actor=KARI))
    run(cases, "compute_lists")


def draft(cases: Cases, case_id: UUID) -> None:
    version = show(cases, case_id).version
    ask(cases, DraftNotice(case_id=case_id, version=version, audience="customers", actor=KARI, **SAID))


def test_what_a_restore_has_lost_of_a_notice_is_decided_anew_and_the_case_can_end(
    cases, databases, owner, clock, ledger
) -> None:
    _, case = decided_breach(cases, incident(cases))
    carried_out(cases, owner, clock)
    ledger.write()
    ledger.open()
    before = SetBack(databases.owner_dsn("cases"))
    list_affected(cases, case)
    step(cases, case, "freeze_affected", "affected_known")
    ledger.write()
    before.restore()
    ledger.open()
    assert show(cases, case).state == "telling"
    list_affected(cases, case)
    draft(cases, case)
    step(cases, case, "tell_customers", "complete")
    ledger.write()
    before.restore()
    ledger.open()
    assert show(cases, case).state == "supporting"
    carried_out(cases, owner, clock)
    with pytest.raises(Conflict) as refused:
        step(cases, case, "close", "followed_up")
    assert refused.value.details["reason"] == "not_carried_out", "nobody was told, and nobody says so"

    list_affected(cases, case)
    draft(cases, case)
    step(cases, case, "tell_customers_more", "complete")
    clock.move(HOUR)
    carried_out(cases, owner, clock)
    assert step(cases, case, "close", "followed_up").state == "closed"


NOTICED = {
    "affected_list": ["parts_told"],
    "affected_subject": [],
    "breach_notice": ["restored_at", "is_told"],
    "notice_recipient": ["ordered_at", "order_event_id", "asked_at"],
}
"""The same after a restore, but for these columns: when a letter was ordered, and how the ledger was told."""
CUSTOMERS = 70
"""More than two parts of a list, and of recipients of whom the ledger hears."""


def letter_event(kind: type[LetterEvent], case_id: UUID, account_id: UUID, **fields: Any) -> Received[Any]:
    """What notification tells of the letter of a recipient of the last notice."""
    about = {"letter_id": uuid4(), "letter": Code("breach_notice"), "account_id": account_id}
    event = kind(**about, **fields)
    return Received(
        id=uuid4(), event=event, source="notification", time=fields.get("delivered_at", NOW), subject=event.subject,
        correlation_id=uuid4(), causation_id=case_id,
    )  # fmt: skip


def follow_some(cases: Cases, owner, clock, ledger: KeptFacts) -> None:
    """Of ten letters nothing is heard, of ten that they left; the others have arrived, but one reached nobody."""
    rows = owner.execute("SELECT id, account_id FROM notice_recipient ORDER BY id").fetchall()
    for recipient_id, account_id in rows[10:-1]:
        hear(cases, letter_event(NotificationSent, recipient_id, account_id))
    for number, (recipient_id, account_id) in enumerate(rows[20:-1]):
        at = NOW + timedelta(seconds=number)
        hear(cases, letter_event(NotificationDelivered, recipient_id, account_id, delivered_at=at))
    hear(cases, letter_event(NotificationUnreachable, *rows[-1], reason=Code("bounced")))


def test_a_list_a_notice_and_who_was_told_stand_after_a_restore_of_any_backup(
    cases, databases, owner, clock, rota, ledger
) -> None:
    backups = {"nothing": SetBack(databases.owner_dsn("cases"), name="kept_0")}
    _, case = decided_breach(cases, incident(cases))
    carried_out(cases, owner, clock)
    rota.knows_nobody, rota.subjects = True, [(each, None) for each in sorted(uuid4() for _ in range(CUSTOMERS))]
    version = show(cases, case).version
    ask(cases, ComputeAffected(case_id=case, version=version, scope="all", as_of=NOW - HOUR, actor=KARI))
    backups["a list asked for"] = SetBack(databases.owner_dsn("cases"), name="kept_1")
    run(cases, "compute_lists")
    backups["a list"] = SetBack(databases.owner_dsn("cases"), name="kept_2")
    step(cases, case, "freeze_affected", "affected_known")
    draft(cases, case)
    backups["a draft"] = SetBack(databases.owner_dsn("cases"), name="kept_3")
    step(cases, case, "tell_customers", "complete")
    run(cases, "carry_out_effects")
    assert published(owner, "breach.notices_ordered") == [], "nobody is told before the ledger knows whom"
    facts = in_the_ledger(cases, ledger)
    backups["decided"] = SetBack(databases.owner_dsn("cases"), name="kept_4")
    clock.move(timedelta(seconds=10))
    carried_out(cases, owner, clock)
    assert [len(each["data"]["account_ids"]) for each in published(owner, "breach.notices_ordered")] == [CUSTOMERS]
    follow_some(cases, owner, clock, ledger)
    facts += in_the_ledger(cases, ledger)
    assert Counter(each for each in facts if each.startswith("breach.")) == {
        "breach.list_frozen": 3,
        "breach.notice_decided": 1,
        "breach.recipients_followed": 3 + 2 + 1,
    }
    as_it_was = core(owner, CORE | NOTICED)
    for name, backup in backups.items():
        for killed_after in (0, 3, 7, None):
            backup.restore()
            if killed_after is not None:
                with pytest.raises(Killed):
                    ledger.open(replayer=KilledAt(ledger.replayer, killed_after), batch=1)
            ledger.open(batch=4)
            again = core(owner, CORE | NOTICED)
            assert again == as_it_was, f"the backup had {name}, killed after {killed_after} facts: the same end"
        assert show(cases, case).restored_at is not None
        owner.execute("UPDATE case_effect SET next_at = ordered_at WHERE confirmed_at IS NULL")
        carried_out(cases, owner, clock)
        ordered = [each["data"] for each in published(owner, "breach.notices_ordered")]
        assert [each["account_ids"] for each in ordered if len(each["account_ids"]) > 10] == [], name
        ledger.write()


def test_whoever_moves_up_into_a_part_that_was_heard_before_the_restore_is_told(
    cases, databases, database, owner, clock, ledger, monkeypatch
) -> None:
    monkeypatch.setattr(order_letters, "PART", 2)
    _, case = decided_breach(cases, incident(cases))
    carried_out(cases, owner, clock)
    list_affected(cases, case)
    for _ in range(3):
        owner.execute("INSERT INTO affected_subject SELECT id, %s FROM affected_list", (uuid4(),))
    step(cases, case, "freeze_affected", "affected_known")
    draft(cases, case)
    step(cases, case, "tell_customers", "complete")
    in_the_ledger(cases, ledger)
    before = SetBack(databases.owner_dsn("cases"))
    run(cases, "carry_out_effects")
    heard, last = published(owner, "breach.notices_ordered")
    before.restore()
    _, erased = heard["data"]["account_ids"]
    erasure = Erasure(
        purpose=Purpose.REPLAYED, id=uuid4(), account_id=UUID(erased), user_id=None, held=Held(), at=NOW
    )
    with database.transaction() as tx:
        cases.participant.erase(tx, erasure)
    run(cases, "carry_out_effects")
    taken = [each for each in published(owner, "breach.notices_ordered") if each["id"] != heard["id"]]
    assert last["data"]["account_ids"][0] in [id_ for each in taken for id_ in each["data"]["account_ids"]]


def test_who_pays_names_after_a_restore_nobody_who_was_erased_since(cases, databases, owner, clock, ledger) -> None:
    x = uuid4()
    case_id = incident(cases, x)
    ledger.write()
    ledger.open()
    before = SetBack(databases.owner_dsn("cases"))
    bear_cost(cases, case_id, account_id=x)
    ledger.write()
    erased = Fact(kind=Kind.ACCOUNT_ERASED, account_id=x, data={"erasure_id": str(uuid4())})
    ledger.writer.append([erased], clock.now())
    ledger.open()
    as_it_was = core(owner)
    assert owner.execute("SELECT account_id, customer_erased FROM case_cost").fetchone() == (None, True)
    before.restore()
    ledger.open()
    assert core(owner) == as_it_was


def test_what_a_machine_says_again_after_a_restore_is_known(cases, databases, owner, clock, ledger) -> None:
    before = SetBack(databases.owner_dsn("cases"))
    first = report(cases, "4711", source="host")
    ledger.write()
    before.restore()
    ledger.open()
    assert report(cases, "4711", source="host") == first.__class__(
        case_id=first.case_id, reference=first.reference, is_new=False
    )
    assert report(cases, "4712", source="host").case_id == first.case_id, "it goes into the open case"
