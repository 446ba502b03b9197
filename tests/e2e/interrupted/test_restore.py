"""Backups of before are put back under the system, cold copies of the servers' own folders: nobody returns.

What the drill with the backup tool adds is the tool; here it is what the restored system does.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest
import requests

from services.notification.letters.values import LetterClass
from services.notification.preferences.rules import unsubscribe_token
from shared.config import LEDGER_FILE
from shared.system import ALL_DATABASES, DATABASES
from tests.e2e.people import PASSWORD, Company, a_letter, move_to
from tests.plugins.system import WholeSystem
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
NEW_PASSWORD = "Tolv blå hvaler på vei til skolen"
SERVERS = ("db", "keyring")
REPLAYING = ("account", "retention", "notification", "audit")
OF_ACCOUNT = {
    "account": ("account", "account_user", "session", "login_attempt", "ticket", "agreement"),
    "notification": ("letter", "mailing", "suppression", "opt_out"),
    "audit": ("login_event", "subject_link"),
}


def end(system: WholeSystem) -> None:
    """End every process and the databases, as a restore does; the broker runs on."""
    system.native._end_processes()
    for server in SERVERS:
        getattr(system.infrastructure, server).stop()


def copy_of(system: WholeSystem, server: str, into: Path) -> None:
    """Take a cold copy of a server that is down."""
    data = getattr(system.infrastructure, server).data
    shutil.copytree(data, into / server, symlinks=True)


def put_back(system: WholeSystem, server: str, from_: Path) -> None:
    """Put a copy in the place of a server's data; the owner of the files is that of the folder it replaces."""
    data = getattr(system.infrastructure, server).data
    status = data.stat()
    shutil.rmtree(data)
    shutil.copytree(from_ / server, data, symlinks=True)
    for path in (data, *data.rglob("*")):
        os.chown(path, status.st_uid, status.st_gid, follow_symlinks=False)
    data.chmod(0o700)


def caught_up(system: WholeSystem) -> None:
    """Wait until every database has taken up all of the ledger, as seconds later it would have."""

    def behind() -> bool:
        head = json.loads((system.home / "ledger" / LEDGER_FILE).read_text().splitlines()[-1]).get("position", 0)
        return any(system.rows(name, "SELECT position FROM ledger_position") != [(head,)] for name in ALL_DATABASES)

    until(lambda: not behind(), what="every database at the head of the ledger", seconds=60)


def gate_lines(system: WholeSystem, service: str) -> list[dict]:
    """What a service's log says of the gate before its own database, newest last."""
    lines = (system.home / "logs" / f"{service}.log").read_text().splitlines()
    told = [json.loads(line) for line in lines if '"gate_' in line]
    return [line for line in told if line["database"] == service]


def left_of(system: WholeSystem, account_id: str) -> dict[str, int]:
    """How many rows name an account, by table."""
    found = {}
    for database, tables in OF_ACCOUNT.items():
        for table in tables:
            column = "id" if table == "account" else "account_id"
            query = f"SELECT count(*) FROM {table} WHERE {column} = %s"  # noqa: S608  # names stand above
            ((count,),) = system.rows(database, query, account_id)
            if count:
                found[f"{database}.{table}"] = count
    return found


@dataclass
class Drilled:
    """A system of which a backup was taken, in which much happened since, and to which the backup came back."""

    system: WholeSystem
    gone: Company
    objects: Company
    corrects: Company
    blocked: Company
    backup: Path
    due: date = date.max
    certificate: str = ""
    opened: dict[str, list[dict]] = field(default_factory=dict)
    """What each service's log says of its gate since the restore."""
    trail: dict = field(default_factory=dict)
    """The head of the audit trail after the restore, before a person let it grow again."""

    def live_keys(self) -> int:
        """How many keys of who is gone the keyring has."""
        query = "SELECT count(*) FROM data_key WHERE account_id = %s AND state <> 'destroyed'"
        ((count,),) = self.system.rows("keyring", query, self.gone.account_id)
        return count


