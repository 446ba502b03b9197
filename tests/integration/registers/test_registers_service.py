"""registers on a real database, and as a process of its own on a real broker."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.registers.board.calls import ListRecords, RecordShown, ShowRecord
from services.registers.duty.calls import Duty, SetDuty
from services.registers.engine import rules, store
from services.registers.engine.events import RecordEnded
from services.registers.record_lifecycle.calls import (
    DraftRecord,
    EndRecord,
    EndRecordInForce,
    PutRecordInForce,
    ReviewRecord,
    SubmitRecord,
)
from services.registers.service import Registers
from shared.actor import Actor
from shared.bus.alarms import open_alarms
from shared.bus.rpc_client import encode
from shared.calls import Caller, pages
from shared.clock import FixedClock
from shared.database import Database
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.events import BODY_LIMIT_BYTES, Received
from shared.hold_scope import Held
from shared.identifiers import new_id
from shared.keyset import PAGE_MOST
from shared.participation.values import Erasure, Purpose
from shared.privacy.ledger_lines import GENESIS, Entry, Fact, Mark
from shared.signing import SigningKey
from tests.in_process import ask, invoke, run
from tests.integration import running
from tests.paging import page_by_page
from tests.plugins.ledger import begin_ledger
from tests.plugins.lock_wait import until_somebody_waits
from tests.staff_statements import decide

pytestmark = pytest.mark.integration
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
TODAY = date(2026, 12, 1)
KARI, OLA, EVA = (Actor("staff", name=name) for name in ("kari", "ola", "eva"))
KEY = SigningKey(os.urandom(32))


class CaseViewersAre(Caller):
    """Stands in for the service staff: these may be shown a case, and nobody else."""

    def __init__(self, *codes: str) -> None:
        self.codes = codes

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        assert (service, method) == ("staff", "case_viewers")
        assert datetime.fromisoformat(fields["by"]) >= NOW
        return {"codes": [each for each in fields["codes"] if each in self.codes]}


@pytest.fixture(scope="module")
def database(databases):
    opened = Database(databases.dsn("registers"), source="registers", size=8)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def owner(databases):
    with psycopg.connect(databases.owner_dsn("registers"), autocommit=True) as connection:
        connection.execute("TRUNCATE register_record, outbox CASCADE")
        yield connection


@pytest.fixture
def clock():
    return FixedClock(NOW)


@pytest.fixture
def registers(database, owner, clock):
    return Registers(database=database, clock=clock, caller=CaseViewersAre("kari", "eva"))


def draft(registers: Registers, account_id: UUID | None = None, **changes) -> RecordShown:
    fields = {"scope": "first", "signer": str(uuid4()), "text_sha256": "ab" * 32}
    asked = {"kind": "mandate", "account_id": account_id or uuid4(), "valid_from": TODAY, "fields": fields}
    proof = {"evidence_sha256": "cd" * 32, "evidence_on": TODAY}
    return ask(registers, DraftRecord(**{**asked, **proof, "actor": KARI, **changes}))


def in_force(registers: Registers, account_id: UUID | None = None, **changes) -> RecordShown:
    drafted = draft(registers, account_id, **changes)
    submitted = ask(registers, SubmitRecord(record_id=drafted.record_id, version=1, actor=KARI))
    assert submitted.state == "submitted"
    return put_in_force(registers, submitted)


def put_in_force(
    registers: Registers, record: RecordShown, *, asks: str = "kari", approves: str = "ola"
) -> RecordShown:
    persons = {"requested_by": f"staff:{asks}", "approved_by": f"staff:{approves}"}
    seen_as = {"record_id": record.record_id, "version": record.version}
    return RecordShown.from_json(decide(registers, "put_record_in_force", **seen_as, **persons))


def end(registers: Registers, record: RecordShown, **changes) -> RecordShown:
    """As two persons have signed."""
    seen_as = {"record_id": record.record_id, "version": record.version, "reason": "withdrawn"}
    return RecordShown.from_json(decide(registers, "end_record_in_force", **seen_as | changes))


def told(owner) -> list[tuple[str, dict]]:
    rows = owner.execute("SELECT body FROM outbox ORDER BY id").fetchall()
    events = [json.loads(bytes(body)) for (body,) in rows]
    return [(each["type"], each["data"]) for each in events]


def counting(registers: Registers, **asked) -> list[UUID]:
    return [each.record_id for each in ask(registers, ListRecords(**asked)).records]


def test_a_mandate_counts_once_two_persons_have_signed_it_and_nobody_else_approves_it(registers, owner) -> None:
    drafted = draft(registers)
    assert (counting(registers), told(owner)) == ([], [])
    submitted = ask(registers, SubmitRecord(record_id=drafted.record_id, version=1, actor=KARI))
    assert counting(registers) == []
    with pytest.raises(Forbidden):
        ask(registers, PutRecordInForce(record_id=drafted.record_id, version=2))
    with pytest.raises(Forbidden):
        put_in_force(registers, submitted, asks="ola", approves="kari")
    with pytest.raises(Conflict):
        put_in_force(registers, drafted)
    shown = put_in_force(registers, submitted)
    assert (shown.requested_by, shown.approved_by, shown.is_valid) == ("staff:kari", "staff:ola", True)
    assert counting(registers) == [drafted.record_id]
    ((kind, data),) = told(owner)
    assert (kind, data["state"], data["revision"]) == ("register.changed", "in_force", 3)
    assert shown.fields["signer"] not in json.dumps(data)


@pytest.mark.clause("NOTICE-1")
def test_what_two_persons_put_in_force_two_end_and_what_counts_for_nobody_yet_one_takes_back(
    registers, owner, clock
) -> None:
    """A customer who withdrew is not kept waiting for the second person: it ended on the day that they said so."""
    shown = in_force(registers)
    assert shown.ends_by_two
    clock.move(timedelta(days=3))
    said = {"record_id": shown.record_id, "version": shown.version, "reason": "withdrawn"}
    with pytest.raises(Conflict) as refused:
        ask(registers, EndRecord(**said, actor=KARI))
    assert refused.value.details == {"reason": "ends_by_two"}
    with pytest.raises(Forbidden):
        ask(registers, EndRecordInForce(**said))
    assert counting(registers) == [shown.record_id]
    ended = end(registers, shown, on=TODAY + timedelta(days=1), requested_by="staff:eva", approved_by="staff:ola")
    assert (ended.recorded_by, ended.requested_by, ended.approved_by) == ("staff:eva", "staff:eva", "staff:ola")
    assert (ended.valid_to, counting(registers)) == (TODAY + timedelta(days=1), [])
    drafted = draft(registers)
    with pytest.raises(Conflict) as refused:
        end(registers, drafted, reason="not_wanted")
    assert refused.value.details == {"reason": "ends_by_one"}
    given_up = EndRecord(record_id=drafted.record_id, version=1, reason="not_wanted", actor=KARI)
    assert ask(registers, given_up).state == "ended"


def test_it_can_be_shown_what_counted_on_any_day_by_what_was_known_on_any_day(registers, databases, clock) -> None:
    shown = in_force(registers)
    clock.move(timedelta(days=30))
    ended = end(registers, shown, on=TODAY + timedelta(days=10))
    assert not ended.is_valid
    day_5, day_20 = TODAY + timedelta(days=5), TODAY + timedelta(days=20)
    assert counting(registers, valid_on=day_5) == [shown.record_id]
    assert counting(registers, valid_on=day_20) == []
    assert counting(registers, valid_on=day_20, recorded_at=NOW) == [shown.record_id], "nobody knew it then"
    assert counting(registers, valid_on=day_5, recorded_at=NOW - timedelta(seconds=1)) == []
    whole = ask(registers, ShowRecord(record_id=shown.record_id))
    assert [each.state for each in whole.revisions] == ["draft", "submitted", "in_force", "ended"]
    own = psycopg.connect(databases.dsn("registers"))
    with own as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("UPDATE register_revision SET state = 'in_force'")


def test_what_has_expired_counts_for_nobody(registers, clock) -> None:
    shown = in_force(registers, valid_to=TODAY + timedelta(days=2))
    clock.move(timedelta(days=1))
    assert counting(registers) == [shown.record_id]
    clock.move(timedelta(days=1))
    assert counting(registers) == []


def test_a_newer_mandate_of_a_company_ends_the_one_before(registers, owner) -> None:
    account_id = uuid4()
    old = in_force(registers, account_id)
    new = in_force(registers, account_id, valid_from=TODAY + timedelta(days=7))
    ended = ask(registers, ShowRecord(record_id=old.record_id))
    assert (ended.state, ended.reason, ended.valid_to) == ("ended", "replaced", new.valid_from)
    assert counting(registers, valid_on=TODAY + timedelta(days=7)) == [new.record_id]
    assert [kind for kind, _ in told(owner)][-3:] == ["register.changed", "register.ended", "register.changed"]


def test_what_ends_later_can_end_sooner_and_no_newer_one_counts_beside_it(registers, owner, clock) -> None:
    account_id, day_20 = uuid4(), TODAY + timedelta(days=20)
    old = end(registers, in_force(registers, account_id), on=TODAY + timedelta(days=40))
    assert counting(registers, valid_on=day_20) == [old.record_id]
    new = in_force(registers, account_id, valid_from=day_20)
    assert counting(registers, valid_on=day_20) == [new.record_id]
    ended = ask(registers, ShowRecord(record_id=old.record_id))
    assert (ended.state, ended.reason, ended.valid_to) == ("ended", "replaced", day_20)
    end(registers, ended, on=TODAY)
    assert counting(registers) == []
    days = [data["ended_on"] for kind, data in told(owner) if kind == "register.ended"]
    assert days == [(TODAY + timedelta(days=each)).isoformat() for each in (40, 20, 0)]
    clock.move(timedelta(days=30))
    end(registers, new)
    again = in_force(registers, account_id, valid_from=TODAY)
    assert ask(registers, ShowRecord(record_id=old.record_id)).valid_to == TODAY, "what is over stays as it was"
    assert again.is_valid


def test_what_should_have_been_reviewed_is_told_until_somebody_has_looked(registers, clock) -> None:
    shown = in_force(registers)
    assert alarms(registers) == {}
    clock.move(timedelta(days=367))
    assert alarms(registers) == {"register_reviews_overdue": 1}
    assert shown.owner == "staff:kari", "it belongs to whoever asked for it"
    ask(registers, ReviewRecord(record_id=shown.record_id, version=shown.version, actor=EVA))
    assert alarms(registers) == {}
    assert ask(registers, ShowRecord(record_id=shown.record_id)).owner == "staff:eva", "now to whoever looked"
    draft_again = draft(registers)
    ask(registers, SubmitRecord(record_id=draft_again.record_id, version=1, actor=KARI))
    assert alarms(registers) == {"register_approvals_waiting": 1}


def alarms(registers: Registers) -> dict[str, int]:
    """What waits for a person."""
    return {each.spec.code: each.waiting.count for each in open_alarms((registers,))}


def test_no_restore_brings_back_what_ended(registers, owner) -> None:
    shown = in_force(registers)
    end(registers, end(registers, shown, on=TODAY + timedelta(days=9)))
    facts = [data for kind, data in told(owner) if kind == "register.ended"]
    owner.execute("DELETE FROM register_revision WHERE state = 'ended'")  # the backup of before
    assert counting(registers) == [shown.record_id]
    entries = [fact_of(RecordEnded.from_data(fields)) for fields in facts]
    ((database, replayer),) = registers.guarded()
    for entry in (entries[0], entries[0], *entries):
        with database.transaction() as tx:
            replayer.replay(tx, entry)
            assert replayer.verify(tx, entry)
            assert replayer.verify(tx, entries[1]) is (entry is entries[1]), "it still counts until then"
    assert counting(registers) == []
    assert len(ask(registers, ShowRecord(record_id=shown.record_id)).revisions) == 5


def fact_of(event: RecordEnded) -> Entry:
    """What the ledger keeps of an end."""
    message = Received(
        id=new_id(), event=event, source="registers", time=NOW, subject=event.subject, actor="staff:kari",
        correlation_id=new_id(),
    )  # fmt: skip
    return Entry.make(Fact.of_event(message), after=Mark(0, GENESIS), at=NOW, key=KEY)


def test_a_week_of_duty_counts_at_once_and_another_pair_replaces_it(registers, owner) -> None:
    week = date(2026, 12, 7)
    for person, deputy in ((KARI, OLA), (OLA, EVA)):
        ask(registers, SetDuty(week_on=week, person=person, deputy=deputy, actor=EVA))
    (only,) = ask(registers, Duty()).weeks
    assert (only.week_on, only.person, only.deputy) == (week, "staff:ola", "staff:eva")
    for wrong in (week + timedelta(days=1), date(2026, 11, 23), week + timedelta(weeks=30)):
        with pytest.raises(Invalid):
            ask(registers, SetDuty(week_on=wrong, person=KARI, deputy=OLA, actor=EVA))
    with pytest.raises(Invalid):
        ask(registers, SetDuty(week_on=week, person=KARI, deputy=KARI, actor=EVA))
    assert len(ask(registers, Duty()).weeks) == 1


def test_nobody_is_on_duty_where_neither_may_be_shown_a_case(registers, owner) -> None:
    """Where one of the two may be, it stands: which of them may not is told where it is entered."""
    week, per = date(2026, 12, 7), Actor("staff", name="per")
    for person, deputy in ((OLA, per), (per, OLA)):
        with pytest.raises(Invalid) as refused:
            ask(registers, SetDuty(week_on=week, person=person, deputy=deputy, actor=EVA))
        assert refused.value.details["reason"] == "no_case_viewers"
        assert refused.value.details["fields"].keys() == {"person", "deputy"}
    assert (ask(registers, Duty()).weeks, told(owner)) == ((), [])
    for person, deputy in ((OLA, KARI), (KARI, OLA)):
        ask(registers, SetDuty(week_on=week, person=person, deputy=deputy, actor=EVA))
        (only,) = ask(registers, Duty()).weeks
        assert (only.person, only.deputy) == (str(person), str(deputy))
    before = told(owner)
    ask(registers, SetDuty(week_on=week, person=KARI, deputy=OLA, actor=EVA))
    assert told(owner) == before, "said twice it is said once"


def test_bad_drafts_are_refused_and_change_nothing(registers, owner) -> None:
    for wrong in (
        {"fields": {"scope": "everything", "signer": str(uuid4()), "text_sha256": "ab" * 32}},
        {"evidence_sha256": None, "evidence_on": None},
        {"valid_to": TODAY},
        {"evidence_on": TODAY + timedelta(days=1)},
        {"kind": "duty_rota"},
    ):
        with pytest.raises(Invalid):
            draft(registers, **wrong)
    with pytest.raises(NotFound):
        ask(registers, SubmitRecord(record_id=uuid4(), version=1, actor=KARI))
    assert owner.execute("SELECT count(*) FROM register_record").fetchone() == (0,)
    assert told(owner) == []


@pytest.mark.clause("ERASE-1")
def test_whoever_is_erased_while_a_record_changes_is_not_named_by_it_again(
    registers, database, databases, owner
) -> None:
    account_id = uuid4()
    shown = in_force(registers, account_id)
    signer = UUID(shown.fields["signer"])
    erasure = Erasure(
        purpose=Purpose.ORDERED, id=uuid4(), account_id=account_id, user_id=signer, held=Held(), at=NOW
    )

    def erase() -> None:
        with database.transaction() as tx:
            registers.participant.erase(tx, erasure)

    with database.transaction() as tx:
        store.lock_all(tx)
        record = store.get(tx, shown.record_id)
        erasing = threading.Thread(target=erase)
        erasing.start()
        until_somebody_waits(databases.superuser_dsn("registers"))
        store.save(tx, rules.reviewed(record, number=shown.version, by="staff:eva", now=NOW))
    erasing.join(timeout=10)
    assert owner.execute("SELECT count(*) FROM register_person").fetchone() == (0,)


def test_what_ended_long_ago_is_forgotten_and_what_counts_is_not(registers, owner, clock) -> None:
    old, lasting = in_force(registers), in_force(registers)
    end(registers, old)
    clock.move(timedelta(days=3 * 365 - 10))
    run(registers, "forget_records")
    assert owner.execute("SELECT count(*) FROM register_record").fetchone() == (2,)
    clock.move(timedelta(days=60))
    run(registers, "forget_records")
    assert owner.execute("SELECT id FROM register_record").fetchall() == [(lasting.record_id,)]


def test_it_starts_and_is_ready(infrastructure, broker, databases, keyring_database, tmp_path) -> None:
    begin_ledger(infrastructure, tmp_path, keyring_database.owner_dsn())
    name, module = "registers", "tests.integration.run_service"
    settings = {"TEST_DATABASE": databases.name(name), "TEST_KEYRING": keyring_database.name("keyring")}
    with running.service(module, broker, name, folder=tmp_path, user=name, settings=settings) as process:
        assert process.poll() is None


def test_records_are_read_page_by_page_also_where_a_page_holds_none_that_count(registers) -> None:
    counts = in_force(registers).record_id
    for _ in range(3):
        draft(registers)
    every = invoke(registers, "list_records", every=True)["records"]
    assert len(every) == 4
    assert page_by_page(lambda page: invoke(registers, "list_records", every=True, **page), "records") == every
    read = page_by_page(lambda page: invoke(registers, "list_records", **page), "records")
    assert [each["record_id"] for each in read] == [str(counts)]


def test_500_mandates_are_exported_in_pages_that_the_bus_has_room_for(registers, owner) -> None:
    first = in_force(registers)
    owner.execute(
        "WITH copied AS (INSERT INTO register_record (id, kind, kind_version, account_id, key)"
        " SELECT gen_random_uuid(), kind, kind_version, gen_random_uuid(), gen_random_uuid()::text"
        " FROM register_record, generate_series(1, 499) RETURNING id)"
        " INSERT INTO register_revision (record_id, number, state, valid_from, review_on, content, evidence_sha256,"
        " evidence_on, recorded_at, recorded_by, requested_by, approved_by, approval_id)"
        " SELECT copied.id, number, state, valid_from, review_on, content, evidence_sha256, evidence_on,"
        " recorded_at, recorded_by, requested_by, approved_by, approval_id FROM register_revision, copied"
    )
    read = list(
        pages(
            lambda after: ask(registers, ListRecords(kind="mandate", after=after, limit=PAGE_MOST)),
            lambda page: page.next_after,
            most=PAGE_MOST,
            too_many="there are more",
        )
    )
    found = {each.record_id for page in read for each in page.records}
    assert len(found) == 500
    assert first.record_id in found
    assert sum(len(encode(page.to_json())) for page in read) > BODY_LIMIT_BYTES, "one reply has no room for them"
    assert max(len(encode(page.to_json())) for page in read) < BODY_LIMIT_BYTES
