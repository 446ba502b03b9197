"""The restore gate on PostgreSQL, as the service's own role: what comes back from an older backup, and what not."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from prometheus_client import REGISTRY

from shared.bus.service_restore_gate import Admission
from shared.clock import FixedClock
from shared.database import Database
from shared.errors import Conflict, Permanent, Restoring, Transient
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_lines import Fact, Kind
from shared.privacy.ledger_writer import LedgerWriter
from shared.privacy.restore_gate import CameUndone, Gate, GateState, Watch
from tests.integration.privacy.sample_service import (
    NOW,
    SCHEMA,
    Backup,
    MemberReplayer,
    gate_at,
    members,
)
from tests.plugins.lock_wait import until_somebody_waits
from tests.unit.privacy.ledger_samples import KEY, LEDGER_ID, account, writer_at

pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-1")]

ROOT = Path(__file__).resolve().parents[3]
ACCOUNTS = 12
DAY = timedelta(days=1)


@dataclass
class Service:
    """A service with its database, its gate and the ledger."""

    database: Database
    dsn: str
    owner_dsn: str
    writer: LedgerWriter

    def gate(self, replayer=None, **options) -> Gate:
        return gate_at(self.database, self.writer.path, replayer, **options)

    def user(self, number: int) -> UUID:
        return UUID(int=account(number).int ^ 1)

    def write(self, kind: Kind, number: int, at=NOW, **data) -> Fact:
        """Make a fact true in the ledger alone; the database learns of it from there."""
        whole = kind.value.startswith(("account", "hold"))
        fact = Fact(kind=kind, account_id=account(number), user_id=None if whole else self.user(number), data=data)
        self.writer.append([fact], at)
        return fact

    def run(self, query: str, *values: object) -> list[tuple]:
        with psycopg.connect(self.owner_dsn) as connection:
            cursor = connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def replays(self) -> list[int]:
        return [row[0] for row in self.run("SELECT position FROM fact_replayed ORDER BY position")]


@pytest.fixture(scope="module")
def owned(databases):
    with psycopg.connect(databases.owner_dsn("account")) as connection:
        connection.execute(SCHEMA)
    database = Database(databases.dsn("account"), source="account", size=3)
    database.open()
    yield database, databases.dsn("account"), databases.owner_dsn("account")
    database.close()


@pytest.fixture
def service(owned, tmp_path) -> Service:
    made = Service(*owned, writer_at(tmp_path / "ledger" / "ledger.jsonl"))
    made.run("DELETE FROM member; DELETE FROM hold; DELETE FROM fact_replayed")
    made.run("UPDATE ledger_position SET position = NULL, hash = NULL, recorded_at = NULL")
    for number in range(1, ACCOUNTS + 1):
        added = "INSERT INTO member (user_id, account_id, changed_at) VALUES (%s, %s, %s)"
        made.run(added, made.user(number), account(number), NOW - 90 * DAY)
    return made


def test_a_database_restored_from_an_older_backup_forgets_again_what_was_erased_since(service):
    assert service.gate().open() is GateState.OPEN
    backup = Backup(service.owner_dsn)
    hold = str(uuid4())
    service.write(Kind.ACCOUNT_ERASED, 1)
    service.write(Kind.USER_ERASED, 2)
    service.write(Kind.ACCOUNT_DEACTIVATED, 3)
    service.write(Kind.OBJECTION, 4, to="marketing")
    service.write(Kind.RESTRICTION_SET, 5)
    service.write(Kind.HOLD_PLACED, 6, hold=hold)
    service.gate().open()
    before = members(service.owner_dsn)
    backup.restore()
    assert len(members(service.owner_dsn)) == ACCOUNTS
    gate = service.gate()
    assert gate.open() is GateState.OPEN
    after = members(service.owner_dsn)
    assert after == before
    assert after.keys() == {service.user(number) for number in range(3, ACCOUNTS + 1)}
    assert not after[service.user(3)]["active"]
    assert after[service.user(4)]["objected_at"]
    assert after[service.user(5)]["restricted_since"]
    assert service.run("SELECT hold_id::text, released FROM hold") == [(hold, False)]
    assert gate.position() == service.writer.verify().head


def test_a_marketing_objection_and_a_restriction_survive_the_restore_of_an_older_backup_s13(service):
    service.gate().open()
    backup = Backup(service.owner_dsn)
    service.write(Kind.OBJECTION, 1, NOW - 2 * DAY)
    service.write(Kind.RESTRICTION_SET, 1, NOW - DAY)
    backup.restore()
    gate = service.gate()
    with pytest.raises(Restoring):
        gate.check()
    gate.open()
    gate.check()
    found = members(service.owner_dsn)[service.user(1)]
    assert (found["objected_at"], found["restricted_since"]) == (NOW - 2 * DAY, NOW - DAY)


def test_nothing_is_answered_before_the_gate_is_open(service):
    seen = []

    class Looking(MemberReplayer):
        def replay(self, tx, entry):
            with pytest.raises(Restoring) as refusal:
                gate.check()
            seen.append((gate.state, refusal.value.details))
            super().replay(tx, entry)

    service.write(Kind.ACCOUNT_ERASED, 1)
    gate = service.gate(Looking())
    assert gate.state is GateState.CLOSED
    with pytest.raises(Restoring):
        gate.check()
    assert gate.open() is GateState.OPEN
    gate.check()
    assert seen == [(GateState.REPLAYING, {"state": "replaying"})]


def test_a_database_that_is_at_the_head_replays_nothing(service):
    service.write(Kind.ACCOUNT_ERASED, 1)
    service.gate().open()
    service.gate().open()
    assert service.replays() == [1]


def test_what_came_later_is_not_undone_by_what_came_first(service):
    service.write(Kind.ACCOUNT_DEACTIVATED, 1, NOW - 2 * DAY)
    service.write(Kind.ACCOUNT_REACTIVATED, 1, NOW - DAY)
    service.run("UPDATE member SET changed_at = %s WHERE account_id = %s", NOW - DAY / 2, account(1))
    assert service.gate(batch=1).open() is GateState.OPEN
    assert members(service.owner_dsn)[service.user(1)]["active"]


# ── killed, twice at once, interrupted ──


def start(service: Service, failpoint: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.privacy.sample_service", service.dsn, str(service.writer.path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "VILKAR_FAILPOINT": failpoint},
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> list[str]:
    """Its last line; the log stands before it."""
    printed = process.communicate(timeout=60)[0].splitlines()
    return printed[-1].split() if printed else []


def facts(service: Service, count: int) -> None:
    service.writer.append(
        [
            Fact(kind=Kind.ACCOUNT_ERASED if number % 2 else Kind.ACCOUNT_DEACTIVATED, account_id=account(number))
            for number in range(1, count + 1)
        ],
        NOW,
    )


@pytest.mark.parametrize(
    ("failpoint", "done"),
    [
        ("replay:kill", 0),
        ("replay:kill@15", 10),
        ("verify:kill@10", 0),
        ("replay:kill@21", 20),
        ("verify:kill@30", 25),
    ],
)
def test_a_gate_killed_anywhere_goes_on_from_the_last_whole_batch(service, failpoint, done):
    facts(service, 25)
    killed = start(service, failpoint)
    assert said(killed) == []
    assert killed.returncode == -9
    position = service.gate().position()
    assert (position.position if position else 0) == done
    assert service.replays() == list(range(1, done + 1))
    assert said(start(service)) == ["open", "25"]
    assert service.replays() == list(range(1, 26))
    assert members(service.owner_dsn).keys() == {service.user(number) for number in range(2, ACCOUNTS + 1, 2)}


def test_two_processes_that_start_at_once_replay_each_fact_once(service):
    facts(service, 300)
    both = [start(service), start(service)]
    assert [said(each) for each in both] == [["open", "300"]] * 2
    assert service.replays() == list(range(1, 301))


def test_a_database_that_is_away_leaves_the_gate_closed_and_not_broken(service):
    lost = Database(service.dsn, source="account", size=1)
    lost.open()
    facts(service, 1)
    with psycopg.connect(service.owner_dsn) as locking:
        locking.execute("SELECT 1 FROM ledger_position FOR UPDATE")
        gate = gate_at(lost, service.writer.path)
        with lost.transaction() as tx:
            tx.connection.execute("SET SESSION lock_timeout = 100")
        with pytest.raises(Transient):
            gate.open()
        assert (gate.state, gate.reason) == (GateState.CLOSED, None)
        with pytest.raises(Restoring):
            gate.check()
    assert gate.open() is GateState.OPEN
    lost.close()


def test_a_database_set_back_while_it_is_replayed_is_noticed(service):
    facts(service, 25)
    backup = Backup(service.owner_dsn)
    batches = []

    class Between(Ledger):
        def read(self, after=None):
            for entry in super().read(after):
                if entry.position == 12 and not batches:
                    batches.append(entry)
                    backup.restore()
                yield entry

    ledger = Between(service.writer.path, keys=[KEY.public])
    gate = Gate(ledger, service.database, MemberReplayer(), clock=FixedClock(NOW), batch=10)
    with pytest.raises(CameUndone, match="went back to position 0"):
        gate.open()
    assert gate.state is GateState.CLOSED
    assert gate.open() is GateState.OPEN
    assert gate.position() == service.writer.verify().head


# ── kept shut ──


def broken(gate: Gate, reason: str) -> None:
    assert gate.open() is GateState.BROKEN
    assert reason in (gate.reason or "")
    with pytest.raises(Restoring) as refusal:
        gate.check()
    assert refusal.value.details == {"state": "broken"}


def test_a_ledger_that_is_missing_shortened_or_changed_keeps_the_gate_shut_until_it_is_put_back(service):
    facts(service, 5)
    service.gate().open()
    path, good = service.writer.path, service.writer.path.read_bytes()
    gate = service.gate()
    for spoiled, reason in (
        (None, "is not there"),
        (b"", "is empty"),
        (b"".join(good.splitlines(keepends=True)[:-1]), "ends at position 4, but had 5"),
        (good[:-20], "ends at position 4, but had 5"),
        (good.replace(b"account_erased", b"account_fooled", 1), "goes on after position"),
        (good.replace(str(account(5)).encode(), str(account(6)).encode()), "position 5 had another hash"),
    ):
        path.unlink(missing_ok=True)
        if spoiled is not None:
            path.write_bytes(spoiled)
        broken(gate, reason)
        assert "make ledger-accept" in (gate.reason or "")
    path.write_bytes(good)
    assert gate.open() is GateState.OPEN
    assert gate.reason is None
    gate.check()


def test_another_ledger_in_the_place_of_ours_keeps_the_gate_shut(service, tmp_path):
    service.gate().open()
    service.writer.path.unlink()
    LedgerWriter(service.writer.path, signing_key=KEY).create(uuid4(), NOW)
    broken(service.gate(), "position 0 had another hash")
    assert service.writer.opening().ledger_id != LEDGER_ID


def test_a_fact_that_does_not_hold_keeps_the_gate_shut_and_its_batch_is_not_recorded(service):
    class Forgetful(MemberReplayer):
        def verify(self, tx, entry):
            return entry.position < 15

    facts(service, 25)
    gate = service.gate(Forgetful())
    broken(gate, "account_erased at position 15 does not hold")
    assert gate.position().position == 10
    assert service.replays() == list(range(1, 11))


def test_facts_that_undo_each_other_are_found_at_the_end(service):
    class Resurrecting(MemberReplayer):
        def replay(self, tx, entry):
            super().replay(tx, entry)
            if entry.position == 12:
                tx.run(
                    "INSERT INTO member (user_id, account_id, changed_at) VALUES (%(user)s, %(account)s, %(at)s)",
                    user=uuid4(),
                    account=account(1),
                    at=NOW,
                )

    facts(service, 12)
    broken(service.gate(Resurrecting()), "account_erased at position 1 does not hold")


@pytest.mark.parametrize("error", [Permanent("no"), Conflict(), psycopg.errors.UniqueViolation("no")])
def test_a_fact_that_cannot_be_replayed_keeps_the_gate_shut(service, error):
    class Failing(MemberReplayer):
        def replay(self, tx, entry):
            raise error

    service.write(Kind.ACCOUNT_ERASED, 1)
    broken(service.gate(Failing()), f"account_erased at position 1: {type(error).__name__}")


def test_a_fact_that_a_handler_makes_true_at_the_same_moment_is_replayed_beside_it(service, databases):
    class Unready(MemberReplayer):
        """Places a hold as if nobody else could."""

        def replay(self, tx, entry):
            there = tx.all("SELECT 1 FROM hold WHERE hold_id::text = %(hold)s", hold=entry.data["hold"])
            if not there:
                place = "INSERT INTO hold VALUES (%(hold)s, %(account)s)"
                tx.run(place, hold=entry.data["hold"], account=entry.account_id)

    gate = service.gate(Unready())
    assert gate.open() is GateState.OPEN
    hold = str(uuid4())
    service.write(Kind.HOLD_PLACED, 1, hold=hold)
    with ThreadPoolExecutor(1) as aside, service.database.transaction() as handler:
        handler.run("INSERT INTO hold VALUES (%(hold)s, %(account)s)", hold=hold, account=account(1))
        followed = aside.submit(gate.follow)
        until_somebody_waits(databases.superuser_dsn("account"))
        handler.connection.commit()
        assert followed.result(timeout=60) == 1
    assert gate.state is GateState.OPEN
    assert service.run("SELECT hold_id::text FROM hold") == [(hold,)]


def test_a_bug_in_a_replayer_is_not_hidden_and_opens_nothing(service):
    class Buggy(MemberReplayer):
        def replay(self, tx, entry):
            raise ZeroDivisionError

    service.write(Kind.ACCOUNT_ERASED, 1)
    gate = service.gate(Buggy())
    with pytest.raises(ZeroDivisionError):
        gate.open()
    assert gate.state is GateState.CLOSED


def test_a_backup_older_than_any_may_be_is_refused_and_a_new_database_is_not(service):
    service.write(Kind.ACCOUNT_ERASED, 1, NOW - 90 * DAY)
    service.gate().open()
    backup = Backup(service.owner_dsn)
    service.write(Kind.ACCOUNT_ERASED, 2, NOW - 80 * DAY)
    service.write(Kind.ACCOUNT_ERASED, 3, NOW)
    service.gate().open()
    service.writer.purge(NOW - 37 * DAY, NOW)
    assert service.gate().open() is GateState.OPEN
    backup.restore()
    broken(service.gate(), "restore a newer backup")
    service.run("UPDATE ledger_position SET position = NULL, hash = NULL, recorded_at = NULL")
    broken(service.gate(), "was never at the ledger")
    service.run("DELETE FROM member")
    gate = service.gate()
    assert gate.open() is GateState.OPEN
    assert gate.position() == service.writer.verify().head


# ── while it runs ──


def test_a_running_service_follows_the_ledger_and_stays_open(service):
    gate = service.gate()
    gate.open()
    service.write(Kind.ACCOUNT_ERASED, 1)
    assert gate.follow() == 1
    assert gate.follow() == 0
    gate.check()
    assert gate.position() == service.writer.verify().head


def test_what_is_written_while_the_gate_verifies_waits_for_the_next_time(service):
    class Overtaken(MemberReplayer):
        def verify(self, tx, entry):
            if not written:
                written.append(service.write(Kind.ACCOUNT_ERASED, 2))
            return super().verify(tx, entry)

    written = []
    service.write(Kind.ACCOUNT_ERASED, 1)
    gate = service.gate(Overtaken(), batch=1)
    assert gate.open() is GateState.OPEN
    gate.follow()
    assert gate.position().position == 2


def test_the_service_may_move_its_position_and_neither_remove_nor_double_it(service, owned):
    with psycopg.connect(service.dsn) as connection:
        for forbidden in ("DELETE FROM ledger_position", "INSERT INTO ledger_position (only_row) VALUES (false)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(forbidden)
    with pytest.raises(psycopg.errors.CheckViolation):
        service.run("INSERT INTO ledger_position (only_row) VALUES (false)")


# ── looked at by others ──


def watch_of(service: Service) -> Watch:
    return Watch(Ledger(service.writer.path, keys=[KEY.public]), service.database)


def test_who_watches_waits_for_what_the_ledger_held_when_it_began_and_not_for_what_came_since(service):
    watch = watch_of(service)
    assert watch.open() is GateState.REPLAYING  # nobody ever opened the gate there
    service.gate().open()
    facts(service, 2)
    assert watch.open() is GateState.REPLAYING
    gate, upto = service.gate(), service.writer.verify().head
    gate.open()
    facts(service, 1)
    assert (gate.position(), watch.open()) == (upto, GateState.OPEN)
    assert watch.open() is GateState.REPLAYING  # it began anew, and one fact is missing now


def test_who_watches_believes_no_position_that_the_ledger_does_not_know(service):
    service.gate().open()
    facts(service, 2)
    watch = watch_of(service)
    assert watch.open() is GateState.REPLAYING
    for position in (2, 3):
        service.run("UPDATE ledger_position SET position = %s, hash = %s", position, "f" * 64)
        assert watch.open() is GateState.BROKEN
        assert watch.reason
    assert watch_of(service).open() is GateState.BROKEN


# ── what is told of it ──


def figure(name: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"database": "account"})


def test_a_running_service_tells_how_far_it_is_and_that_it_cannot_follow(service):
    facts(service, 2)
    admission = Admission([service.gate()])
    assert admission.open()
    assert (figure("vilkar_ledger_position"), figure("vilkar_ledger_followed")) == (2, 1)
    facts(service, 3)
    admission.follow()
    assert (figure("vilkar_ledger_position"), figure("vilkar_ledger_behind")) == (5, 3)
    admission.follow()
    assert figure("vilkar_ledger_behind") == 0
    whole = service.writer.path.read_bytes()
    service.writer.path.unlink()
    admission.follow()
    assert figure("vilkar_ledger_followed") == 0
    assert admission.why_not() == ["ledger_broken"]
    service.writer.path.write_bytes(whole)
    admission.follow()
    assert (figure("vilkar_ledger_followed"), admission.why_not()) == (1, [])
