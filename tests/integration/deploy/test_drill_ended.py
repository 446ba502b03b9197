"""A drill that is told to end leaves no system behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.native.plan import REPOSITORY
from tests.waiting import until

pytestmark = pytest.mark.integration

SECONDS = 120.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where it makes its own: short, for there are sockets below it, and open to whoever its processes are."""
    made = Path(tempfile.mkdtemp(prefix="vd-", dir="/tmp"))  # pytest's own is too deep
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def below(folder: Path) -> list[str]:
    """The processes that name anything below it."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            words = (each / "cmdline").read_bytes() + (each / "environ").read_bytes()
        except (OSError, ProcessLookupError):
            continue
        if str(folder / "vilkar-drill-").encode() in words:
            found.append(each.name)
    return found


def test_a_drill_that_is_told_to_end_takes_its_system_along(folder: Path) -> None:
    command = [sys.executable, "-m", "deploy.drill", "--companies", "11", "--erased", "1", "--json"]
    drill = subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, "TMPDIR": str(folder)})
    try:
        until(
            lambda: below(folder), what="servers of the drill's own", seconds=SECONDS,
        )  # fmt: skip
        drill.send_signal(signal.SIGTERM)
        assert drill.wait(SECONDS) == 128 + signal.SIGTERM
    finally:
        drill.kill()
    assert below(folder) == []
    assert list(folder.iterdir()) == []
