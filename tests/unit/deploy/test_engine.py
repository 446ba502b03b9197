"""How a Docker engine is had: what is read off the machine, and when nothing is started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.engine import daemon, install, machine
from deploy.engine.daemon import Daemon
from deploy.engine.machine import EngineError

pytestmark = pytest.mark.unit


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A folder that alone is searched for programs; /bin is there for the shell's sake."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    return tmp_path


def test_the_mirror_is_debian_s_own_and_neither_its_security_updates_nor_somebody_else_s(path):
    program(
        path,
        "apt-get",
        'printf "%s\\n" "other|Other|https://a/" "Debian|Debian-Security|http://b/" "Debian|Debian|http://c/"',
    )
    assert machine.debian_mirror() == "http://c/"


def test_without_a_mirror_the_message_says_what_to_do(path):
    program(path, "apt-get", "true")
    with pytest.raises(EngineError, match="apt-get update"):
        machine.debian_mirror()


def test_a_command_that_fails_is_told_with_what_it_said(path):
    program(path, "broken", "echo the reason >&2; exit 3")
    with pytest.raises(EngineError, match="broken failed:\nthe reason"):
        machine.run(["broken"])
    with pytest.raises(EngineError, match="absent is not installed"):
        machine.run(["absent"])


def test_builds_get_the_certificates_the_machine_was_made_to_trust_and_indexes_that_a_container_can_reach(
    tmp_path, monkeypatch
):
    (tmp_path / "office").mkdir()
    (tmp_path / "b.crt").write_text("second\n")
    (tmp_path / "a.crt").write_text("first\n")
    (tmp_path / "office/c.crt").write_text("third\n")
    (tmp_path / "note.txt").write_text("no certificate")
    monkeypatch.setattr(machine, "CERTIFICATES", tmp_path)
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "file:///opt/simple")
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "https://packages.example/npm")
    assert machine.build_settings() == {
        "VILKAR_BUILD_CERTIFICATES": "first\nsecond\nthird",
        "PIP_INDEX_URL": "https://index.example/simple",
        "NPM_CONFIG_REGISTRY": "https://packages.example/npm",
    }


def test_a_machine_that_trusts_nothing_special_passes_nothing_on(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "CERTIFICATES", tmp_path / "absent")
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "NPM_CONFIG_REGISTRY"):
        monkeypatch.delenv(name, raising=False)
    assert machine.build_settings() == {}


def test_an_engine_answers_only_where_docker_info_says_so(path, monkeypatch):
    assert not daemon.answers()
    program(path, "docker", '[ "$DOCKER_HOST" = "unix:///right" ]')
    monkeypatch.setenv("DOCKER_HOST", "unix:///wrong")
    assert not daemon.answers()
    assert daemon.answers({"DOCKER_HOST": "unix:///right"})


def test_no_daemon_is_started_beside_a_foreign_one(tmp_path, monkeypatch):
    monkeypatch.setattr(daemon, "others", lambda: [4711])
    own = Daemon(data=tmp_path / "data", run=tmp_path / "run")
    with pytest.raises(EngineError, match="4711"):
        own.start()
    assert not own.data.exists()


def test_a_daemon_that_dies_at_once_is_told_with_its_log(path, tmp_path, monkeypatch):
    monkeypatch.setattr(daemon, "others", list)
    program(path, "dockerd", "echo no such luck; exit 1")
    own = Daemon(data=tmp_path / "data", run=tmp_path / "run")
    with pytest.raises((EngineError, ChildProcessError), match=r"no such luck|ended as soon"):
        own.start()


def test_stopping_what_does_not_run_is_no_error_and_forgetting_deletes_its_data(tmp_path):
    own = Daemon(data=tmp_path / "data", run=tmp_path / "run")
    (own.data / "image").mkdir(parents=True)
    assert not own.stop()
    own.forget()
    assert not own.data.exists()


def test_whoever_is_not_root_is_told_the_command(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(EngineError, match=r"As root: apt-get install docker\.io"):
        install.daemon(lambda _: None)


def test_the_command_finds_no_engine_and_says_so_in_one_line(path, tmp_path):
    repository = Path(__file__).resolve().parents[3]
    code = (
        "import os, sys; os.geteuid = lambda: 1000\n"
        "from deploy.engine import daemon, install, __main__ as engine\n"
        "install.daemon_missing = lambda: True; daemon.Daemon.running = lambda self: None\n"
        "sys.exit(engine.main(['up']))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=repository, timeout=60
    )
    assert result.returncode == 1
    assert result.stderr.startswith("engine: not installed: docker.io")
    assert "Traceback" not in result.stderr
