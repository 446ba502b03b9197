"""`make up` without Docker, on a machine that has servers of its own on the usual ports already."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

import psycopg
import pytest

from deploy.native import plan, ports, processes
from deploy.native import system as native_system
from deploy.native.postgresql import PostgresServer, ServerError
from deploy.native.system import NativeError, NativeSystem
from deploy.provision import broker_permissions
from services.staff.machine_doors import noted
from services.staff.machine_doors.values import Door
from shared.database.migrate import folders_of
from shared.system import ALL_DATABASES
from tests.server_folders import new_folder

pytestmark = pytest.mark.integration

BROKER_PORTS = (5672, 15672, 4369, 25672)


@pytest.fixture(scope="module")
def folder():
    # Below pytest's own temporary folder the servers' users may not go.
    root = new_folder("vilkar-native-")
    root.chmod(0o755)
    yield root
    shutil.rmtree(root)


@pytest.fixture(scope="module")
def foreign_database(folder):
    """Somebody else's PostgreSQL, on PostgreSQL's own port where that is free."""
    port = ports.choose(["foreign"], preferred={"foreign": 5432})["foreign"]
    server = PostgresServer("foreign", folder / "foreign", port, "theirs", for_tests=True)
    server.prepare()
    server.launch()
    server.wait_ready(time.monotonic() + 60)
    with psycopg.connect(server.dsn()) as connection:
        connection.execute("CREATE TABLE theirs (id int)")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def foreign_listeners():
    """Somebody else on RabbitMQ's ports: whoever connects has mistaken him for ours."""
    with contextlib.ExitStack() as stack:
        listeners = []
        for port in BROKER_PORTS:
            if ports.is_free(port):
                listener = stack.enter_context(socket.socket())
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((ports.LOOPBACK, port))
                listener.listen()
                listener.setblocking(False)
                listeners.append(listener)
        yield listeners


@pytest.fixture(scope="module")
def said():
    return []


@pytest.fixture(scope="module")
def native(folder, foreign_database, foreign_listeners, said):
    system = NativeSystem(folder / "run", said.append)
    try:
        system.up(selected=["sandbox"], scale={})
        yield system
    finally:
        system.down(volumes=True)


@pytest.fixture(scope="module", autouse=True)
def first_up(native, said):
    """What was said and logged at the very first start; a later one differs, and any test may be the first."""
    (log,) = native.log_files(["migrate"])
    return list(said), log.read_text()


def pid_of(native, name):
    return next(state.pid for state in native.status() if state.name == name)


def test_everything_that_was_started_is_ready(native, first_up):
    assert [state.name for state in native.status()] == ["db", "keyring", "rabbitmq", "sandbox"]
    assert [state.name for state in native.status() if not state.ready] == []
    assert "  sandbox is ready" in first_up[0]


def test_migrations_are_told_in_a_line_a_database_and_one_by_one_in_the_log(first_up):
    said, log = first_up
    databases = [*ALL_DATABASES]
    files = {name: sum(len(list(folder.glob("*.sql"))) for folder in folders_of(name)) for name in databases}
    begun = said.index("migrating databases") + 1
    assert said[begun : begun + len(files)] == [
        f"  {name}: {count} migrations applied" for name, count in files.items()
    ]
    assert log.count(": applied ") == sum(files.values())


@pytest.mark.clause("STAFF-1")
def test_a_door_of_the_machine_is_noted_before_it_is_opened_and_whoever_looks_opens_none(native, monkeypatch):
    """Each verb that does something past the gate of staff: what its program finds noted when it begins."""
    found = []
    state = native.home / "state"

    def noting(_argv, _env):
        found.append([use.door for use in noted.read(state)])
        return 0

    monkeypatch.setattr(native_system, "_status_of", noting)
    verbs = {
        "backup": lambda: native.backup("take"),
        "restore": lambda: native.restore("--from", "latest"),
        **{f"keys_{each}": partial(native.keys, each) for each in native_system.CHANGE_KEYS},
    }
    begun = doors_noted(native)
    for door, verb in verbs.items():
        before = doors_noted(native)
        assert verb() == 0
        assert doors_noted(native) - before == Counter([door])
        assert Counter(found[-1]) == doors_noted(native), "its program found it noted"
    looks = (lambda: native.backup("list"), lambda: native.keys("status"), lambda: native.backup("fetch-ledger"))
    for look in looks:
        assert look() == 0
    assert doors_noted(native) - begun == Counter(verbs.keys())
    assert set(verbs) == {*Door} - {Door.LEDGER_ACCEPT, Door.STAFF_INVITE}, "those two are told as they are done"


