"""The key file as a running process sees it, and as the exchange of the key writes it."""

from __future__ import annotations

import base64
import os
import stat
from datetime import UTC, datetime, timedelta

import pytest

from deploy.keys.errors import KeysRefused
from deploy.keys.files import HOLDERS, Kept, KeyFiles
from deploy.keys.rotation import needed_until
from deploy.provision import secrets
from shared.config import Secrets, SettingError
from shared.privacy import KekFile
from shared.privacy.keys import kek_id
from shared.terms import parameter

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def root(tmp_path):
    secrets.provision(tmp_path)
    return tmp_path


def source(root) -> KekFile:
    return KekFile(Secrets(folder=root / "account"))


def test_a_process_uses_the_keys_its_file_has_at_the_moment(root) -> None:
    found, files = source(root), KeyFiles(root)
    (old,) = files.keys("account")
    assert found.current().ids == (kek_id(old),)
    new = os.urandom(32)
    files.write("account", [old, new])
    assert found.current().ids == (kek_id(old), kek_id(new))
    files.write("account", [new, old])
    assert found.current().id == kek_id(new)
    files.write("account", [new])
    assert found.current().ids == (kek_id(new),)


@pytest.mark.parametrize("text", [None, "", "no base64!", base64.b64encode(b"short").decode()])
def test_a_spoilt_file_keeps_the_keys_already_read_and_is_told(root, text) -> None:
    found = source(root)
    known = found.current().ids
    path = root / "account/kek"
    path.unlink()
    if text is not None:
        path.write_text(text)
    assert found.current().ids == known
    with pytest.raises(SettingError):
        found.read()
    with pytest.raises(SettingError):
        source(root)


def test_a_file_put_back_is_used_again(root) -> None:
    found = source(root)
    path = root / "account/kek"
    path.unlink()
    found.current()
    new = os.urandom(32)
    path.write_text(base64.b64encode(new).decode())
    assert found.current().id == kek_id(new)


def test_a_key_file_written_anew_has_the_mode_it_had_and_leaves_no_draft(root) -> None:
    path = root / "audit/kek"
    path.chmod(0o440)
    files = KeyFiles(root)
    files.write("audit", [os.urandom(32), *files.keys("audit")])
    assert stat.S_IMODE(path.stat().st_mode) == 0o440
    assert len(files.keys("audit")) == 2
    assert [each.name for each in path.parent.iterdir() if each.name.startswith(".")] == []


def test_what_the_keeper_keeps_is_his_alone(root) -> None:
    files = KeyFiles(root)
    files.begin()
    files.keep([Kept(os.urandom(32), NOW)])
    for name in ("kek_next", "kek_kept"):
        assert stat.S_IMODE((root / "keyring_keeper" / name).stat().st_mode) == 0o400


def test_an_old_key_is_needed_for_the_window_of_the_keyrings_backups_and_a_day() -> None:
    days = parameter("backup.keyring_max_age").default
    assert needed_until(Kept(b"k" * 32, NOW)) == NOW + timedelta(days=days + 1)


def test_files_that_are_being_exchanged_are_not_taken_for_a_mistake(root) -> None:
    files = KeyFiles(root)
    (old,) = files.keys("account")
    new = files.begin()
    files.write("account", [new, old])
    before = {holder: files.keys(holder) for holder in HOLDERS}
    assert secrets.provision(root) == []
    assert {holder: files.keys(holder) for holder in HOLDERS} == before


def test_a_file_that_is_missing_in_the_middle_of_an_exchange_is_not_made_up(root) -> None:
    files = KeyFiles(root)
    files.write("account", [files.begin(), *files.keys("account")])
    (root / "audit/kek").unlink()
    with pytest.raises(secrets.SecretsError, match="kek is being exchanged and audit has none"):
        secrets.provision(root)


def test_key_files_without_a_key_in_common_are_refused(root) -> None:
    KeyFiles(root).write("account", [os.urandom(32)])
    with pytest.raises(secrets.SecretsError, match="kek differs"):
        secrets.provision(root)


@pytest.mark.parametrize("text", ["", "x", base64.b64encode(b"k").decode()])
def test_a_spoilt_key_file_is_not_exchanged(root, text) -> None:
    path = root / "audit/kek"
    path.chmod(0o600)
    path.write_text(text)
    with pytest.raises(KeysRefused, match="key file of audit is lost or spoilt"):
        KeyFiles(root).all_keys()
