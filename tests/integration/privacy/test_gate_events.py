"""Events in the ledger behind the gates of two databases: one has to make them true again, the other has not."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from shared.clock import FixedClock
from shared.database import Database, Transaction
from shared.privacy.fact_replay import Replayers
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_errors import LedgerTooNew
from shared.privacy.ledger_lines import Entry, Fact, Kind, kind_of
from shared.privacy.restore_gate import Gate, GateState, Watch
from tests.unit.privacy.ledger_samples import KEY, PassRevoked, account, erased, received, revoked, writer_at

pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-1")]

NOW = received(revoked(1)).time + timedelta(days=1)
SCHEMA = """
CREATE TABLE pass (
    pass_id uuid PRIMARY KEY, holder_id uuid NOT NULL, version integer NOT NULL, revoked_at timestamptz,
    reason text
);
GRANT SELECT, INSERT, UPDATE ON pass TO audit;
"""
PASSES = 4


class PassReplay:
    """Revokes passes again, unless the row has seen a later change."""

    facts = frozenset({kind_of(PassRevoked)})

    def replay(self, tx: Transaction, entry: Entry) -> None:
        event = entry.event(PassRevoked)
        tx.run(
            """
            UPDATE pass SET revoked_at = %(since)s, reason = %(reason)s, version = %(version)s
            WHERE pass_id = %(pass_id)s AND version < %(version)s
            """,
            pass_id=event.pass_id, reason=event.reason, since=entry.happening.since,
            version=entry.happening.sequence,
        )  # fmt: skip

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        query = "SELECT 1 FROM pass WHERE pass_id = %(pass_id)s AND version < %(version)s"
        return tx.one(query, pass_id=entry.uuid("pass_id"), version=entry.happening.sequence) is None


def has_no_pass(tx: Transaction) -> bool:
    return tx.one("SELECT 1 FROM pass LIMIT 1") is None


class House:
    """A database that keeps passes; seen from the ledger it is the porter's."""

    def __init__(self, dsns, writer) -> None:
        self.dsn, self.owner_dsn, self.writer = dsns.dsn("audit"), dsns.owner_dsn("audit"), writer
        self.database = Database(self.dsn, source="porter", size=2)
        self.database.open()

    def run(self, query: str, *values: object) -> list[tuple]:
        with psycopg.connect(self.owner_dsn) as connection:
            cursor = connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def ledger(self) -> Ledger:
        return Ledger(self.writer.path, keys=[KEY.public])

    def gate(self, *several, database=None) -> Gate:
        replayers = Replayers(*several, is_empty=has_no_pass)
        return Gate(self.ledger(), database or self.database, replayers, clock=FixedClock(NOW), batch=2)

    def revoked(self) -> set[UUID]:
        return {row[0] for row in self.run("SELECT pass_id FROM pass WHERE revoked_at IS NOT NULL")}

    def revoke(self, number: int) -> None:
        """Revoke a pass as the service would, and write the event into the ledger as retention would."""
        event = revoked(number)
        self.run("UPDATE pass SET revoked_at = %s, version = 7 WHERE pass_id = %s", NOW, event.pass_id)
        self.writer.append([Fact.of_event(received(event))], NOW)


@pytest.fixture(scope="module")
def table(databases):
    with psycopg.connect(databases.owner_dsn("audit")) as connection:
        connection.execute(SCHEMA)
    return databases


@pytest.fixture
def house(table, tmp_path):
    made = House(table, writer_at(tmp_path / "ledger.jsonl"))
    made.run("DELETE FROM pass")
    made.run("UPDATE ledger_position SET position = NULL, hash = NULL, recorded_at = NULL")
    for number in range(1, PASSES + 1):
        pass_ = revoked(number)
        made.run("INSERT INTO pass VALUES (%s, %s, 1)", pass_.pass_id, pass_.holder_id)
    yield made
    made.database.close()


def test_no_restore_brings_back_what_was_revoked(house):
    gate = house.gate(PassReplay())
    assert gate.open() is GateState.OPEN
    backup = house.run("SELECT pass_id, holder_id, version FROM pass ORDER BY pass_id"), gate.position()
    house.writer.append([erased(1)], NOW)
    house.revoke(1)
    house.writer.append([Fact(kind=Kind.OBJECTION, account_id=account(2), data={"class": "marketing"})], NOW)
    house.revoke(3)
    house.run("UPDATE pass SET version = 1, revoked_at = NULL, reason = NULL")
    house.run("UPDATE ledger_position SET position = %s, hash = %s", *backup[1])
    assert house.run("SELECT pass_id, holder_id, version FROM pass ORDER BY pass_id") == backup[0]
    restored = house.gate(PassReplay())
    assert restored.open() is GateState.OPEN
    assert house.revoked() == {revoked(1).pass_id, revoked(3).pass_id}
    assert house.run("SELECT DISTINCT reason FROM pass WHERE revoked_at IS NOT NULL") == [("lost",)]
    assert restored.position() == house.ledger().verify().head


def test_a_running_service_takes_up_an_event_once_and_a_later_change_stays(house):
    gate = house.gate(PassReplay())
    gate.open()
    house.revoke(1)
    house.run("UPDATE pass SET revoked_at = NULL, version = 8 WHERE pass_id = %s", revoked(1).pass_id)
    assert (gate.follow(), gate.follow()) == (1, 0)
    assert house.revoked() == set()


def test_a_database_that_is_not_named_passes_events_over_whether_it_knows_them_or_not(house):
    """So a process of an earlier version, which never heard of the event, goes on beside the new ones."""
    house.gate().open()
    house.revoke(1)
    house.run("UPDATE pass SET revoked_at = NULL, version = 1")
    house.writer.append([erased(1)], NOW)
    other = Database(house.dsn, source="audit", size=1)
    other.open()
    try:
        for several in ((), (PassReplay(),)):
            house.run("UPDATE ledger_position SET position = NULL, hash = NULL, recorded_at = NULL")
            gate = house.gate(*several, database=other)
            assert gate.open() is GateState.OPEN
            assert gate.position() == house.ledger().verify().head
        watch = Watch(house.ledger(), other)
        assert watch.open() is GateState.OPEN
    finally:
        other.close()
    assert house.revoked() == set()


def test_a_database_that_is_named_and_does_not_know_the_event_serves_nobody(house):
    gate = house.gate()
    gate.open()
    house.writer.append([erased(1)], NOW)
    house.revoke(1)
    with pytest.raises(LedgerTooNew):
        gate.follow()
    behind = house.gate()
    assert behind.open() is GateState.BROKEN
    assert behind.reason is not None
    assert behind.reason.startswith("the ledger holds pass.revoked at position 2, which porter is to make true")
    assert "start a version at least as new" in behind.reason
    assert house.run("SELECT position FROM ledger_position") == [(0,)]
    assert house.gate(PassReplay()).open() is GateState.OPEN


def test_an_event_that_does_not_hold_after_its_replay_keeps_the_gate_shut(house):
    class Forgetful(PassReplay):
        def replay(self, tx, entry):
            """Nothing."""

    house.gate(PassReplay()).open()
    house.writer.append([Fact.of_event(received(revoked(2)))], NOW)
    gate = house.gate(Forgetful())
    assert gate.open() is GateState.BROKEN
    assert "pass.revoked at position 1 does not hold" in str(gate.reason)