@pytest.fixture(scope="module")
def drilled(whole_system: WholeSystem, tmp_path_factory) -> Iterator[Drilled]:
    whole_system.wait_ready()
    system, backup = whole_system, tmp_path_factory.mktemp("backup")
    told = Drilled(system, *(Company(system, users=1).move_in() for _ in range(4)), backup=backup)
    told.gone.leave()
    told.due = told.gone.scheduled()
    caught_up(system)
    move_to(system, told.due - timedelta(days=8))  # no backup is older than thirty days
    assert told.live_keys() > 0
    end(system)
    for server in SERVERS:
        copy_of(system, server, backup)
    system.start()
    live_on(told)
    end(system)
    put_back(system, "db", backup)
    before = {service: len(gate_lines(system, service)) for service in REPLAYING}
    system.start()
    system.wait_ready()
    told.opened = {service: gate_lines(system, service)[before[service] :] for service in REPLAYING}
    told.trail = system.vilkar("audit", "head")
    # What is meant for the trail waits until a person has said that it goes on.
    system.vilkar("audit", "reopen", "--reason", "restored_from_backup")
    yield told
    shutil.rmtree(backup)


def live_on(told: Drilled) -> None:
    """A company's day comes, one objects, one corrects a name and changes a password, and one is blocked."""
    system, objector = told.system, told.objects.creator
    key = system.secret("notification", "unsubscribe_key").encode()
    token = unsubscribe_token(
        key,
        user_id=UUID(objector.user_id),
        account_id=UUID(told.objects.account_id),
        letter_class=LetterClass.MARKETING,
    )
    requests.post(f"{system.gateway}/unsubscribe/{token}", timeout=30).raise_for_status()
    corrects = told.corrects
    corrects.token = corrects.log_in()["token"]
    version = corrects.must("GET", "/v1/account", 200)["version"]
    corrects.must("PATCH", "/v1/account", 200, json={"version": version, "name": f"{corrects.name} AS"})
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    corrects.must("PUT", "/v1/password", 204, json=body)
    blocked = told.blocked
    blocked.token = blocked.log_in()["token"]
    version = str(blocked.must("GET", "/v1/account", 200)["version"])
    system.vilkar("account", "block", blocked.account_id, "--version", version, "--reason", "security", "--yes")
    move_to(system, told.due)
    told.certificate = told.gone.until_state("certified")["certificate_id"]
    a_letter(system, told.gone.creator.email, "account_erased")
    lines = system.home / "ledger" / LEDGER_FILE
    until(lambda: '"objection"' in lines.read_text(), what="objection and corrections in the ledger", seconds=30)
    until(lambda: '"password"' in lines.read_text(), what="the password's change in the ledger", seconds=30)
    until(lambda: '"account_blocked"' in lines.read_text(), what="the block in the ledger", seconds=30)


@pytest.mark.clause("FORGET-1")
def test_s12_who_was_erased_is_absent_although_the_backup_had_them(drilled):
    system = drilled.system
    assert left_of(system, drilled.gone.account_id) == {}
    body = {"email": drilled.gone.creator.email, "password": PASSWORD}
    drilled.gone.must("POST", "/v1/sessions", 401, json=body, token="")
    ((state,),) = system.rows(
        "retention", "SELECT state FROM erasure WHERE certificate_id = %s", drilled.certificate
    )
    assert state == "certified"


def test_s12_the_certificate_is_the_one_that_was_issued(drilled):
    document = drilled.system.vilkar("certificate", "show", drilled.certificate)
    kept = (drilled.system.home / "state/certificates/certificates.jsonl").read_text().splitlines()
    assert json.dumps(document, sort_keys=True, separators=(",", ":")) in kept


def test_every_service_replayed_before_it_served(drilled):
    for service in REPLAYING:
        assert sum(line.get("replayed", 0) for line in drilled.opened[service]) > 0, drilled.opened[service]


def test_the_trail_stands_still_after_a_restore_and_goes_on_when_a_person_says_so(drilled):
    assert drilled.trail["halted"] == "trail_cut"
    assert drilled.system.vilkar("audit", "head")["halted"] is None
    query = "SELECT count(*) FROM trail WHERE type = 'trail.reopened'"
    until(lambda: drilled.system.rows("audit", query) == [(1,)], what="the decision in the trail")


def test_s13_an_objection_is_in_force_before_any_letter_leaves(drilled):
    query = "SELECT letter_class FROM opt_out WHERE user_id = %s"
    assert drilled.system.rows("notification", query, drilled.objects.creator.user_id) == [("marketing",)]


