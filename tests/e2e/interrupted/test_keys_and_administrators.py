"""Keys are exchanged and lost under a running system, and an administrator looks into its databases."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import psycopg
import pytest

from deploy.exit_codes import REFUSED
from deploy.keys.__main__ import UNFINISHED
from deploy.keys.files import HOLDERS
from deploy.native.ports import LOOPBACK
from deploy.native.system import NativeError
from tests.e2e.people import Company
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def key_file(system, holder: str) -> Path:
    return system.infrastructure.secrets_root / holder / "kek"


def under(system) -> set[str]:
    query = "SELECT DISTINCT kek_id FROM data_key WHERE state <> 'destroyed'"
    return {kek_id for (kek_id,) in system.rows("keyring", query)}


def name_of(company: Company) -> str:
    return company.must("GET", "/v1/account", 200)["name"]


def test_the_key_is_exchanged_and_nobody_is_started_anew_or_lost(system) -> None:
    before = Company(system, users=1).move_in()
    (old,) = under(system)
    running = {holder: system.identity(holder) for holder in HOLDERS}
    assert system.native.keys("rotate") == 0
    (new,) = under(system)
    assert new != old
    assert name_of(before) == before.name
    before.token = before.log_in()["token"]
    after = Company(system).move_in()
    assert name_of(after) == after.name
    assert under(system) == {new}
    assert {holder: system.identity(holder) for holder in HOLDERS} == running
    assert system.native.keys("status") == 0
    assert system.native.keys("forget") == 0
    assert (system.infrastructure.secrets_root / "keyring_keeper/kek_kept").exists(), "backups still need it"


def sealed_under(system) -> set[int]:
    """The generations of data keys under which the rows of both services lie."""
    return {
        generation
        for database, column, table in (
            ("account", "name_sealed", "account"),
            ("account", "name_sealed", "account_user"),
            ("account", "ip_sealed", "login_attempt"),
            ("audit", "ip_sealed", "login_event"),
        )
        for (generation,) in system.rows(
            database,
            f"SELECT DISTINCT sealed_generation({column}) FROM {table} "  # noqa: S608  # names from above
            f"WHERE sealed_generation({column}) IS NOT NULL",
        )
    }


def test_the_data_keys_are_renewed_and_everything_is_sealed_anew_under_running_services(system) -> None:
    before = Company(system, users=1).move_in()
    logins = "SELECT 1 FROM login_event WHERE ip_sealed IS NOT NULL"
    until(lambda: system.rows("audit", logins), what="a login kept by audit", seconds=300)
    running = {holder: system.identity(holder) for holder in HOLDERS}
    assert system.native.keys("renew") == 0
    assert system.native.keys("reseal-status") == UNFINISHED
    assert system.native.keys("reseal") == REFUSED, "no backup of the keyring has the new keys"
    (generation,) = system.rows("keyring", "SELECT max(generation) FROM renewal")[0]
    assert generation not in sealed_under(system)
    assert system.native.backup("take") == 0
    assert system.native.keys("reseal") == 0
    assert system.native.keys("reseal-status") == 0
    assert sealed_under(system) == {generation}
    assert name_of(before) == before.name
    before.token = before.log_in()["token"]
    after = Company(system).move_in()
    assert name_of(after) == after.name
    assert sealed_under(system) == {generation}
    assert {holder: system.identity(holder) for holder in HOLDERS} == running


@pytest.mark.parametrize("holder", HOLDERS)
def test_a_service_with_the_wrong_key_file_does_not_start_and_says_what_is_missing(system, holder) -> None:
    Company(system).move_in()
    path = key_file(system, holder)
    right = path.read_bytes()
    (needed,) = under(system)
    path.chmod(0o600)
    try:
        path.write_text(base64.b64encode(os.urandom(32)).decode())
        with pytest.raises(NativeError, match=f"data keys lie under {needed}.*Put the right key file back"):
            system.native.restart(holder, timeout_s=120)
    finally:
        path.write_bytes(right)
        path.chmod(0o400)
    system.wait_ready()  # nobody starts it; it is tried again every half minute


def test_the_trail_hears_of_an_administrators_look(system) -> None:
    company = Company(system).move_in()
    opened = "SELECT subject FROM trail WHERE type = 'admin_session.opened' AND facts->>'database' = 'account'"
    closed = "SELECT facts::text FROM trail WHERE type = 'admin_session.closed' AND subject = %s"
    known = set(system.rows("audit", opened))
    server = system.infrastructure.db
    assert LOOPBACK in server.dsn()
    # As the database knows a reader in the half minute before staff closes what nobody was given.
    with psycopg.connect(server.dsn("staff"), autocommit=True) as door:
        verifier = door.pgconn.encrypt_password(b"for-now", b"adminer_account", b"scram-sha-256").decode()
        door.execute("SELECT reader_door.open('account', %s, 60)", [verifier])
    with psycopg.connect(server.dsn("account", "adminer_account", "for-now")) as connection:
        rows = connection.execute("SELECT * FROM account_user -- Torbjørg Fossmo").fetchall()
    assert rows
    assert not any(trace in str(rows) for trace in company.traces)
    ((subject,),) = until(lambda: set(system.rows("audit", opened)) - known, what="a session", seconds=120)
    system.vilkar("clock", "move", "--hours", 1)
    ((facts,),) = until(lambda: system.rows("audit", closed, subject), what="its end", seconds=120)
    assert '"account_user":1' in facts
    assert "Torbj" not in facts
