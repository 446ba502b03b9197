"""Proof that the newest backup can be restored: done in a server that serves nobody, and nothing of it stays."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from deploy.backup import restore_test, scratch
from deploy.backup.errors import BackupFailed
from shared import backup_record
from shared.backup_record import DATA, KEYRING
from shared.privacy.ledger_errors import LedgerShortened
from shared.privacy.ledger_lines import Fact, Kind
from tests.server_folders import new_folder
from tests.unit.privacy.ledger_samples import KEY, account, writer_at

pytestmark = [pytest.mark.integration, pytest.mark.clause("BACKUP-2")]

FOREIGN = "1" * 64


@pytest.fixture
def temporary(monkeypatch) -> Iterator[Path]:
    """A folder of the test's own in place of the machine's temporary one; PostgreSQL's user may enter it."""
    folder = new_folder("v-")
    folder.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    monkeypatch.undo()
    shutil.rmtree(folder)


def names_of_databases(world) -> set[str]:
    return {
        name
        for database in ("account", "keyring")
        for (name,) in world.run(database, "SELECT datname FROM pg_database")
    }


def test_a_restore_is_proven_with_its_rows_and_leaves_nothing_behind(world, temporary):
    world.event("account", published_at=None)
    world.key()
    world.backups.take()
    before = names_of_databases(world)
    world.clock.move(timedelta(hours=1))
    proven = dict(world.backups.prove())
    assert proven.keys() == {DATA, KEYRING}
    assert backup_record.read(world.settings.record_dir).proven == proven
    assert proven[KEYRING].rows == world.run("keyring", _ALL_ROWS)[0][0]
    assert proven[DATA].rows > 1
    assert proven[DATA].at - proven[DATA].taken_at == timedelta(hours=1)
    assert names_of_databases(world) == before
    assert list(temporary.iterdir()) == []
    assert not scratch.place_of(world.settings.work).exists()
    assert list(world.settings.work.iterdir()) == []


_ALL_ROWS = """
    SELECT sum((xpath('/row/c/text()', query_to_xml(
        format('SELECT count(*) AS c FROM %I.%I', schemaname, tablename), false, true, '')))[1]::text::int)::int
    FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""


def test_a_backup_from_which_the_ledger_does_not_go_on_proves_nothing(world):
    key = world.settings.secrets.folder / "ledger_public_key"
    key.unlink()
    key.write_text(KEY.public.text())
    fact = Fact(kind=Kind.ACCOUNT_ERASED, account_id=account(1), user_id=None, data={})
    writer_at(world.settings.ledger).append([fact], world.clock.now())
    was = world.run("account", "SELECT position, hash, recorded_at FROM ledger_position")[0]
    place = "UPDATE ledger_position SET position = %s, hash = %s, recorded_at = %s"
    world.run("account", place, 1, FOREIGN, world.clock.now())
    try:
        world.backups.take((DATA,))
        with pytest.raises(BackupFailed, match=r"a restored account_\w+ could not be replayed"):
            world.backups.prove((DATA,))
    finally:
        world.run("account", place, *was)
    assert world.backups.record().proven == {}
    assert list(world.settings.work.iterdir()) == []


def test_a_copy_of_the_ledger_that_is_a_moment_behind_the_backup_is_waited_for(world, monkeypatch):
    key = world.settings.secrets.folder / "ledger_public_key"
    key.unlink()
    key.write_text(KEY.public.text())
    writer = writer_at(world.settings.ledger)
    facts = [Fact(kind=Kind.ACCOUNT_ERASED, account_id=account(n), user_id=None, data={}) for n in (1, 2)]
    writer.append(facts[:1], world.clock.now())
    behind = world.settings.ledger.read_bytes()
    writer.append(facts[1:], world.clock.now())
    complete, mark = world.settings.ledger.read_bytes(), writer.verify().head
    was = world.run("account", "SELECT position, hash, recorded_at FROM ledger_position")[0]
    place = "UPDATE ledger_position SET position = %s, hash = %s, recorded_at = %s"
    world.run("account", place, mark.position, mark.hash, world.clock.now())
    seen, look = [], restore_test._not_replayable

    def look_and_copy(*places):
        seen.append(look(*places))
        world.settings.ledger.write_bytes(complete)
        return seen[-1]

    try:
        world.backups.take((DATA,))
        world.settings.ledger.write_bytes(behind)
        with monkeypatch.context() as patched:
            patched.setattr(restore_test, "_not_replayable", look_and_copy)
            patched.setattr(restore_test, "LOOK_SECONDS", 0.1)
            proven = dict(world.backups.prove((DATA,)))
    finally:
        world.run("account", place, *was)
    assert proven.keys() == {DATA}
    assert [each and type(each.error) for each in seen] == [LedgerShortened, None]


def test_the_server_hears_no_network_lets_nobody_else_in_and_what_a_killed_run_left_is_cleared(tmp_path):
    with scratch.running(tmp_path) as socket:
        with psycopg.connect(scratch.dsn(socket, "postgres")) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            pid = connection.execute("SELECT pg_backend_pid()").fetchone()
        for folder in (Path(socket), scratch.place_of(tmp_path)):
            assert folder.stat().st_mode & 0o077 == 0
        assert pid is not None
    assert not scratch.place_of(tmp_path).exists()
    left = scratch.place_of(tmp_path) / "data"
    left.mkdir(parents=True)
    (left / "PG_VERSION").write_text("15")
    scratch.clear(tmp_path)
    assert not scratch.place_of(tmp_path).exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's folder lies where others may make one")
def test_a_folder_of_somebody_else_in_its_place_is_neither_used_nor_removed(tmp_path):
    place = scratch.place_of(tmp_path)
    place.mkdir()
    os.chown(place, 65534, 65534)
    try:
        scratch.clear(tmp_path)
        assert place.exists()
        with pytest.raises(BackupFailed, match="somebody else's"), scratch.running(tmp_path):
            pass
        assert place.exists()
    finally:
        place.rmdir()
