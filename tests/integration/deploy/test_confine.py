"""A program becomes somebody who is not root, finds what it needs and nothing else, and gets what it left right."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from deploy.native import confine

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else"),
]

SOMEBODY, OTHERS = 60_990, 60_991
ENTRY = Path(confine.__file__)
WITHOUT_MOUNTS = ("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, which those of pytest are not."""
    folder = Path(tempfile.mkdtemp(prefix="vilkar-confine-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def closed(open_folder: Path) -> Path:
    """A folder like root's home, with something that is needed and something that is nobody's business."""
    home = open_folder / "home"
    for name in ("needed/inner", "private"):
        (home / name).mkdir(parents=True)
        (home / name / "file").write_text(f"{name}\n")
    home.chmod(0o700)
    return home


def run(*argv: str, needs: tuple[Path, ...] = (), before: tuple[str, ...] = (), **more: Any) -> Any:
    whom = {"uid": SOMEBODY, "gid": SOMEBODY, "groups": [OTHERS], "places": [], "needs": list(map(str, needs))}
    return subprocess.run(
        [*before, sys.executable, "-I", "-S", str(ENTRY), json.dumps(whom | more), *argv],
        check=False, capture_output=True, text=True, timeout=60, cwd="/", stdin=subprocess.DEVNULL,
    )  # fmt: skip


def can_mount() -> bool:
    return subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0


needs_mounts = pytest.mark.skipif(not can_mount(), reason="could not run: nobody may mount here (CAP_SYS_ADMIN)")


def test_nothing_of_root_is_left_and_no_program_brings_it_back() -> None:
    ended = run("/bin/grep", "-E", "^(Uid|Gid|Groups|CapPrm|CapEff|NoNewPrivs)", "/proc/self/status")
    told = dict(line.split(":", 1) for line in ended.stdout.splitlines())
    assert told["Uid"].split() == told["Gid"].split() == [str(SOMEBODY)] * 4
    assert told["Groups"].split() == [str(OTHERS)]
    assert int(told["CapPrm"], 16) == int(told["CapEff"], 16) == 0
    assert told["NoNewPrivs"].strip() == "1"


@needs_mounts
def test_what_is_needed_below_a_closed_folder_is_found_under_its_path_and_nothing_beside_it(closed: Path) -> None:
    needed = closed / "needed"
    looks = f"cat {needed}/inner/file && ls {closed} && cat {closed}/private/file"
    assert "denied" in run("/bin/cat", f"{needed}/inner/file").stderr
    ended = run("/bin/sh", "-c", looks, needs=(needed,))
    assert ended.stdout.split() == ["needed/inner", "needed"]
    assert "No such file" in ended.stderr
    assert sorted(os.listdir(closed)) == ["needed", "private"], "nobody else sees anything of it"  # noqa: PTH208


@needs_mounts
def test_links_on_the_way_are_followed_and_a_single_file_is_enough(closed: Path, open_folder: Path) -> None:
    (closed / "newest").symlink_to("needed")
    (open_folder / "outside").symlink_to(closed / "newest/inner/file")
    ended = run("/bin/cat", str(open_folder / "outside"), needs=(open_folder / "outside",))
    assert ended.stdout == "needed/inner\n", ended.stderr


@needs_mounts
def test_what_is_written_there_is_written_where_it_really_is(closed: Path) -> None:
    needed = closed / "needed"
    place = [str(needed), SOMEBODY, OTHERS, 0o2750, 0o640]
    ended = run("/bin/sh", "-c", f"echo new > {needed}/made", needs=(needed,), places=[place])
    assert ended.returncode == 0, ended.stderr
    made = (needed / "made").stat()
    assert (made.st_uid, made.st_gid, stat.S_IMODE(made.st_mode)) == (SOMEBODY, OTHERS, 0o640)


def test_without_a_right_to_mount_it_ends_and_names_the_closed_folder(closed: Path) -> None:
    ended = run("/bin/true", needs=(closed / "needed",), before=WITHOUT_MOUNTS)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"not started: {closed} is closed to others")


def test_a_user_that_cannot_be_had_is_named() -> None:
    ended = run("/bin/true", before=("setpriv", "--bounding-set=-setgid", "--inh-caps=-setgid"))
    assert (ended.returncode, ended.stderr.startswith(f"not started: nobody can be user {SOMEBODY}")) == (1, True)


def test_a_folder_is_put_right_with_what_root_left_in_it(open_folder: Path) -> None:
    place = open_folder / "ledger"
    (place / "deep").mkdir(parents=True)
    for file in (place / "ledger.jsonl", place / "deep/note"):
        file.touch(mode=0o600)
    confine.put_right(str(place), SOMEBODY, OTHERS, 0o2750, 0o640)
    found = {path: path.stat() for path in (place, *place.rglob("*"))}
    assert {(each.st_uid, each.st_gid) for each in found.values()} == {(SOMEBODY, OTHERS)}
    assert stat.S_IMODE(found[place].st_mode) == 0o2750
    assert {stat.S_IMODE(each.st_mode) for path, each in found.items() if path.is_file()} == {0o640}


def test_links_in_a_folder_give_nobody_what_is_elsewhere(open_folder: Path) -> None:
    (open_folder / "of-root").touch(mode=0o600)
    place = open_folder / "place"
    place.mkdir()
    (place / "soft").symlink_to(open_folder / "of-root")
    (place / "hard").hardlink_to(open_folder / "of-root")
    os.mkfifo(place / "pipe")
    confine.put_right(str(place), SOMEBODY, OTHERS, 0o700, 0o640)
    kept = (open_folder / "of-root").stat()
    assert (kept.st_uid, kept.st_gid, stat.S_IMODE(kept.st_mode)) == (0, 0, 0o600)


def test_a_folder_on_a_disk_where_root_is_nobody_is_left_to_whom_it_was_given(open_folder: Path) -> None:
    place = open_folder / "backups"
    place.mkdir(mode=0o700)
    nobody = (
        "setpriv",
        "--bounding-set=-dac_override,-dac_read_search",
        "--inh-caps=-dac_override,-dac_read_search",
    )
    os.chown(place, SOMEBODY, -1)
    given = [str(place), SOMEBODY, -1, 0o700, None]
    assert run("/bin/ls", str(place), before=nobody, places=[given]).returncode == 0
    os.chown(place, OTHERS, -1)
    assert run("/bin/ls", str(place), before=nobody, places=[given]).stderr.startswith(
        "not started: Permission denied"
    )


def test_a_missing_folder_is_made(open_folder: Path) -> None:
    confine.put_right(str(open_folder / "a/b"), SOMEBODY, OTHERS, 0o700, None)
    assert (open_folder / "a/b").stat().st_uid == SOMEBODY
    assert (open_folder / "a").stat().st_uid == 0


def test_a_circle_of_links_is_no_way(open_folder: Path) -> None:
    (open_folder / "a").symlink_to("b")
    (open_folder / "b").symlink_to("a")
    with pytest.raises(OSError, match="Too many levels"):
        confine.look_up(str(open_folder / "a/x"))
