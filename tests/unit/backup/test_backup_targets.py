"""Settings of the place where backups lie, and what is told of a program's complaint."""

from __future__ import annotations

import shlex
import stat
import sys

import pytest

from deploy.backup import programs, settings, targets
from deploy.backup.errors import BackupFailed
from shared.config import Secrets, SettingError

pytestmark = pytest.mark.unit


@pytest.fixture
def secrets(tmp_path):
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name in ("sftp_key", "sftp_known_hosts", "s3_credentials"):
        (folder / name).write_text(f"the-{name}")
    return Secrets(folder=folder)


@pytest.fixture
def keys(tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()
    return folder


def test_a_folder_is_on_this_machine_unless_it_is_said_to_be_elsewhere(secrets, keys):
    here = targets.parse("/mnt/backups", secrets, keys)
    assert (here.kind, here.off_site, here.repository("data")) == ("folder", False, "/mnt/backups/data")
    assert targets.parse("/mnt/backups", secrets, keys, folder_is_off_site=True).off_site


def test_over_sftp_the_host_must_be_known_and_the_key_is_read_by_nobody_else(secrets, keys):
    there = targets.parse("sftp://keeper@backup.example.no:2222/srv/vilkar", secrets, keys)
    assert (there.off_site, there.repository("keyring")) == (
        True,
        "sftp:keeper@backup.example.no:/srv/vilkar/keyring",
    )
    command = shlex.split(there.options[1].partition("=")[2])
    assert command[:3] == ["ssh", "-F", "none"]
    assert {"StrictHostKeyChecking=yes", "BatchMode=yes", "GlobalKnownHostsFile=none"} <= set(command)
    assert command[-3:] == ["backup.example.no", "-s", "sftp"]
    assert command[command.index("-p") + 1] == "2222"
    key = keys / "sftp_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_text() == "the-sftp_key\n"
    assert "the-sftp_key" not in " ".join(there.options)


def test_for_s3_the_credentials_are_a_file_and_not_in_the_environment(secrets, keys):
    there = targets.parse("s3:https://s3.example.no/bucket/vilkar", secrets, keys)
    assert there.repository("data") == "s3:https://s3.example.no/bucket/vilkar/data"
    assert there.environment == {"AWS_SHARED_CREDENTIALS_FILE": str(secrets.folder / "s3_credentials")}
    assert there.off_site


@pytest.mark.parametrize(
    "host", ["s3.example.no", "127.0.0.1.example.no", "10.0.0.7:9000", "localhost.example.no", "[2001:db8::1]:9000"]
)
def test_a_store_without_tls_is_refused_unless_a_setting_says_that_the_net_is_ours(host, secrets, keys):
    with pytest.raises(SettingError, match=r"must be s3:https.*VILKAR_BACKUP_S3_IN_THE_CLEAR=yes"):
        targets.parse(f"s3:http://{host}/bucket", secrets, keys)
    assert targets.parse(f"s3:http://{host}/bucket", secrets, keys, in_the_clear=True).off_site


@pytest.mark.parametrize("host", ["127.0.0.1:9000", "localhost:9000", "[::1]:9000"])
def test_a_store_on_the_loopback_address_needs_no_tls_and_is_on_this_machine_unless_it_is_said_to_be_elsewhere(
    host, secrets, keys
):
    assert not targets.parse(f"s3:http://{host}/bucket", secrets, keys).off_site
    assert not targets.parse(f"s3:https://{host}/bucket", secrets, keys).off_site
    assert targets.parse(f"s3:http://{host}/bucket", secrets, keys, folder_is_off_site=True).off_site


@pytest.mark.parametrize(("told", "allowed"), [({}, False), ({"VILKAR_BACKUP_S3_IN_THE_CLEAR": "yes"}, True)])
def test_that_the_net_is_ours_is_told_by_the_environment(told, allowed):
    assert settings.load({"VILKAR_ENVIRONMENT": "test", **told}).s3_in_the_clear is allowed


@pytest.mark.parametrize(
    "setting",
    [
        "s3:https://[host/bucket", "backups", "ftp://x/y", "sftp://host/path", "sftp://user@host", "sftp://user@-oProxyCommand=x/y",
        "sftp://-luser@host/y", "sftp://user:word@host/y", "s3:https://host", "s3:https://key:word@host/bucket",
    ],
)  # fmt: skip
def test_any_other_place_is_refused_with_what_can_be_had(setting, secrets, keys):
    with pytest.raises(SettingError, match="VILKAR_BACKUP_TARGET must be"):
        targets.parse(setting, secrets, keys)


@pytest.mark.parametrize("name", ["sftp_key", "sftp_known_hosts"])
def test_a_missing_secret_is_named_before_anything_is_tried(name, secrets, keys):
    (secrets.folder / name).unlink()
    with pytest.raises(SettingError, match=name):
        targets.parse("sftp://user@host/path", secrets, keys)


def test_what_a_program_complains_of_is_told_without_the_values_of_a_row():
    told = programs.plain(
        'pg_restore: error: COPY failed for table "person"\n'
        'ERROR: duplicate key value violates unique constraint "person_email"\n'
        "DETAIL: Key (email)=(kari@firma.example) already exists.\n"
        "CONTEXT: COPY person, line 1: Kari Nordmann\n"
    )
    assert "COPY failed" in told
    assert "kari" not in told.casefold()
    assert "person_email" not in told


def test_a_program_that_fails_or_takes_too_long_is_a_failure_with_its_name():
    python = sys.executable
    with pytest.raises(BackupFailed, match=r"failed \(3\): no room"):
        programs.run(
            [python, "-c", "import sys; sys.exit(print('no room', file=sys.stderr) or 3)"], env={}, limit_s=60
        )
    with pytest.raises(BackupFailed, match="did not end within 1 s: the disk is slow"):
        programs.run(["sh", "-c", "echo the disk is slow >&2; exec sleep 60"], env={}, limit_s=1)