def test_the_broker_starts_with_the_queues_that_the_services_declare(native):
    queues = {queue["name"] for queue in native.infrastructure.broker.call("GET", "/api/queues/vilkar").json()}
    assert {"rpc-billing-sync", "retry.audit.5s"} <= queues


def test_the_broker_bounds_what_each_process_can_open(native):
    broker = native.infrastructure.broker
    bounded = {each["user"]: each["value"] for each in broker.call("GET", "/api/user-limits").json()}
    assert {user for user, limits in bounded.items() if limits} == set(broker_permissions.CALLS)
    for user, limits in bounded.items():
        assert limits == {} or set(limits) == {"max-connections", "max-channels"}, user
    assert broker.call("GET", "/api/vhost-limits/vilkar").json()[0]["value"] == {
        "max-queues": broker_permissions.MOST_QUEUES
    }


def test_a_second_up_leaves_running_what_runs(native, said):
    before = [state.pid for state in native.status()]
    said.clear()
    native.up(selected=["sandbox"], scale={})
    assert [state.pid for state in native.status()] == before
    assert "already running: sandbox" in said


def test_the_servers_already_on_the_machine_are_neither_used_nor_disturbed(
    native, foreign_database, foreign_listeners
):
    assert foreign_database.running() is not None
    with psycopg.connect(foreign_database.dsn()) as connection:
        assert connection.execute("SELECT count(*) FROM theirs").fetchone() == (0,)
        names = {name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()}
    assert names == {"postgres", "template0", "template1"}
    for listener in foreign_listeners:
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_our_servers_listen_on_the_loopback_address_only(native):
    ours = set(native.infrastructure.settings.ports.values()) | set(native.ports.values())
    table = Path("/proc/net/tcp").read_text().splitlines()[1:]
    rows = [line.split() for line in table]
    listening = {(row[1].split(":")[0], int(row[1].split(":")[1], 16)) for row in rows if row[3] == "0A"}
    assert {address for address, port in listening if port in ours} == {"0100007F"}


def test_a_process_is_restarted_on_request(native):
    before = pid_of(native, "sandbox")
    native.restart("sandbox")
    assert pid_of(native, "sandbox") != before


def test_an_upgrade_starts_the_processes_anew_and_lets_the_servers_run(native):
    servers = [state.pid for state in native.status() if state.name != "sandbox"]
    before = pid_of(native, "sandbox")
    native.upgrade()
    assert pid_of(native, "sandbox") != before
    assert [state.pid for state in native.status() if state.name != "sandbox"] == servers
    assert [state.name for state in native.status() if not state.ready] == []


def test_a_broker_that_runs_is_told_what_the_sources_declare(native):
    broker = native.infrastructure.broker
    broker.call("DELETE", "/api/queues/vilkar/retry.audit.5s")
    native.infrastructure.start()
    assert "retry.audit.5s" in {queue["name"] for queue in broker.call("GET", "/api/queues/vilkar").json()}


def test_somebody_looks_into_a_database_as_the_role_whose_looks_are_counted(native):
    argv, env = native.infrastructure.look_into("audit")
    asked = [*argv, "-tAqc", "SELECT current_user"]

    def said(password):
        given = env | {"PGPASSWORD": password}
        return subprocess.run(asked, check=False, capture_output=True, text=True, timeout=30, env=given)

    assert "authentication failed" in said("anything").stderr
    with psycopg.connect(native.infrastructure.db.dsn("staff"), autocommit=True) as connection:
        verifier = connection.pgconn.encrypt_password(b"for-now", b"adminer_audit", b"scram-sha-256").decode()
        connection.execute("SELECT reader_door.open('audit', %s, 60)", [verifier])
        try:
            assert said("for-now").stdout.strip() == "adminer_audit"
        finally:
            connection.execute("SELECT reader_door.close('audit')")
    with pytest.raises(ServerError, match="no database nowhere"):
        native.infrastructure.look_into("nowhere")


