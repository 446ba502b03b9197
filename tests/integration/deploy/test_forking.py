"""A process that was forked is what it would have been by itself, and outlives what it was forked from."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from deploy.native import confine, fork_server, forking, plan, processes
from deploy.native.forking import Command, ForkServers, StillLoadingError
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
SAYS = [sys.executable, "-m", "says"]
OF_CHECKOUT = {"says": fork_server.THREADED}
NEEDS = (str(plan.REPOSITORY), sys.prefix, sys.base_prefix, sys.executable)


@pytest.fixture(scope="module")
def parent() -> Iterator[None]:
    """Let this process be one that may fork by a server, as the supervisor is."""
    processes.become_subreaper()
    yield
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    processes.reap_all()


KINDS = {program.module: program.kind for program in plan.PROGRAMS}


@pytest.fixture(scope="module")
def of_kind(parent: None) -> Iterator[dict[str, ForkServers]]:
    """Fork servers of each kind that load what those of the system load, and the one that says what it sees."""
    made = {kind: ForkServers(print, KINDS | {SEES: kind}) for kind in KINDS.values() if kind}
    for servers in made.values():
        for module in KINDS:
            servers.prepare([sys.executable, "-m", module], ENV)
    yield made
    for servers in made.values():
        servers.close()


@pytest.fixture
def servers(of_kind: dict[str, ForkServers]) -> ForkServers:
    return of_kind[fork_server.THREADED]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may enter."""
    made = Path(tempfile.mkdtemp(prefix="vilkar-forking-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def start(servers: ForkServers, argv: list[str], **named: Any) -> processes.ProcessIdentity | None:
    """Ask until the fork server has loaded, as the supervisor does."""

    def once() -> list[processes.ProcessIdentity | None]:
        with contextlib.suppress(StillLoadingError):
            return [servers.start(argv, env=ENV, **named)]
        return []

    started: list[processes.ProcessIdentity | None] = until(once, seconds=LIMIT_S)
    return started[0]


def confined(argv: list[str]) -> list[str]:
    whom = {"uid": SOMEBODY, "gid": SOMEBODY, "groups": [OTHERS], "places": [], "needs": NEEDS}
    return [sys.executable, "-I", "-S", confine.__file__, json.dumps(whom), *argv]


def both_ways(servers: ForkServers, folder: Path, argv: list[str]) -> tuple[Any, Any, Any]:
    """What a program sees that is started by itself, and what two see that are forked."""
    log = folder / "log"
    for _ in range(2):
        forked = start(servers, argv, name="seer", log=log, cwd=plan.REPOSITORY)
        assert forked is not None
        assert forked.wait_gone(LIMIT_S)
    assert processes.start(argv, log=log, env=ENV, cwd=plan.REPOSITORY).wait_gone(LIMIT_S)
    told = [json.loads(line) for line in log.read_text().splitlines()]
    first, second, alone = told
    return alone, first, second


@pytest.mark.parametrize("kind", [fork_server.COOPERATIVE, fork_server.THREADED])
@pytest.mark.parametrize("somebody", [False, True], ids=["as it is", "as somebody"])
def test_a_forked_process_is_what_it_is_when_started_by_itself(
    of_kind: dict[str, ForkServers],
    folder: Path,
    kind: str,
    somebody: bool,
) -> None:
    argv = [sys.executable, "-m", SEES, kind, "and more"]
    if somebody and os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    alone, first, second = both_ways(of_kind[kind], folder, confined(argv) if somebody else argv)
    assert first["seen"] | {"command": argv} == alone["seen"]
    assert first["seen"]["dumpable"] == 1
    packages = {name for name, its in KINDS.items() if its == kind and fork_server.main_of(name) != name}
    assert packages <= set(first["modules"])
    assert set(alone["modules"]) <= set(first["modules"])
    assert ("eventlet" in first["modules"]) == (kind == fork_server.COOPERATIVE)
    assert [one for one, other in zip(first["drawn"], second["drawn"], strict=True) if one == other] == []
    assert ([os.geteuid()] * 4 if not somebody else [SOMEBODY] * 4) == [int(i) for i in first["seen"]["ids"]["Uid"]]


def test_a_forked_process_has_its_own_name_and_outlives_its_fork_server(servers: ForkServers, folder: Path) -> None:
    waits = [sys.executable, "-m", SEES, "waits"]
    server_before = fork_servers_of(os.getpid())
    first = start(servers, waits, name="account-2", log=folder / "log", cwd=folder)
    assert first is not None
    until((folder / "log").read_text)
    assert Path(f"/proc/{first.pid}/comm").read_text() == "account-2\n"
    for server in server_before:
        server.send(signal.SIGKILL)
        server.wait_gone(LIMIT_S)
    second = start(servers, waits, name="again", log=folder / "log", cwd=folder)
    assert second is not None
    assert first.alive()
    assert fork_servers_of(os.getpid()) != server_before
    for each in (first, second):
        processes.kill(each)


def test_a_fork_server_that_is_not_needed_any_more_is_ended(servers: ForkServers, folder: Path) -> None:
    waits = [sys.executable, "-m", SEES, "waits"]
    needed = start(servers, waits, name="needed", log=folder / "log", cwd=folder)
    assert needed is not None
    until((folder / "log").read_text)  # it has its own name now
    others = fork_servers_of(os.getpid())
    servers.end_idle()
    assert fork_servers_of(os.getpid()) == others
    with contextlib.closing(ForkServers(print, {SEES: fork_server.THREADED}, idle_s=0.0)) as hasty:
        forked = start(hasty, waits, name="stays", log=folder / "stays", cwd=folder)
        assert forked is not None
        until((folder / "stays").read_text)
        assert len(fork_servers_of(os.getpid()) - others) == 1
        hasty.end_idle()
        assert fork_servers_of(os.getpid()) == others
        assert forked.alive()
        again = start(hasty, waits, name="again", log=folder / "stays", cwd=folder)
    assert again is not None
    for each in (needed, forked, again):
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
    log = checkout / "log"
    log.unlink(missing_ok=True)
    forked = start(servers, SAYS, name="says", log=log, cwd=checkout)
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
    with contextlib.closing(ForkServers(said.append, OF_CHECKOUT)) as servers:
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
    with contextlib.closing(ForkServers(said.append, OF_CHECKOUT)) as servers:
        assert says(servers, checkout) is None
        assert says(servers, checkout) is None
    assert said == ["the fork server for threaded processes could not load; they are started without"]


@pytest.mark.usefixtures("parent")
def test_nobody_is_kept_waiting_by_a_fork_server_that_loads_slowly(checkout: Path) -> None:
    append(checkout, "import time; time.sleep(600)")
    with contextlib.closing(ForkServers(print, OF_CHECKOUT)) as servers:
        began = time.monotonic()
        for _ in range(3):
            with pytest.raises(StillLoadingError):
                servers.start(SAYS, name="says", log=checkout / "log", env=ENV, cwd=checkout)
    assert time.monotonic() - began < forking.ANSWER_LIMIT_SECONDS


@pytest.mark.usefixtures("parent")
def test_one_that_has_not_loaded_in_time_is_done_without(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    append(checkout, "import time; time.sleep(600)")
    monkeypatch.setattr(forking, "LOAD_LIMIT_SECONDS", 0.2)
    with contextlib.closing(ForkServers(said.append, OF_CHECKOUT)) as servers:
        assert says(servers, checkout) is None
    assert said == ["the fork server for threaded processes could not load; they are started without"]


@pytest.mark.usefixtures("parent")
def test_one_that_does_not_answer_is_ended_and_done_without(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    others = fork_servers_of(os.getpid())
    with contextlib.closing(ForkServers(said.append, OF_CHECKOUT)) as servers:
        assert says(servers, checkout) == "old\n"
        (silent,) = fork_servers_of(os.getpid()) - others
        silent.send(signal.SIGSTOP)
        monkeypatch.setattr(forking, "ANSWER_LIMIT_SECONDS", 0.2)
        assert says(servers, checkout) is None
        assert not silent.alive()
    assert said == ["the fork server for threaded processes could not fork; they are started without"]


@pytest.mark.usefixtures("parent")
def test_a_fork_whose_id_arrived_too_late_is_told_nothing_and_ends(folder: Path) -> None:
    door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    door.settimeout(LIMIT_S)
    argv = [sys.executable, "-m", fork_server.__name__, fork_server.THREADED, str(theirs.fileno())]
    with theirs, subprocess.Popen(argv, cwd=plan.REPOSITORY, env=ENV, pass_fds=[theirs.fileno()]):
        theirs.close()
        assert door.recv(fork_server.LONGEST_MESSAGE) == fork_server.LOADED
        request, tell = os.pipe()
        with processes.open_log(folder / "log") as log:
            socket.send_fds(door, [b"fork"], [log.fileno(), request])
        os.close(request)
        forked = processes.identity_of(int(door.recv(fork_server.LONGEST_MESSAGE)))
        assert forked is not None, "it did not wait"
        os.close(tell)
        assert forked.wait_gone(LIMIT_S)
        door.close()
    assert (folder / "log").read_text() == ""


def test_only_what_runs_a_module_is_forked() -> None:
    for argv in ([sys.executable, "-c", "pass"], [sys.executable, "-c", "pass", "-m", "x"], ["/bin/true"]):
        assert Command.parse(argv) is None
    plain = [sys.executable, "-W", "ignore", "-m", "services.account", "-m"]
    read = Command.parse(plain)
    assert read == Command((sys.executable, "-W", "ignore"), "services.account", ("-m",), None)
    assert Command.parse([sys.executable, "-I", "-S", confine.__file__, "{}", *plain]) == Command(
        (sys.executable, "-W", "ignore"), "services.account", ("-m",), "{}"
    )
