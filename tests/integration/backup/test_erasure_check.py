"""The control experiment: a value planted in each place is found in that place, and one never planted in none."""

from __future__ import annotations

import io
import json
import os
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from kombu import Connection, Exchange, Producer, Queue

from deploy.backup.contents import open_contents
from deploy.backup.errors import BackupFailed
from deploy.native import plan
from deploy.provision import search_user
from deploy.residue_search.residue_scan import ResidueScan
from shared import config
from shared.backup_record import DATA
from shared.bus import wire
from shared.clock import Clock
from tests import forked

pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-1")]

NEVER = "Ingen Heter Slik"


class Told(config.Settings):
    """The desk's settings, with the databases of the test under the names they have on the servers."""

    def dsn(self, database, *, role=None, instance="db"):
        access = self.raw["databases" if instance == "db" else "keyring"]
        return access.dsn(role, database=database)

    def broker_url(self, *, user, password):
        return f"amqp://{user}:{password}@{self.raw['broker']}"


@pytest.fixture
def search_user_file(broker, tmp_path):
    """A broker user that may look into queues, as long as the test lasts."""
    ask = broker.infrastructure.broker.call
    name, password = search_user.make(ask, broker.vhost, now=Clock().now().timestamp())
    file = tmp_path / "search-user"
    file.write_text(f"{name}\n{password}\n")
    yield file
    search_user.remove(ask, name)


@pytest.fixture
def settings(infrastructure, world, databases, keyring_database, broker, search_user_file, tmp_path):
    (tmp_path / "logs").mkdir()
    servers = infrastructure.root
    places = {
        "files of db": servers / "postgres/db",
        "WAL of db": servers / "postgres/db/data/pg_wal",
        "files of the broker": servers / "rabbitmq",
        "logs": tmp_path / "logs",
        "backups as they lie": world.target,
    }
    raw = {
        "VILKAR_ENVIRONMENT": "test",
        "VILKAR_STATE_DIR": str(world.settings.state_dir),
        "VILKAR_LEDGER_DIR": str(world.settings.ledger.parent),
        "VILKAR_BACKUP_TARGET": str(world.target),
        "VILKAR_BACKUP_OPENED_WITH": str(world.settings.secrets.folder),
        "VILKAR_SEARCH_USER_FILE": str(search_user_file),
        "VILKAR_SEARCH_PLACES": ",".join(f"{name}={folder}" for name, folder in places.items()),
    }
    plain = vars(config.load(raw))
    doors = {
        "databases": databases,
        "keyring": keyring_database,
        "broker": f"{broker.host}:{broker.port}/{broker.vhost}",
    }
    return Told(**{**plain, "raw": {**raw, **doors}})


def checkpoint(world) -> None:
    with psycopg.connect(world.superuser["account"], autocommit=True) as connection:
        connection.execute("CHECKPOINT")


@contextmanager
def dead_letter(broker, body: str):
    """A message in a queue for dead letters."""
    name = wire.dead_queue("account")
    with Connection(broker.uri()) as connection:
        queue = Queue(name, Exchange(""), name, durable=True, queue_arguments={"x-queue-type": "quorum"})
        queue(connection.channel()).declare()
        Producer(connection.channel()).publish(
            body.encode(), routing_key=name, delivery_mode=2, content_type="text/plain", content_encoding="binary"
        )
        yield
        queue(connection.channel()).delete()


def found(settings, values, **options) -> tuple[dict[int, set[str]], object]:
    report = ResidueScan(settings, values, **options).seek()
    by_value: dict[int, set[str]] = {number: set() for number in values}
    for each in report.found:
        by_value[each.value].add(each.place)
    return by_value, report


def test_a_value_planted_in_a_place_is_found_there_and_one_never_planted_nowhere(world, settings, broker, tmp_path):
    planted = {
        1: "Tabellia Øverbø", 2: "Slettine Rad", 3: "Kølja Hansen", 4: "Loggar Lie", 5: "Kopia Berg",
        6: "+4741986532", 7: "Strøm Inn", 8: NEVER,
    }  # fmt: skip
    insert = "INSERT INTO inbox (consumer, message_id, processed_at) VALUES (%s, gen_random_uuid(), now())"
    world.run("account", insert, planted[5].upper())
    world.backups.take((DATA,))
    world.run("account", "DELETE FROM inbox")
    for value in (planted[1], planted[2]):
        world.run("account", insert, value)
    world.run("account", "DELETE FROM inbox WHERE consumer = %s", planted[2])
    checkpoint(world)
    (tmp_path / "logs" / "gateway.log").write_text(json.dumps({"event": "x", "name": planted[4].upper()}))
    world.settings.state_dir.mkdir(exist_ok=True)
    (world.settings.state_dir / "note").write_text("ring 419 86 532 i morgen")
    with dead_letter(broker, json.dumps({"name": planted[3]})):
        places, report = found(settings, planted, standard_input=io.BytesIO("strøm inn".encode("utf-16-le")))
    assert places[1] == {"tables of account", "files of db", "WAL of db"}
    assert places[2] == {"files of db", "WAL of db"}, "a deleted row stays in the files"
    assert places[3] >= {"queues, dead letters too", "files of the broker"}
    assert places[4] == {"logs"}
    assert places[5] == {"backups of data, decrypted", "files of db", "WAL of db"}
    assert places[6] == {"state"}
    assert places[7] == {"standard input"}
    assert places[8] == set()
    told = json.dumps(report.as_dict(), ensure_ascii=False)
    assert [value for value in planted.values() if value.casefold() in told.casefold()] == []


