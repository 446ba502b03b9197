"""The generated documents read as others read them: by the linters of OpenAPI and AsyncAPI, which are npm packages.

Without node these tests say so and do not run. The first run installs the packages that the lock file names.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from deploy.generators import asyncapi
from services.gateway.endpoints import ENDPOINTS
from services.gateway.openapi import document

pytestmark = pytest.mark.contract

ROOT = Path(__file__).resolve().parents[3]
LINTERS = ROOT / ".ci" / "document-linters"
OLDEST_NODE = (20, 19)
INSTALL_SECONDS = 300
LINT_SECONDS = 600
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


def run(*command: str, seconds: int = LINT_SECONDS) -> str:
    """What a program of the linters prints; the test fails where the program does."""
    done = subprocess.run(
        command,
        cwd=LINTERS,
        env=os.environ | QUIET,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    printed = done.stdout + done.stderr
    assert done.returncode == 0, f"{' '.join(command)}:\n{printed[-4000:]}"
    return printed


def node_version() -> tuple[int, ...]:
    told = subprocess.run(["node", "--version"], capture_output=True, check=True, text=True, timeout=30).stdout
    return tuple(int(part) for part in told.strip().removeprefix("v").split("."))


@pytest.fixture(scope="module")
def linters() -> None:
    """The packages, exactly those of the lock file."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("the linters of the documents need node and npm, which are not on this machine")
    if node_version() < OLDEST_NODE:
        pytest.skip(f"the linters of the documents need node {'.'.join(map(str, OLDEST_NODE))} or newer")
    stamp = LINTERS / "node_modules" / "lock-file"
    lock = sha256((LINTERS / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != lock:
        run("npm", "ci", seconds=INSTALL_SECONDS)
        stamp.write_text(lock, encoding="utf-8")


@pytest.fixture(scope="module")
def openapi(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the gateway serves at `/openapi.json`."""
    path = tmp_path_factory.mktemp("documents") / "openapi.json"
    made = document(ENDPOINTS, version="1", public_url="https://vilkar.example")
    path.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    return str(path)


@pytest.mark.usefixtures("linters")
def test_redocly_has_nothing_to_say_about_the_public_interface(openapi: str) -> None:
    printed = run("node_modules/.bin/redocly", "lint", "--extends", "recommended", openapi)
    assert "is valid" in printed
    assert "warning" not in printed.replace("Deprecation warning", "")


@pytest.mark.usefixtures("linters")
def test_spectral_has_nothing_to_say_about_the_public_interface(openapi: str) -> None:
    printed = run("node_modules/.bin/spectral", "lint", "--fail-severity", "hint", openapi)
    assert "No results with a severity of 'hint' or higher found" in printed


@pytest.mark.usefixtures("linters")
def test_the_official_parser_reads_the_asyncapi_document_and_objects_to_nothing() -> None:
    printed = run("node", "asyncapi.mjs", str(ROOT / asyncapi.PATH))
    operations = json.loads((ROOT / asyncapi.PATH).read_text(encoding="utf-8"))["operations"]
    assert f"{len(operations)} operations read" in printed


@pytest.mark.usefixtures("linters")
def test_redocly_has_nothing_to_say_about_the_asyncapi_document() -> None:
    printed = run("node_modules/.bin/redocly", "lint", "--extends", "recommended", str(ROOT / asyncapi.PATH))
    assert "is valid" in printed
    assert "warning" not in printed.replace("Deprecation warning", "")


def test_the_lock_file_names_no_place_to_fetch_from_and_a_digest_of_each_package() -> None:
    packages = json.loads((LINTERS / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    third = {name: package for name, package in packages.items() if name}
    assert len(third) > 100
    assert [name for name, package in third.items() if "resolved" in package] == []
    assert [name for name, package in third.items() if not package.get("integrity")] == []