def test_after_a_killed_supervisor_up_ends_what_it_left_and_waits_for_the_new_processes(native):
    left = processes.identity_of(pid_of(native, "sandbox"))
    keeper = processes.load(native.home / "supervisor.json")
    keeper.send(signal.SIGKILL)
    assert keeper.wait_gone(5)
    native.up(selected=["sandbox"], scale={})
    assert not left.alive()
    assert [state.name for state in native.status() if not state.ready] == []


@pytest.mark.clause("BACKUP-2")
def test_a_restore_stops_what_runs_puts_the_data_back_and_starts_it_again(native):
    dsn = native.infrastructure.db.dsn("audit")
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE kept_by_backup (id int)")
    noted_before = doors_noted(native)
    assert native.backup("take") == 0
    assert doors_noted(native) - noted_before == Counter(["backup"])
    with psycopg.connect(dsn) as connection:
        connection.execute("DROP TABLE kept_by_backup")
    before = pid_of(native, "sandbox")
    assert native.restore("--from", "beef") == 2
    assert pid_of(native, "sandbox") == before
    assert doors_noted(native) - noted_before == Counter(["backup"]), "which was to be restored is not known"
    assert native.restore("--from", "latest", "--set", "all") == 0
    assert doors_noted(native) - noted_before == Counter(["backup", "restore"]), "no restore takes a note away"
    assert pid_of(native, "sandbox") not in {None, before}
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*) FROM kept_by_backup").fetchone() == (0,)
        connection.execute("DROP TABLE kept_by_backup")


def doors_noted(native):
    """What the staff take up once they run, for two persons of them to countersign."""
    return Counter(use.door for use in noted.read(native.home / "state"))


def test_a_server_is_restarted_on_request_and_keeps_its_data(native):
    dsn = native.infrastructure.db.dsn()
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    before = pid_of(native, "db")
    native.restart("db")
    assert pid_of(native, "db") != before
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_restart_of_something_unknown_names_what_there_is(native):
    with pytest.raises(NativeError, match="there are: sandbox, db, keyring, rabbitmq"):
        native.restart("nothing")


def test_a_process_that_keeps_dying_fails_the_start_with_its_last_words(native, monkeypatch):
    broken = plan.Program("account", "deploy.no_such_module")
    monkeypatch.setattr(plan, "PROGRAMS", (*(p for p in plan.PROGRAMS if p.name != "account"), broken))
    with pytest.raises(NativeError, match=r"(?s)not ready: account.*No module named deploy\.no_such_module"):
        native.up(selected=["sandbox", "account"], scale={}, timeout_s=60)
    monkeypatch.undo()
    native.up(selected=["sandbox"], scale={})
    assert [state.name for state in native.status()] == ["db", "keyring", "rabbitmq", "sandbox"]


def test_down_ends_what_up_started_and_nothing_else_and_up_finds_the_data_again(folder, native, foreign_database):
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        with psycopg.connect(native.infrastructure.db.dsn()) as connection:
            connection.execute("CREATE TABLE survivor (id int)")
        started = [processes.identity_of(state.pid) for state in native.status()]
        native.down(volumes=False)
        assert [identity for identity in started if identity.alive()] == []
        assert bystander.poll() is None
        assert foreign_database.running() is not None
        assert [process for process in Path("/proc").iterdir() if _belongs_to(process, folder / "run")] == []
        native.up(selected=["sandbox"], scale={})
        with psycopg.connect(native.infrastructure.db.dsn()) as connection:
            assert connection.execute("SELECT count(*) FROM survivor").fetchone() == (0,)
    finally:
        bystander.kill()
        bystander.wait()


def _belongs_to(process, home):
    """Say whether a process was given a path below `home` on its command line or in its environment."""
    if not process.name.isdigit() or process.name == str(os.getpid()):
        return False
    for name in ("cmdline", "environ"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            if os.fsencode(home) in (process / name).read_bytes():
                return True
    return False
