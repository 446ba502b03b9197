"""A process that was forked is what it would have been by itself, and outlives what it was forked from."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from deploy.native import confine, forking, plan, preload, processes
from deploy.native.forking import Command, ForkServers
from tests.integration.deploy.test_confine import OTHERS, SOMEBODY
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

SEES = "tests.integration.deploy.what_it_sees"
ENV = {
    "PATH": os.environ["PATH"],
    "LANG": "C.UTF-8",
    "VILKAR_ENVIRONMENT": "test",
    "PYTHONUNBUFFERED": "1",
    **plan.MEMORY,
}
LIMIT_S = 120
SET_CHILD_SUBREAPER = 36
NEEDS = (str(plan.REPOSITORY), sys.prefix, sys.base_prefix, sys.executable)


@pytest.fixture(scope="module")
def parent() -> Iterator[None]:
    """Let this process be one that may fork by a server, as the supervisor is."""
    processes.become_subreaper()
    yield
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    processes.reap_all()


@pytest.fixture(scope="module")
def servers(parent: None) -> Iterator[ForkServers]:
    made = ForkServers(print)
    yield made
    made.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may enter."""
    made = Path(tempfile.mkdtemp(prefix="vilkar-forking-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def confined(argv: list[str]) -> list[str]:
    whom = {"uid": SOMEBODY, "gid": SOMEBODY, "groups": [OTHERS], "places": [], "needs": NEEDS}
    return [sys.executable, "-I", "-S", confine.__file__, json.dumps(whom), *argv]


def both_ways(servers: ForkServers, folder: Path, kind: str, argv: list[str]) -> tuple[Any, Any, Any]:
    """What a program sees that is started by itself, and what two see that are forked."""
    log = folder / "log"
    for _ in range(2):
        forked = servers.start(kind, argv, name="seer", log=log, env=ENV, cwd=plan.REPOSITORY)
        assert forked is not None
        assert forked.wait_gone(LIMIT_S)
    assert processes.start(argv, log=log, env=ENV, cwd=plan.REPOSITORY).wait_gone(LIMIT_S)
    told = [json.loads(line) for line in log.read_text().splitlines()]
    first, second, alone = told
    return alone, first, second


@pytest.mark.parametrize("kind", preload.MODULES)
@pytest.mark.parametrize("somebody", [False, True], ids=["as it is", "as somebody"])
def test_a_forked_process_is_what_it_is_when_started_by_itself(
    servers: ForkServers,
    folder: Path,
    kind: str,
    somebody: bool,
) -> None:
    argv = [sys.executable, "-m", SEES, kind, "and more"]
    if somebody and os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    alone, first, second = both_ways(servers, folder, kind, confined(argv) if somebody else argv)
    assert first["seen"] | {"command": argv} == alone["seen"]
    assert first["seen"]["dumpable"] == 1
    more = set(first["modules"]) - set(alone["modules"])
    assert {name for name in more if name.startswith(("services", "sandbox", "tests"))} <= {"services"}
    assert set(alone["modules"]) <= set(first["modules"])
    assert ("eventlet" in first["modules"]) == (kind == preload.COOPERATIVE)
    assert [one for one, other in zip(first["drawn"], second["drawn"], strict=True) if one == other] == []
    assert ([os.geteuid()] * 4 if not somebody else [SOMEBODY] * 4) == [int(i) for i in first["seen"]["ids"]["Uid"]]


def test_a_forked_process_has_its_own_name_and_outlives_its_fork_server(servers: ForkServers, folder: Path) -> None:
    waits = [sys.executable, "-m", SEES, "waits"]
    server_before = fork_servers_of(os.getpid())
    first = servers.start(preload.THREADED, waits, name="account-2", log=folder / "log", env=ENV, cwd=folder)
    assert first is not None
    until((folder / "log").read_text)
    assert Path(f"/proc/{first.pid}/comm").read_text() == "account-2\n"
    for server in server_before:
        server.send(signal.SIGKILL)
        server.wait_gone(LIMIT_S)
    second = servers.start(preload.THREADED, waits, name="again", log=folder / "log", env=ENV, cwd=folder)
    assert second is not None
    assert first.alive()
    assert fork_servers_of(os.getpid()) != server_before
    for each in (first, second):
        processes.kill(each)


def fork_servers_of(pid: int) -> set[processes.ProcessIdentity]:
    """The children of a process that serve forks; one that was forked has a name of its own."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    serving = {int(child) for child in children if _serves(Path("/proc") / child)}
    return {identity for each in serving if (identity := processes.identity_of(each)) is not None}


def _serves(process: Path) -> bool:
    is_one = b"deploy.native.fork_server" in (process / "cmdline").read_bytes()
    return is_one and (process / "comm").read_text().startswith("python")


@pytest.fixture
def checkout(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of its own, to be changed."""
    for name in ("deploy", "shared"):
        ignored = shutil.ignore_patterns("__pycache__", "demo_texts", "web_assets", "base-images")
        shutil.copytree(plan.REPOSITORY / name, folder / name, ignore=ignored)
    (folder / "says.py").write_text("import shared.clock\nprint(getattr(shared.clock, 'SAYS', 'old'))\n")
    monkeypatch.setattr(forking, "_REPOSITORY", folder)
    return folder


def says(servers: ForkServers, checkout: Path) -> str | None:
    """What a program of the checkout says that is forked; None where it is to be started by itself."""
    log, argv = checkout / "log", [sys.executable, "-m", "says"]
    log.unlink(missing_ok=True)
    forked = servers.start(preload.THREADED, argv, name="says", log=log, env=ENV, cwd=checkout)
    if forked is None:
        return None
    assert forked.wait_gone(LIMIT_S)
    return log.read_text()


def append(checkout: Path, line: str) -> None:
    with (checkout / "shared/clock.py").open("a") as file:
        file.write(f"{line}\n")


@pytest.mark.usefixtures("parent")
def test_what_is_started_after_a_change_runs_what_was_changed(checkout: Path) -> None:
    said: list[str] = []
    others = fork_servers_of(os.getpid())
    with contextlib.closing(ForkServers(said.append)) as servers:
        assert says(servers, checkout) == "old\n"
        first = fork_servers_of(os.getpid()) - others
        assert len(first) == 1
        append(checkout, "SAYS = 'new'")
        assert says(servers, checkout) == "new\n"
        assert not first & fork_servers_of(os.getpid())
        assert said == []


@pytest.mark.usefixtures("parent")
@pytest.mark.parametrize(
    "begun",
    [
        "raise OSError",
        "LEFT = open(__file__)",
        "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
    ],
)
def test_nothing_is_forked_from_what_cannot_be_loaded_or_has_begun_something(checkout: Path, begun: str) -> None:
    said: list[str] = []
    append(checkout, begun)
    with contextlib.closing(ForkServers(said.append)) as servers:
        assert says(servers, checkout) is None
        assert says(servers, checkout) is None
    assert said == ["the fork server for threaded processes could not load; they are started without"]


def test_only_what_runs_a_module_is_forked() -> None:
    for argv in ([sys.executable, "-c", "pass"], [sys.executable, "-c", "pass", "-m", "x"], ["/bin/true"]):
        assert Command.parse(argv) is None
    plain = [sys.executable, "-W", "ignore", "-m", "services.account", "-m"]
    read = Command.parse(plain)
    assert read == Command((sys.executable, "-W", "ignore"), "services.account", ("-m",), None)
    assert Command.parse([sys.executable, "-I", "-S", confine.__file__, "{}", *plain]) == Command(
        (sys.executable, "-W", "ignore"), "services.account", ("-m",), "{}"
    )