def test_the_message_that_was_looked_at_is_still_in_its_queue(settings, broker):
    values = {1: "Blir Liggende"}
    with dead_letter(broker, "Blir Liggende"):
        for _ in range(2):
            assert "queues, dead letters too" in found(settings, values)[0][1]


def test_what_cannot_be_searched_is_told_with_its_reason_and_the_rest_is_searched(world, settings, tmp_path):
    (tmp_path / "logs" / "relay.log").write_text("Loggar Lie")
    away = replace(settings, raw={**settings.raw, "broker": "127.0.0.1:9//"})
    world.backups.take((DATA,))
    (world.settings.secrets.folder / "data_backup_key").write_text("not the key")
    places, report = found(away, {1: "Loggar Lie"})
    assert places[1] == {"logs"}
    assert not report.complete
    missed = {each.place: set(each.missed) for each in report.looked if each.missed}
    assert missed["queues, dead letters too"] == {"not answered (Unavailable)"}
    assert missed["backups of data, decrypted"] == {"not opened (BackupFailed)"}
    assert missed["tables of keyring"] == {"columns with wrapped keys and digests of passwords, closed to the desk"}


def test_where_no_places_are_named_that_is_told(settings):
    bare = {
        key: value for key, value in settings.raw.items() if not key.startswith(("VILKAR_SEARCH", "VILKAR_BACKUP"))
    }
    _, report = found(replace(settings, raw=bare), {1: NEVER})
    missed = {each.place for each in report.looked if each.missed}
    assert {"files of the servers, logs", "backups, decrypted"} <= missed
    assert not report.complete


def test_a_backup_is_read_piece_by_piece_leaves_nothing_behind_and_ends_when_its_reader_goes(
    world, monkeypatch, tmp_path
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    world.event("account", published_at=None)
    world.backups.take((DATA,))
    before = sorted(path.name for path in tmp_path.iterdir())
    with open_contents(world.settings) as contents:
        (snapshot,) = contents.snapshots(DATA)
        content = b"".join(contents.stream(DATA, snapshot))
        assert b"PGDMP" in content
        assert b"manifest.json" in content
        pieces = contents.stream(DATA, snapshot)
        next(pieces)
        pieces.close()
        with pytest.raises(BackupFailed):
            list(contents.stream(DATA, replace(snapshot, id="0" * 64)))
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_the_command_reads_values_from_a_file_tells_numbers_and_ends_with_1(tmp_path):
    """Everything is away but one folder: the command still searches it, and says what it could not."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text("… Kari Nordmann …")
    values = tmp_path / "values"
    values.write_text("Ola Nordmann\n\nKari Nordmann\n")
    environment = {
        "PATH": os.environ["PATH"], "VILKAR_ENVIRONMENT": "test", "VILKAR_SECRETS_DIR": str(tmp_path / "none"),
        "VILKAR_STATE_DIR": str(tmp_path / "state"),
    }  # fmt: skip

    def run(*arguments, given=""):
        return forked.run("tests.forked_vilkar", "rediscover", *arguments, env=environment, given=given)

    hit = run("--from", values, "--also", tmp_path, "--json")
    assert hit.returncode == 1, hit.stderr
    told = json.loads(hit.stdout)
    assert told["found"] == [{"place": "also 1", "where": "logs/a.log", "value": 3}]
    assert "Nordmann" not in hit.stdout + hit.stderr
    piped = run("--from", "-", "--also", tmp_path / "logs", given="Kari Nordmann\n")
    assert (piped.returncode, "value 1: also 1, a.log" in piped.stdout) == (1, True)
    assert "Nordmann" not in piped.stdout + piped.stderr
    warned = run(NEVER, "--also", tmp_path / "logs")
    assert warned.returncode == 4, "nothing found, but not everything was searched"
    assert "command line" in warned.stderr
    for wrong in (["kari"], ["--from", tmp_path / "nowhere"], ["--from", "-", "--also", "-"], []):
        assert run(*wrong).returncode == 2, wrong


def test_the_native_places_name_every_folder_below_home_and_servers_once(tmp_path):
    places = dict(entry.split("=") for entry in plan.search_places(tmp_path, tmp_path / "servers").split(","))
    assert places["WAL of db"] == str(tmp_path / "servers/postgres/db/data/pg_wal")
    assert len(set(places.values())) == len(places)
