"""Whoever is root accepts that facts are lost: with what the system goes on, and what is never done."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from subprocess import run
from uuid import uuid4

import psycopg
import pytest

from deploy.provision.ledger import Acceptance, accept, propose, words
from deploy.provision.ledger_choice import Places, Way
from shared.clock import FixedClock
from shared.database import Database
from shared.errors import Refused, Unavailable
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_copy import copy_ledger, last_copy
from shared.privacy.ledger_lines import ORIGIN, Mark
from shared.privacy.ledger_writer import LedgerWriter
from shared.privacy.restore_gate import Gate, GateState
from shared.system import DATABASES
from tests.integration.privacy.sample_service import NOW
from tests.unit.privacy.ledger_samples import KEY, erased, ledger_of

pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-1")]

ROOT = Path(__file__).resolve().parents[3]
WHO = Acceptance(reason="ledger_damaged", now=NOW)
FACTS = 6
ALL = (*DATABASES, "keyring")


class Remembering:
    """Replays nothing but remembers what it was given."""

    def __init__(self):
        self.positions = []

    def replay(self, tx, entry):
        self.positions.append(entry.position)

    def verify(self, tx, entry):
        return True

    def settle(self, tx):
        return False

    def is_empty(self, tx):
        return False


@dataclass
class House:
    """A ledger of six facts, its copy of four, and six databases that have taken up all six."""

    writer: LedgerWriter
    places: Places
    dsns: dict[str, str]
    service_dsn: str

    def run(self, name, query, *values):
        with psycopg.connect(self.dsns[name]) as connection:
            cursor = connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def put(self, mark, *names):
        values = (mark.position, mark.hash, NOW) if mark else (None, None, None)
        for name in names or ALL:
            self.run(name, "UPDATE ledger_position SET position = %s, hash = %s, recorded_at = %s", *values)

    def positions(self):
        return {name: self.run(name, "SELECT position FROM ledger_position")[0][0] for name in ALL}

    def told(self):
        rows = self.run("retention", "SELECT body FROM outbox WHERE routing_key = 'ledger.accepted' ORDER BY id")
        return [json.loads(bytes(body)) for (body,) in rows]

    def replayed(self):
        """What the gate of account replays afterwards; it must open."""
        database, replayer = Database(self.service_dsn, source="account", size=1), Remembering()
        database.open()
        try:
            ledger = Ledger(self.places.file, keys=[KEY.public])
            gate = Gate(ledger, database, replayer, clock=FixedClock(NOW))
            assert gate.open() is GateState.OPEN, gate.reason
        finally:
            database.close()
        return replayer.positions

    def aside(self):
        return sorted(path.name for path in self.places.file.parent.glob("*.put-aside-*"))


@pytest.fixture
def house(databases, keyring_database, tmp_path) -> House:
    writer = ledger_of(tmp_path / "ledger" / "ledger.jsonl", 4)
    copy_ledger(writer, tmp_path / "copies", NOW)
    writer.append([erased(5), erased(6)], NOW)
    dsns = {name: databases.owner_dsn(name) for name in DATABASES} | {"keyring": keyring_database.owner_dsn()}
    places = Places(
        file=writer.path,
        copy=tmp_path / "copies" / writer.path.name,
        sent=tmp_path / "ledger_sent.json",
        keys=[KEY.public],
    )
    made = House(writer, places, dsns, databases.dsn("account"))
    made.put(writer.verify().head)
    made.run("retention", "DELETE FROM outbox")
    return made


def lines(path):
    return path.read_bytes().splitlines(keepends=True)


def shorten(house, upto):
    house.writer.path.write_bytes(b"".join(lines(house.writer.path)[: upto + 1]))


def damage(path):
    path.write_bytes(path.read_bytes().replace(b"account_erased", b"account_fooled", 1))


def test_nothing_is_changed_before_somebody_says_yes(house):
    damage(house.writer.path)
    before = house.writer.path.read_bytes(), house.positions()
    choice = propose(house.places, house.dsns)
    assert (choice.way, choice.head, choice.known, choice.lost_after) == (Way.COPY, 4, 6, 4)
    said = "\n".join(words(choice, [], done=False))
    assert "lost from the ledger: facts 5 to 6 at least" in said
    assert "nothing was changed" in said
    assert (house.writer.path.read_bytes(), house.positions()) == before
    assert (house.aside(), house.told()) == ([], [])


def test_a_damaged_ledger_is_put_aside_and_the_copy_takes_its_place(house):
    damage(house.writer.path)
    damaged = house.writer.path.read_bytes()
    choice, aside = accept(house.places, house.dsns, WHO)
    assert choice.way is Way.COPY
    assert house.writer.path.read_bytes() == house.places.copy.read_bytes()
    assert [path.read_bytes() for path in aside] == [damaged]
    assert set(house.positions().values()) == {0}
    assert house.replayed() == [1, 2, 3, 4]


def test_it_is_told_to_the_audit_trail_with_why_and_in_nobodys_name(house):
    damage(house.writer.path)
    accept(house.places, house.dsns, WHO)
    (told,) = house.told()
    assert (told["type"], told["source"], told["actor"]) == ("ledger.accepted", "retention", "system")
    assert told["subject"] == f"acceptance/{told['data'].pop('acceptance_id')}"
    assert told["data"] == {
        "by": "machine",
        "reason": "ledger_damaged",
        "way": "copy",
        "lost_after_position": 4,
    }


def test_a_missing_ledger_comes_back_from_its_copy(house):
    house.writer.path.unlink()
    choice, aside = accept(house.places, house.dsns, WHO)
    assert (choice.way, aside) == (Way.COPY, [])
    assert house.replayed() == [1, 2, 3, 4]


def test_a_shortened_ledger_gives_way_to_a_copy_that_goes_further_and_stays_where_there_is_none(house):
    shorten(house, 2)
    assert propose(house.places, house.dsns).way is Way.COPY
    house.places.copy.unlink()
    choice, aside = accept(house.places, house.dsns, WHO)
    assert (choice.way, choice.head, choice.lost_after) == (Way.KEPT, 2, 2)
    assert [path.name.partition(".")[0] for path in aside] == ["last_copy"]  # it tells of a fourth fact
    assert house.replayed() == [1, 2]


def test_the_ledger_that_the_databases_know_is_taken_and_not_another_that_verifies_too(house):
    other = ledger_of(house.writer.path.with_name("other.jsonl"), 8)
    copy_ledger(house.writer, house.places.copy.parent, NOW)
    known = house.writer.path.read_bytes()
    other.path.replace(house.writer.path)
    assert house.writer.path.read_bytes() != known
    choice, aside = accept(house.places, house.dsns, WHO)
    assert choice.way is Way.COPY
    assert house.writer.path.read_bytes() == known
    assert len(aside) == 1
    assert house.replayed() == [1, 2, 3, 4, 5, 6]


def test_without_a_ledger_and_a_copy_to_rely_on_a_new_one_may_begin(house):
    damage(house.writer.path)
    damage(house.places.copy)
    choice, aside = accept(house.places, house.dsns, WHO)
    assert choice.way is Way.NEW
    assert not house.writer.path.exists()
    assert not house.places.copy.exists()
    assert len(aside) == 3  # ledger, copy, and what was noted of the copy
    assert all(path.exists() for path in aside)
    assert set(house.positions().values()) == {None}
    house.writer.create(uuid4(), NOW)
    assert house.replayed() == []
    copy_ledger(house.writer, house.places.copy.parent, NOW)


def test_a_database_older_than_the_ledger_reaches_goes_on_and_it_is_said_what_it_will_not_learn(house):
    old = Mark(1, next(house.writer.read()).mark.hash)
    house.writer.purge(NOW, NOW, keep_after=3)
    house.put(old, "account")
    choice, _ = accept(house.places, house.dsns, WHO)
    assert (choice.way, choice.lost_after) == (Way.KEPT, 1)
    (account,) = [each for each in choice.databases if each.database == "account"]
    assert (account.recorded, account.replays, account.unknown_after, account.unknown_upto) == (1, 3, 1, 3)
    assert set(house.positions().values()) == {3}
    assert house.replayed() == [4, 5, 6]


def test_the_next_copy_and_the_next_sending_are_not_stopped_by_what_was_noted_of_the_lost_ledger(house):
    copy_ledger(house.writer, house.places.copy.parent, NOW)
    house.places.sent.write_bytes(house.writer.path.with_name("last_copy.json").read_bytes())
    shorten(house, 3)
    house.places.copy.unlink()
    accept(house.places, house.dsns, WHO)
    assert not house.places.sent.exists()
    assert last_copy(house.writer) is None
    LedgerWriter(house.writer.path, signing_key=KEY).append([erased(7)], NOW)
    copy_ledger(house.writer, house.places.copy.parent, NOW)


def test_what_was_noted_stays_where_it_is_still_true(house):
    house.places.sent.write_bytes(house.writer.path.with_name("last_copy.json").read_bytes())
    damage(house.writer.path)
    _, aside = accept(house.places, house.dsns, WHO)
    assert len(aside) == 1
    assert house.places.sent.exists()
    assert last_copy(house.writer) is not None


def test_it_is_refused_while_a_service_is_connected_and_nothing_is_changed(house, databases):
    damage(house.writer.path)
    before = house.writer.path.read_bytes(), house.positions()
    with psycopg.connect(databases.dsn("audit")), pytest.raises(Refused, match="stop the services first: audit"):
        accept(house.places, house.dsns, WHO)
    assert (house.writer.path.read_bytes(), house.positions(), house.told()) == (*before, [])


def test_it_is_refused_where_nothing_is_wrong(house):
    for look in (lambda: propose(house.places, house.dsns), lambda: accept(house.places, house.dsns, WHO)):
        with pytest.raises(Refused, match="nothing is wrong"):
            look()
    assert set(house.positions().values()) == {FACTS}


def test_a_database_that_is_behind_is_no_reason(house):
    house.put(next(house.writer.read()).mark, "billing_sync")
    with pytest.raises(Refused, match="nothing is wrong"):
        propose(house.places, house.dsns)


def test_a_ledger_of_a_newer_version_or_that_cannot_be_read_is_not_given_up(house):
    *_, last = lines(house.writer.path)
    raw = {**json.loads(last), "kind": "portable_copy_handed_over"}
    del raw["signature"]
    compact = {"sort_keys": True, "separators": (",", ":")}
    signature = KEY.sign(json.dumps({"origin": ORIGIN, **raw}, **compact).encode())
    raw["signature"] = base64.b64encode(signature).decode()
    shorten(house, 5)
    with house.writer.path.open("ab") as stream:
        stream.write(json.dumps(raw, **compact).encode() + b"\n")
    with pytest.raises(Refused, match="start a version at least as new"):
        accept(house.places, house.dsns, WHO)
    house.writer.path.unlink()
    house.writer.path.mkdir()
    with pytest.raises(Refused, match="cannot be read here"):
        accept(house.places, house.dsns, WHO)
    assert set(house.positions().values()) == {FACTS}


def test_interrupted_between_two_databases_it_is_run_again(house):
    damage(house.writer.path)
    away = {**house.dsns, "notification": house.dsns["notification"] + " port=1"}
    with pytest.raises(Unavailable):
        accept(house.places, away, WHO)
    house.run("notification", "ALTER TABLE ledger_position RENAME TO hidden")
    with pytest.raises(psycopg.errors.UndefinedTable):
        accept(house.places, house.dsns, WHO)
    house.run("notification", "ALTER TABLE hidden RENAME TO ledger_position")
    house.put(None, "retention", "account")  # as if it had died between account and audit
    accept(house.places, house.dsns, WHO)
    assert set(house.positions().values()) == {0}
    assert house.replayed() == [1, 2, 3, 4]


def test_nothing_is_no_reason():
    with pytest.raises(Refused, match="say why"):
        Acceptance(reason="because", now=NOW)


@pytest.mark.parametrize("given", [(), ("--by", "kari", "--reason", "drill")], ids=["no reason", "a name"])
def test_the_program_is_refused_without_a_reason_and_takes_no_name(given):
    ended = run(
        [sys.executable, "-m", "deploy.provision.ledger", "accept", *given],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 2
    assert "required" in ended.stderr or "unrecognized arguments" in ended.stderr
