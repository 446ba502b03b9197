"""Started by root, each process is somebody of its own and reads what it needs; to others' things it has no way."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from deploy.backup.backups import LOCK
from deploy.native import contents, plan, processes, users
from deploy.native.system import NativeError, NativeSystem
from tests.integration.deploy.test_confine import WITHOUT_MOUNTS
from tests.server_folders import new_folder
from tests.unit.foundations.test_production_settings import REAL
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(os.geteuid() != 0, reason="whoever is not root runs everything as himself"),
]

RUNNING = ("sandbox", "account", "retention", "gateway", "proxy", "backup")
READS_LEDGER = {"account", "retention"}
COMMAND_SECONDS = 300


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = new_folder("vilkar-users-")
    folder.chmod(0o755)
    yield folder / "run"
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def native(home: Path) -> Iterator[NativeSystem]:
    if (obstacle := users.choose(home).obstacle(home)) is not None:
        pytest.skip(f"could not run: {obstacle}")
    said: list[str] = []
    system = NativeSystem(home, said.append, settings={"VILKAR_ENVIRONMENT": "test"}, for_tests=True)
    try:
        system.up(selected=RUNNING, scale={})
        yield system
    finally:
        system.down(volumes=True)


def identity(native: NativeSystem, name: str) -> processes.ProcessIdentity:
    found = processes.load(native.home / "pids" / f"{name}.json")
    assert found is not None
    return found


def status(identity: processes.ProcessIdentity) -> dict[str, list[str]]:
    lines = Path(f"/proc/{identity.pid}/status").read_text().splitlines()
    return {name: value.split() for name, _, value in (line.partition(":") for line in lines)}


def reads(native: NativeSystem, name: str, paths: list[Path], test: str = "-r") -> set[Path]:
    """Which of `paths` somebody who has taken over a process could read, or do with what `test` says."""
    told = status(identity(native, name))
    looks = f'for each; do if [ {test} "$each" ]; then echo "$each"; fi; done'
    looked = subprocess.run(
        ["/bin/sh", "-c", looks, "sh", *map(str, paths)],
        check=True, capture_output=True, text=True, timeout=60, cwd="/",
        user=int(told["Uid"][1]), group=int(told["Gid"][1]), extra_groups=list(map(int, told["Groups"])),
    )  # fmt: skip
    return set(map(Path, looked.stdout.splitlines()))


def files(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def test_no_process_is_root_and_no_two_are_the_same(native: NativeSystem) -> None:
    found = {name: status(identity(native, name)) for name in RUNNING}
    ids = {name: each["Uid"] for name, each in found.items()}
    assert all(len(set(each)) == 1 for each in ids.values()), "real, effective, saved"
    assert len({each[0] for each in ids.values()} - {"0"}) == len(RUNNING)
    assert "0" not in {group for each in found.values() for group in (*each["Gid"], *each["Groups"])}
    assert {int(each["CapEff"][0], 16) for each in found.values()} == {0}


@pytest.mark.parametrize("name", RUNNING)
def test_a_process_reads_its_own_secrets_and_nobody_elses_and_changes_none(native: NativeSystem, name: str) -> None:
    root = native.infrastructure.secrets_root
    every = files(root)
    own = set(files(root / name)) if name != "proxy" else set()
    assert own or name == "proxy"
    assert reads(native, name, every) == own
    assert reads(native, name, [*every, *root.iterdir(), root], "-w") == set()


@pytest.fixture(scope="module")
def backed_up(native: NativeSystem) -> None:
    until(lambda: files(native.home / "ledger-copies"), what="a copy of the ledger", seconds=60)
    assert native.backup("take") == 0


@pytest.mark.usefixtures("backed_up")
@pytest.mark.parametrize("name", RUNNING)
def test_a_process_reads_of_what_others_write_only_what_it_needs(native: NativeSystem, name: str) -> None:
    home = native.home
    ledger, copies = files(home / "ledger"), files(home / "ledger-copies")
    backups, records = files(home / "backups"), files(home / "state/backup")
    letters = files(home / "state/sandbox")
    assert all((ledger, copies, backups, records, letters))
    needed = {
        *(ledger if name in READS_LEDGER else ()),
        *(copies if name in {"retention", "backup"} else ()),
        *(backups if name == "backup" else ()),
        *(records if name in {"retention", "backup"} else ()),
        *(letters if name == "sandbox" else ()),
    }
    assert reads(native, name, [*ledger, *copies, *backups, *records, *letters]) == needed
    if name != "retention":
        assert reads(native, name, [*ledger, *copies, home / "ledger", home / "ledger-copies"], "-w") == set()
    assert reads(native, name, [home, home / "state", home / "logs", home / "pids"], "-w") == set()
    assert reads(native, name, [home / "plan.json", *files(home / "logs")]) == set()


def test_a_process_that_was_killed_comes_back_as_the_same_user(native: NativeSystem) -> None:
    before = identity(native, "retention")
    told = status(before)
    before.send(signal.SIGKILL)
    until(
        lambda: processes.load(native.home / "pids/retention.json") not in {None, before},
        what="another retention",
        seconds=60,
    )
    after = identity(native, "retention")
    until(lambda: status(after)["Uid"] == told["Uid"], what="the user it was", seconds=30)
    assert status(after)["Groups"] == told["Groups"]


def test_a_secret_that_root_puts_there_by_hand_is_read_from_the_next_start_on(native: NativeSystem) -> None:
    by_hand = native.infrastructure.secrets_root / "sandbox/mailgun_api_key"
    value = by_hand.read_text()
    by_hand.unlink()
    by_hand.touch(mode=0o600)
    by_hand.write_text(value)
    assert reads(native, "sandbox", [by_hand]) == set()
    native.restart("sandbox")
    assert reads(native, "sandbox", [by_hand]) == {by_hand}


def owned(native: NativeSystem) -> dict[Path, tuple[str, str]]:
    """Whom everything belongs to, by the names that the numbers have in this system."""
    home, whose = native.home, users.load(native.home)
    assert whose is not None
    names = {number: name for name, number in whose.ids.items()}
    folders = (home / "state", home / "ledger", home / "ledger-copies", native.infrastructure.secrets_root)
    found = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    ids = {path: (path.stat().st_uid, path.stat().st_gid) for path in found if path.suffix != ".draft"}
    return {path: (names.get(uid, str(uid)), names.get(gid, str(gid))) for path, (uid, gid) in ids.items()}


@pytest.mark.usefixtures("backed_up")
def test_a_ledger_that_root_fetches_belongs_to_whom_it_belonged(native: NativeSystem) -> None:
    native.down(volumes=False)
    right, ledger = owned(native), native.home / "ledger/ledger.jsonl"
    ledger.unlink()
    assert native.backup("fetch-ledger", str(ledger.parent)) == 0
    assert owned(native)[ledger] == right[ledger]
    native.up(selected=RUNNING, scale={})


@pytest.mark.usefixtures("backed_up")
def test_an_upgrade_of_a_system_that_was_all_roots_ends_it_and_puts_everything_right(native: NativeSystem) -> None:
    state, right = native.home / "state", owned(native)
    before = {name: identity(native, name) for name in RUNNING}
    record = (state / "backup/backup.json").read_bytes()
    for path in right:
        os.chown(path, 0, 0)
        path.chmod(0o700 if path.is_dir() else 0o600)
    for setting, names in contents.MOVED.items():
        folder = state / setting.removeprefix("VILKAR_").partition("_")[0].lower()
        # The daemon that runs makes its lock anew within seconds: whoever moves it leaves two.
        for path in [folder / name for name in names if name != LOCK and (folder / name).exists()]:
            path.rename(state / path.name)
    (native.home / users.FILE).unlink()
    native.upgrade()
    after = {name: identity(native, name) for name in RUNNING}
    assert not any(each.alive() for each in before.values())
    assert {name for name in after if status(after[name])["Uid"][0] == "0"} == set()
    assert {path: ids for path, ids in owned(native).items() if path in right} == right
    assert (state / "backup/backup.json").read_bytes() == record
    assert [path for path in state.iterdir() if path.is_file()] == []


def command(home: Path, *arguments: str, before: tuple[str, ...] = (), **settings: str) -> Any:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VILKAR_")}
    return subprocess.run(
        [*before, sys.executable, "-m", "deploy.native", *arguments],
        check=False, capture_output=True, text=True, timeout=COMMAND_SECONDS, cwd=plan.REPOSITORY,
        env={**kept, "VILKAR_RUN_DIR": str(home), **settings}, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture
def closed(home: Path) -> Iterator[Path]:
    """A home in a folder that is root's alone; where nobody may mount, no other user has a way into it."""
    folder = home.parent / "closed"
    folder.mkdir(mode=0o700)
    yield folder / "run"
    command(folder / "run", "reset", "--yes", "yes")
    shutil.rmtree(folder)


def test_where_nobody_else_can_run_anything_it_is_said_and_root_does(closed: Path) -> None:
    ended = command(closed, "up", "--only", "sandbox", before=WITHOUT_MOUNTS)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (told,) = [line for line in ended.stdout.splitlines() if "every process runs as root" in line]
    assert "is closed to others" in told
    assert "make setup PYTHON=" in told
    running = processes.load(closed / "pids/sandbox.json")
    assert running is not None
    assert status(running)["Uid"][0] == "0"


def test_production_refuses_to_run_as_root_before_anything_is_started(closed: Path) -> None:
    ended = command(closed, "up", before=WITHOUT_MOUNTS, **REAL)
    assert ended.returncode == 1
    assert "in production no process runs as root" in ended.stdout
    assert not (closed / "plan.json").exists()


def test_a_folder_that_cannot_be_given_away_is_named(native: NativeSystem) -> None:
    settings = {"VILKAR_ENVIRONMENT": "test", "VILKAR_LEDGER_DIR": "/proc/self/task"}
    with pytest.raises(NativeError, match="/proc/self/task cannot be given to the process retention"):
        NativeSystem(native.home, print, settings=settings, for_tests=True).up(selected=RUNNING, scale={})
