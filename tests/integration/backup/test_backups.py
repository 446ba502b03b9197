"""Backups of real databases: what comes back, what is gone in time, and what nobody can read."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest

from deploy.backup.errors import BackupFailed, RestoreRefused
from deploy.provision import postgres
from shared import backup_record
from shared.backup_record import DATA, KEYRING

pytestmark = [pytest.mark.integration, pytest.mark.clause("BACKUP-1", "BACKUP-2")]

DAY = timedelta(days=1)
PLAIN = b"Kari Nordmann, Storgata 1, Kirkenaer"


def contents(folder) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@contextmanager
def as_role(dsn: str):
    connection = psycopg.connect(dsn)
    try:
        yield connection
    finally:
        connection.close()


def test_what_was_there_then_is_there_again_and_what_came_since_is_not(world):
    before = {name: world.event(name, published_at=None) for name in ("account", "retention")}
    taken = {each.set: each for each in world.backups.take()}
    assert taken.keys() == {DATA, KEYRING}
    for name, event in before.items():
        world.event(name, published_at=None)
        world.run(name, "DELETE FROM outbox WHERE event_id = %s", event)
    restored = world.backups.restore("latest")
    assert [(each.set, each.id, each.taken_at) for each in restored] == [(DATA, taken[DATA].id, world.clock.now())]
    for name, event in before.items():
        assert world.events(name).keys() == {event}


def test_rows_rights_and_owners_come_back_as_they_were(world):
    rights = (
        "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants "
        "WHERE table_schema = 'public' ORDER BY 1, 2, 3"
    )
    doors = (
        "SELECT datname, pg_get_userbyid(datdba), datacl::text FROM pg_database WHERE datname = current_database()"
    )
    labels = (
        "SELECT objoid::regclass::text, objsubid, description FROM pg_description WHERE objoid::regclass::text = %s"
    )
    before = [world.run("account", rights), world.run("account", doors), world.run("account", labels, "outbox")]
    assert all(before)
    world.backups.take((DATA,))
    world.backups.restore()
    after = [world.run("account", rights), world.run("account", doors), world.run("account", labels, "outbox")]
    assert after == before


def test_what_lasts_hours_is_in_no_backup_so_no_restore_brings_back_a_session_that_has_ended(world):
    world.run("staff", "INSERT INTO brake (about, failed_at, touched_at) VALUES ('log_in:nobody', '{}', now())")
    world.run(
        "staff",
        "INSERT INTO person (id, code, state, invited_at, invited_by) "
        "VALUES (gen_random_uuid(), 'kari', 'invited', now(), 'system')",
    )
    world.backups.take((DATA,))
    world.backups.restore()
    assert world.run("staff", "SELECT code FROM person") == [("kari",)]
    assert world.run("staff", "SELECT count(*) FROM brake") == [(0,)]
    unlogged = "SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r' ORDER BY 1"
    names = ("brake", "ceremony", "device_log_in", "form_draft", "session")
    assert world.run("staff", unlogged) == [(name,) for name in names]


def test_the_keyring_is_a_set_of_its_own_with_a_repository_and_a_key_of_its_own(world):
    first = world.key()
    kept = world.event("account", published_at=None)
    world.backups.take()
    world.key()
    later = world.event("account", published_at=None)
    world.backups.restore("latest", (KEYRING,))
    assert world.keys() == {first}
    assert world.events("account").keys() == {kept, later}
    keys = {(world.settings.secrets.folder / f"{name}_backup_key").read_text() for name in (DATA, KEYRING)}
    assert len(keys) == 2
    swapped = world.settings.secrets.folder / "data_backup_key"
    swapped.write_text((world.settings.secrets.folder / "keyring_backup_key").read_text())
    with pytest.raises(BackupFailed, match="wrong password"):
        world.backups.choose("latest", (DATA,))


def test_whoever_restores_both_gets_the_newest_keys_to_older_data(world):
    old, event = world.key(), world.event("account", published_at=None)
    world.backups.take()
    world.clock.move(DAY)
    new = world.key()
    world.event("account", published_at=None)
    world.backups.take()
    world.run("keyring", "TRUNCATE data_key")
    world.backups.restore((world.clock.now() - DAY).isoformat(), (DATA, KEYRING))
    assert world.events("account").keys() == {event}
    assert world.keys() == {old, new}


def test_an_instant_means_the_newest_backup_until_then(world):
    events = []
    for _ in range(3):
        events.append(world.event("account", published_at=None))
        world.backups.take((DATA,))
        world.clock.move(DAY)
    world.backups.restore((world.clock.now() - 2 * DAY + timedelta(hours=3)).isoformat())
    assert world.events("account").keys() == set(events[:2])


@pytest.mark.clause("FORGET-1")
def test_nothing_older_than_its_window_is_left_in_either_set(world):
    for _ in range(2):
        world.key()
        world.backups.take()
        world.clock.move(15 * DAY)
    world.backups.take()
    listed = {each.set: [each.at for each in each.snapshots] for each in world.backups.listing()}
    now = world.clock.now()
    assert listed == {DATA: [now - 15 * DAY, now], KEYRING: [now]}
    wrong = backup_record.alarms(world.backups.record(), now)
    assert {each.reason for each in wrong} <= {"unproven"}, "only that nobody has restored one here"
    ids = {path.name for path in (world.target / "keyring" / "snapshots").iterdir()}
    assert len(ids) == 1


@pytest.mark.clause("FORGET-1")
def test_the_bytes_of_a_forgotten_backup_are_gone_from_the_repository(world):
    subject = world.key()
    world.backups.take((KEYRING,))
    before = {path.name for path in (world.target / "keyring" / "data").rglob("*") if path.is_file()}
    world.run(
        "keyring", "UPDATE data_key SET state = 'destroyed', wrapped = NULL, destroyed_at = %s", world.clock.now()
    )
    world.clock.move(8 * DAY)
    world.backups.take((KEYRING,))
    after = {path.name for path in (world.target / "keyring" / "data").rglob("*") if path.is_file()}
    assert before
    assert not before & after
    world.backups.restore("latest", (KEYRING,))
    assert world.run("keyring", "SELECT subject_id, wrapped FROM data_key") == [(subject, None)]


def test_forgetting_goes_on_while_no_backup_can_be_taken(world):
    world.backups.take((DATA,))
    world.clock.move(40 * DAY)
    gone = world.told(sets=(world.settings.sets[0].__class__(**{
        **{name: getattr(world.settings.sets[0], name) for name in world.settings.sets[0].__slots__}, "port": 1,
    }),))  # fmt: skip
    with pytest.raises(BackupFailed, match="data could not be read"):
        gone.backups.take((DATA,))
    record = world.backups.record()
    assert record.sets[DATA].count == 0
    assert [(alarm.set, alarm.reason) for alarm in backup_record.alarms(record, world.clock.now())] == [
        (DATA, "none"), (KEYRING, "none"),
    ]  # fmt: skip


def test_no_plain_value_is_in_the_repository_nor_left_in_the_work_folder(world):
    world.run(
        "account",
        "INSERT INTO parked (id, consumer, type, body, reason, error_class, stack_hash, attempts, parked_at) "
        "VALUES (gen_random_uuid(), 'c', 't', %s, 'r', 'e', 's', 1, %s)",
        PLAIN, world.clock.now(),
    )  # fmt: skip
    world.backups.take()
    kept = contents(world.target)
    assert len(kept) > 10_000
    for trace in (PLAIN, PLAIN.hex().encode(), b"COPY", b"outbox", b"account"):
        assert trace not in kept
    assert list(world.settings.work.iterdir()) == []


def test_no_password_is_on_a_command_line(world, monkeypatch, tmp_path):
    """Programs of ours in front of the real ones write down what they were called with."""
    for name in ("restic",):
        real = shutil.which(name)
        script = tmp_path / name
        script.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$@" >> {tmp_path}/seen\nenv >> {tmp_path}/seen\nexec {real} "$@"\n'
        )
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    world.backups.take()
    seen = (tmp_path / "seen").read_text()
    assert "snapshots" in seen
    for file in world.settings.secrets.folder.iterdir():
        assert file.read_text() not in seen


def test_a_restore_under_running_services_is_refused_and_changes_nothing(world, databases):
    event = world.event("account", published_at=None)
    world.backups.take((DATA,))
    later = world.event("account", published_at=None)
    with as_role(databases.dsn("account")), pytest.raises(RestoreRefused, match="account still work on data"):
        world.backups.restore()
    assert world.events("account").keys() == {event, later}
    world.backups.restore()
    assert world.events("account").keys() == {event}


def test_who_connects_while_databases_are_filled_is_not_cut_off_and_nothing_is_exchanged(world, monkeypatch):
    event = world.event("account", published_at=None)
    world.backups.take((DATA,))
    later = world.event("account", published_at=None)
    from deploy.backup.databases import Databases

    switch = Databases.switch

    def late(self):
        with as_role(world.owners["retention"]):
            switch(self)

    monkeypatch.setattr(Databases, "switch", late)
    with pytest.raises(RestoreRefused, match="nothing was changed"):
        world.backups.restore()
    assert world.events("account").keys() == {event, later}
    names = world.run("account", "SELECT datname FROM pg_database WHERE datname ~ '_(restored|replaced)$'")
    assert names == []


def test_a_restore_that_died_leaves_nothing_behind_after_the_next_start(world, infrastructure):
    database = world.settings.sets[0].databases[0]
    with psycopg.connect(infrastructure.db.dsn(), autocommit=True) as connection:
        for state in (postgres.RESTORED, postgres.REPLACED):
            postgres.create_if_missing(connection, postgres.beside(database, state))
    postgres.provision(infrastructure.db.dsn(), postgres.Instance((), (database,)))
    assert world.run("account", "SELECT datname FROM pg_database WHERE datname ~ '_(restored|replaced)$'") == []


def test_an_event_on_its_way_when_the_backup_was_taken_is_sent_again(world):
    now = world.clock.now()
    waiting = world.event("account", published_at=None)
    just_sent = world.event("account", published_at=now - timedelta(minutes=20))
    long_sent = world.event("account", published_at=now - DAY)
    world.backups.take((DATA,))
    world.backups.restore()
    assert world.events("account") == {waiting: None, just_sent: None, long_sent: now - DAY}


def test_a_database_learns_of_its_restore_and_nothing_of_it_runs_with_the_rights_of_the_superuser(world):
    world.event("account", published_at=world.clock.now() - timedelta(minutes=20))
    with psycopg.connect(world.owners["account"], autocommit=True) as connection:
        connection.execute("CREATE TABLE seen (who name)")
        connection.execute(
            "CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN INSERT INTO public.seen VALUES (current_user); RETURN NEW; END'"
        )
        connection.execute("CREATE TRIGGER look BEFORE UPDATE ON outbox FOR EACH ROW EXECUTE FUNCTION look()")
        connection.execute(
            "CREATE FUNCTION after_restore() RETURNS void LANGUAGE sql AS "
            "'INSERT INTO public.seen VALUES (current_user)'"
        )
        world.backups.take((DATA,))
    world.backups.restore()
    with psycopg.connect(world.owners["account"], autocommit=True) as connection:
        found = connection.execute("SELECT who, current_user::name FROM seen").fetchall()
        connection.execute("DROP TRIGGER look ON outbox; DROP FUNCTION look, after_restore; DROP TABLE seen")
    assert [who == owner for who, owner in found] == [True, True]


@pytest.mark.parametrize("taken", ["by this version", "before functions were withheld"])
def test_after_a_restore_functions_are_withheld_whenever_the_backup_was_taken(world, taken):
    meant = {database: rights_on_functions(world, database) for database in ("account", "keyring")}
    assert "pg_advisory_lock" not in str(meant["account"]["desk"])
    if taken != "by this version":
        for database in meant:
            opened = "lo_create(oid), pg_advisory_lock(bigint), pg_advisory_xact_lock(bigint)"
            world.run(database, f"GRANT EXECUTE ON FUNCTION {opened} TO PUBLIC")
            world.run(database, f"REVOKE EXECUTE ON FUNCTION {opened} FROM account, {database}_owner")
    world.backups.take((DATA, KEYRING))
    world.backups.restore(sets=(DATA, KEYRING))
    assert {database: rights_on_functions(world, database) for database in meant} == meant


def rights_on_functions(world, database):
    query = (
        "SELECT rolname, array_agg(p.oid::regprocedure::text ORDER BY p.oid) FROM pg_proc p, pg_roles r "
        "WHERE p.proname ~ '(advisory|^lo_)' AND rolname IN ('account', 'desk', 'retention', %s) "
        "AND has_function_privilege(r.oid, p.oid, 'EXECUTE') GROUP BY rolname"
    )
    return {"desk": [], **dict(world.run(database, query, f"{database}_owner"))}


def test_a_repository_that_is_suddenly_empty_is_not_begun_anew(world):
    world.backups.take((DATA,))
    shutil.rmtree(world.target)
    with pytest.raises(BackupFailed, match="cannot be opened"):
        world.backups.take((DATA,))
    assert not world.target.exists()


def test_looking_for_a_backup_makes_no_repository(world):
    with pytest.raises(BackupFailed, match="cannot be opened"):
        world.backups.choose("latest")
    assert not world.target.exists()


def test_a_damaged_backup_is_found_and_not_restored(world):
    event = world.event("account", published_at=None)
    world.backups.take((DATA,))
    for pack in (world.target / "data" / "data").rglob("*"):
        if pack.is_file():
            pack.chmod(0o600)
            raw = bytearray(pack.read_bytes())
            raw[len(raw) // 3] ^= 1
            pack.write_bytes(raw)
    with pytest.raises(BackupFailed):
        world.backups.restore()
    assert world.events("account").keys() == {event}


def test_the_role_that_takes_backups_reads_everything_and_writes_nothing(world):
    password = world.settings.secrets.read("db_password")
    database = world.settings.sets[0].databases[0].name
    dsn = psycopg.conninfo.make_conninfo(world.superuser["account"], user="backup", password=password)
    with psycopg.connect(dsn, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone() is not None
        for statement in ("DELETE FROM outbox", "CREATE TABLE x (id int)", "SELECT pg_read_file('/etc/passwd')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    assert re.fullmatch(r"account_[0-9a-f]+", database)