def test_what_was_corrected_is_known_to_be_lost_and_the_old_password_is_not_valid(drilled):
    corrects = drilled.corrects
    query = "SELECT fields FROM lost_correction WHERE account_id = %s"
    assert drilled.system.rows("account", query, corrects.account_id) == [(["name"],)]
    for password in (PASSWORD, NEW_PASSWORD):
        body = {"email": corrects.creator.email, "password": password}
        corrects.must("POST", "/v1/sessions", 401, json=body, token="")


@pytest.mark.clause("SUSPECT-1")
def test_who_was_blocked_since_stays_out_until_staff_open_the_account(drilled):
    blocked = drilled.blocked
    body = {"email": blocked.creator.email, "password": PASSWORD}
    blocked.must("POST", "/v1/sessions", 423, json=body, token="")


def test_who_was_in_the_backup_and_stayed_is_there(drilled):
    assert drilled.objects.log_in()["user_id"] == drilled.objects.creator.user_id


@dataclass
class Shut:
    """What a system with a shortened ledger and an old keyring said of itself, and that it opened afterwards."""

    reasons: dict[str, list[str]]
    told: str
    refusal: str


@pytest.fixture(scope="module")
def shut(drilled) -> Shut:
    """The keyring is set back alone, to when the keys of the erased were live; the ledger lacks its last line."""
    system = drilled.system
    assert drilled.live_keys() == 0
    ledger = system.home / "ledger" / LEDGER_FILE
    caught_up(system)  # a database that never took up the last line does not miss it
    whole = ledger.read_bytes()
    end(system)
    put_back(system, "keyring", drilled.backup)
    ledger.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    try:
        ports = system.native.ports
        with pytest.raises(Exception, match="not ready"):
            system.native.up(selected=DATABASES, scale={}, timeout_s=25)
        asked = {name: requests.get(f"http://127.0.0.1:{ports[name]}/readyz", timeout=10) for name in DATABASES}
        reasons = {name: answer.json()["reasons"] for name, answer in asked.items()}
        told = json.dumps(gate_lines(system, "account")[-1])
        with system.bus(seconds=10) as bus, pytest.raises(Exception, match=r"(?i)restor|up to date") as refused:
            bus.account.ping()
    finally:
        ledger.write_bytes(whole)
    until(lambda: all_ready(system), what="open once the whole ledger is back", seconds=60)
    system.start()
    return Shut(reasons, told, f"{type(refused.value)} {refused.value}")


def test_a_shortened_ledger_keeps_every_service_shut_and_says_so(shut):
    assert shut.reasons == {name: ["ledger_broken"] for name in DATABASES}
    assert "make ledger-accept" in shut.told
    assert "Restoring" in shut.refusal


@pytest.mark.clause("FORGET-1", "FORGET-2")
@pytest.mark.usefixtures("shut")
def test_keys_from_an_old_backup_of_the_keyring_are_destroyed_before_anybody_uses_one(drilled):
    assert drilled.live_keys() == 0
    query = "SELECT count(*) FROM fence WHERE account_id = %s AND user_id IS NULL"
    assert drilled.system.rows("keyring", query, drilled.gone.account_id) == [(1,)]


def all_ready(system: WholeSystem) -> bool:
    """Whether the services that were started serve."""
    ports = system.native.ports
    return all(
        requests.get(f"http://127.0.0.1:{ports[name]}/readyz", timeout=10).status_code == 200 for name in DATABASES
    )


def test_a_database_set_back_under_a_running_service_ends_it_and_the_next_replays(drilled):
    system = drilled.system
    before = system.identity("account")
    dsn = system.infrastructure.db.dsn("account")
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT position, hash FROM ledger_position").fetchone()
        first = json.loads((system.home / "ledger" / LEDGER_FILE).read_text().splitlines()[0])
        connection.execute(
            "UPDATE ledger_position SET position = %s, hash = %s", (first["opens_after"], first["hash"])
        )
    assert row is not None
    assert row[0] > first["opens_after"], "nothing to be set back"
    until(lambda: system.identity("account") not in {None, before}, what="another account process", seconds=60)
    system.wait_ready()
    assert gate_lines(system, "account")[-1]["replayed"] == row[0] - first["opens_after"]
