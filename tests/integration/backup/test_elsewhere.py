"""Backups on another machine: a real SSH server of our own stands for it."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.backup.errors import BackupFailed
from deploy.native import ports
from shared.backup_record import DATA

pytestmark = [pytest.mark.integration, pytest.mark.clause("BACKUP-1")]

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin")
SFTP_SERVER = Path("/usr/lib/openssh/sftp-server")
SEPARATION = Path("/run/sshd")
START_SECONDS = 30.0


@dataclass
class Machine:
    """The other machine."""

    port: int
    folder: Path
    key: str
    host_key: str

    @property
    def address(self) -> str:
        return f"sftp://{getpass.getuser()}@127.0.0.1:{self.port}{self.folder}/backups"

    def known(self, host_key: str | None = None) -> str:
        return f"[127.0.0.1]:{self.port} {host_key or self.host_key}\n"


def make_key(folder: Path, name: str) -> tuple[Path, str]:
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)],
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return folder / name, (folder / f"{name}.pub").read_text()


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    if SSHD is None or not SFTP_SERVER.exists():
        pytest.skip("could not run: no SSH server is installed (apt-get install openssh-server)")
    if os.geteuid() == 0:
        SEPARATION.mkdir(mode=0o755, exist_ok=True)  # sshd run by root wants it
    folder = Path(tempfile.mkdtemp(prefix="vilkar-sshd-"))
    host, host_public = make_key(folder, "host")
    client, client_public = make_key(folder, "client")
    (folder / "authorized").write_text(client_public)
    port = ports.choose(["sshd"])["sshd"]
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {host}\nPidFile none\n"
        f"AuthorizedKeysFile {folder}/authorized\n"
        "PermitRootLogin prohibit-password\nPasswordAuthentication no\nUsePAM no\nStrictModes no\n"
        f"Subsystem sftp {SFTP_SERVER}\n"
    )
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", str(folder / "config")], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    deadline = time.monotonic() + START_SECONDS
    while ports.is_free(port):
        assert server.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline, "sshd does not listen"
        time.sleep(0.05)
    yield Machine(port, folder, client.read_text(), host_public)
    server.terminate()
    server.wait(10)
    shutil.rmtree(folder)


@pytest.fixture
def elsewhere(world, machine):
    folder = world.settings.secrets.folder
    (folder / "sftp_key").write_text(machine.key)
    (folder / "sftp_known_hosts").write_text(machine.known())
    yield world.told(target=machine.address)
    shutil.rmtree(machine.folder / "backups", ignore_errors=True)


def test_over_sftp_a_backup_is_taken_and_restored(elsewhere, machine):
    event = elsewhere.event("account", published_at=None)
    elsewhere.backups.take((DATA,))
    elsewhere.event("account", published_at=None)
    assert elsewhere.backups.record().off_site
    assert list((machine.folder / "backups" / "data" / "snapshots").iterdir())
    elsewhere.backups.restore()
    assert elsewhere.events("account").keys() == {event}
    assert list(elsewhere.settings.work.iterdir()) == []


def test_a_machine_that_shows_another_key_gets_nothing(elsewhere, machine, tmp_path):
    _, other = make_key(tmp_path, "other")
    (elsewhere.settings.secrets.folder / "sftp_known_hosts").write_text(machine.known(other))
    with pytest.raises(BackupFailed, match=r"Host key verification failed|can be neither opened"):
        elsewhere.backups.take((DATA,))
    assert not (machine.folder / "backups").exists()


def test_a_machine_that_is_away_is_a_failure_and_what_lies_there_is_used_when_it_is_back(elsewhere, machine):
    elsewhere.backups.take((DATA,))
    away = elsewhere.told(target=elsewhere.settings.target.replace(str(machine.port), "1"))
    with pytest.raises(BackupFailed):
        away.backups.take((DATA,))
    assert len(elsewhere.backups.choose("latest")) == 1
