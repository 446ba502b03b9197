"""Key files that are lost, wrong or too old, and who may do what with wrapped keys."""

from __future__ import annotations

import base64
import os
from datetime import timedelta

import psycopg
import pytest

from deploy.keys import rotation
from deploy.keys.errors import KeysRefused
from deploy.keys.files import HOLDERS
from shared.config import SettingError
from shared.privacy import KekMissingError, KeyGoneError
from tests.integration.privacy.keyring_env import NOW, minted

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("holder", HOLDERS)
def test_no_service_opens_the_keyring_with_a_key_file_that_is_not_the_right_one(keyring_env, rings, holder) -> None:
    minted(rings["account"], 2)
    (right,) = keyring_env.under()
    path = keyring_env.root / holder / "kek"
    path.chmod(0o600)
    path.write_text(base64.b64encode(os.urandom(32)).decode())
    ring = keyring_env.ring(holder)
    with pytest.raises(KekMissingError, match=rf"2 data keys lie under {right}.* Put the right key file back"):
        ring.open()
    with pytest.raises(KekMissingError):
        rings[holder].ping()
    path.write_text("")
    with pytest.raises(SettingError, match="empty"):
        keyring_env.ring(holder)
    path.unlink()
    with pytest.raises(SettingError, match="cannot be read"):
        keyring_env.ring(holder)


def test_a_key_file_lost_under_a_running_service_is_told_and_what_is_open_stays_open(keyring_env, rings) -> None:
    before = minted(rings["account"], 2)
    (keyring_env.root / "account/kek").unlink()
    assert rings["account"].keys(before) == before
    with pytest.raises(SettingError, match="cannot be read"):
        rings["account"].check()


def test_an_exchange_is_refused_where_a_key_is_lost_and_nothing_was_changed(keyring_env, rings, keeper) -> None:
    minted(rings["account"], 1)
    path = keyring_env.root / "audit/kek"
    former = path.read_bytes()
    path.unlink()
    with pytest.raises(KeysRefused, match="key file of audit is lost or spoilt"):
        keyring_env.rotation(keeper).run()
    for holder in HOLDERS:
        (keyring_env.root / holder / "kek").unlink(missing_ok=True)
        (keyring_env.root / holder / "kek").write_text(base64.b64encode(b"x" * 32).decode())
    with pytest.raises(KeysRefused, match="nobody here has that key"):
        keyring_env.rotation(keeper).run()
    assert keyring_env.files.next() is None
    for holder in HOLDERS:
        (keyring_env.root / holder / "kek").write_bytes(former)
    keyring_env.rotation(keeper).run()


def test_an_older_keyring_opens_with_the_old_key_only_and_an_exchange_brings_that_back(
    keyring_env, rings, keeper
) -> None:
    before = minted(rings["account"], 2)
    with psycopg.connect(keyring_env.access.superuser_dsn()) as connection:
        backup = connection.execute("SELECT * FROM data_key").fetchall()
        connection.execute("CREATE TABLE kept_aside AS SELECT * FROM data_key")
    assert len(backup) == 2
    (old,) = keyring_env.under()
    keyring_env.rotation(keeper).run()
    # as a restore does: the keyring is again what it was, what was retired since is not known to it
    keyring_env.query("TRUNCATE data_key, retired_kek")
    keyring_env.query("INSERT INTO data_key SELECT * FROM kept_aside")
    keyring_env.query("DROP TABLE kept_aside")
    with pytest.raises(KekMissingError, match=f"under {old}"):
        keyring_env.ring("account").open()
    new = keyring_env.rotation(keeper, now=lambda: NOW + timedelta(days=3)).run()
    assert keyring_env.under() == {new: 2}
    assert rings["account"].keys(before) == before
    assert {each.id: each.retired_at for each in keyring_env.files.kept()}[old] == NOW + timedelta(days=3)


def test_an_old_key_is_kept_as_long_as_a_backup_of_the_keyring_may_need_it(keyring_env, rings, keeper) -> None:
    minted(rings["account"], 1)
    keyring_env.rotation(keeper).run()
    files = keyring_env.files
    (kept,) = files.kept()
    assert rotation.needed_until(kept) == NOW + timedelta(days=8)
    assert rotation.forget(files, NOW + timedelta(days=8, microseconds=-1)) == ([], [kept])
    assert files.kept() == [kept]
    assert rotation.forget(files, NOW + timedelta(days=8)) == ([kept.id], [])
    assert files.kept() == []


def test_two_exchanges_at_once_are_not_begun(keyring_env, keeper) -> None:
    with keyring_env.files.alone(), pytest.raises(KeysRefused, match="another exchange"):
        keyring_env.rotation(keeper).run()


# ── rights ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("keyring_keeper", "INSERT INTO data_key SELECT * FROM data_key"),
        ("keyring_keeper", "DELETE FROM data_key"),
        ("keyring_keeper", "UPDATE data_key SET state = 'live'"),
        ("keyring_keeper", "UPDATE data_key SET subject_id = account_id"),
        ("keyring_keeper", "SELECT * FROM fence"),
        ("keyring_keeper", "DELETE FROM retired_kek"),
        ("keyring_keeper", "UPDATE retired_kek SET kek_id = 'x'"),
        ("account", "UPDATE data_key SET wrapped = wrapped"),
        ("account", "INSERT INTO retired_kek VALUES ('x', '2026-11-22')"),
        ("retention", "UPDATE data_key SET kek_id = 'x'"),
        ("retention", "SELECT wrapped FROM data_key"),
        ("audit", "UPDATE data_key SET wrapped = wrapped"),
        ("desk", "SELECT wrapped FROM data_key"),
    ],
)
def test_whoever_wraps_anew_may_do_nothing_else_and_nobody_else_may(keyring_database, role, statement) -> None:
    with (
        psycopg.connect(keyring_database.dsn(role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_a_destroyed_key_gets_nothing_in_its_place(keyring_env, rings) -> None:
    (gone,) = minted(rings["account"], 1)
    rings["retention"].fence(gone.account_id, None, NOW)
    rings["retention"].destroy(gone.account_id, None, NOW)
    with (
        psycopg.connect(keyring_env.access.dsn("keyring_keeper")) as connection,
        pytest.raises(psycopg.errors.CheckViolation),
    ):
        connection.execute("UPDATE data_key SET wrapped = 'x' WHERE subject_id = %s", [gone.id])
    with pytest.raises(KeyGoneError):
        rings["account"].key(gone)
