"""Becomes a user who is not root, for good, and then a program: `python -I -S confine.py WHOM PROGRAM …`.

The supervisor starts each process through it where root runs the system. WHOM is a line of JSON, made by
`deploy.native.users`:

    uid, gid, groups   whom to become; nothing else of root's is kept, and no program gives it back
    places             [path, uid, gid, folder mode, file mode or null]: folders to be put right first
    needs              paths that the program must be able to look up

Where a folder on the way to something needed is closed to others, as root's home is to a Python or a checkout below
it, the process gets a view of the file system of its own. There an empty folder lies in the closed one's place, and
in it what is needed and nothing else, under the same paths.

A process that is forked (deploy.native.fork_server) calls `enter` and runs no program.

It runs at every start of every process: it imports little, and of ours nothing.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import stat
import sys

TYPE_CHECKING = False  # what `typing` says as well, without the time it takes to be read
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from typing import Any

    Way = tuple[list[str], dict[str, str], str]

LINKS_LIMIT = 40
UMASK = 0o027
_NEW_MOUNTS = 0x00020000
_NO_SUID, _NO_DEVICES, _BIND, _RECURSIVE, _SLAVE = 2, 4, 4096, 16384, 1 << 19
_NO_NEW_PRIVILEGES = 38


# ── files that belong to others than they should ──


def put_right(path: str, uid: int, gid: int, folder_mode: int, file_mode: int | None) -> None:
    """Give a folder and all below it to these ids; it is made where it is missing.

    A group of -1 stays what it is, and so does the mode of files where none is told.
    Whoever works in it may have put links there: none is followed, and no file with a second name is given away.
    """
    place = os.path.realpath(path)
    os.makedirs(place, exist_ok=True)
    try:
        top = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except PermissionError:
        if os.stat(place).st_uid == uid:
            return  # on another machine's disk, where root is nobody; it is with whom it should be
        raise
    try:
        _give(top, uid, gid, folder_mode)
        for _, folders, files, inside in os.fwalk(".", dir_fd=top, follow_symlinks=False):
            for name in (*folders, *files):
                _give_entry(name, inside, uid, gid, file_mode)
    finally:
        os.close(top)


def _give_entry(name: str, inside: int, uid: int, gid: int, file_mode: int | None) -> None:
    try:
        entry = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=inside)
    except FileNotFoundError:
        return  # they come and go
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO}:
            return  # a link or a socket: whoever may enter the folder may have it
        raise
    try:
        status = os.fstat(entry)
        if stat.S_ISDIR(status.st_mode):
            _give(entry, uid, gid, stat.S_IMODE(status.st_mode))
        elif stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
            _give(entry, uid, gid, stat.S_IMODE(status.st_mode) if file_mode is None else file_mode)
    finally:
        os.close(entry)


def _give(descriptor: int, uid: int, gid: int, mode: int) -> None:
    status = os.fstat(descriptor)
    if status.st_uid != uid or gid not in {-1, status.st_gid}:
        os.fchown(descriptor, uid, gid)
    if stat.S_IMODE(os.fstat(descriptor).st_mode) != mode:  # a new owner takes some bits away
        os.fchmod(descriptor, mode)


# ── ways that are closed ──


def passable(folder: os.stat_result, uid: int, groups: Collection[int]) -> bool:
    """Say whether a user may pass through a folder."""
    shift = 6 if folder.st_uid == uid else 3 if folder.st_gid in groups else 0
    return bool(folder.st_mode >> shift & 1)


def look_up(path: str) -> Way:
    """Return the folders that a look-up of `path` passes, the links that it follows, and where it ends."""
    folders, here, followed = ["/"], "/", 0
    links: dict[str, str] = {}
    rest = path.split("/")[::-1]
    while rest:
        part = rest.pop()
        if part in {"", "."}:
            continue
        here = os.path.dirname(here) if part == ".." else os.path.join(here, part)
        if os.path.islink(here):
            followed += 1
            if followed > LINKS_LIMIT:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            links[here] = os.readlink(here)
            rest += links[here].split("/")[::-1]
            here = "/" if links[here].startswith("/") else os.path.dirname(here)
        elif rest:
            folders.append(here)
    return folders, links, here


def topmost(paths: Iterable[str]) -> list[str]:
    """Return those of `paths` that lie below none of the others."""
    topmost_paths: list[str] = []
    for path in sorted(set(paths)):
        if not below(path, topmost_paths):
            topmost_paths.append(path)
    return topmost_paths


def below(path: str, folders: Iterable[str]) -> bool:
    """Say whether a path lies below one of these folders; none lies below itself."""
    return any(path.startswith(f"{folder.rstrip('/')}/") for folder in folders)


def open_ways(needs: Iterable[str], uid: int, groups: Collection[int]) -> None:
    """Let a user look up what it needs, in a view of the file system of this process's own where that takes one."""
    ways = [look_up(each) for each in needs if os.path.exists(each)]
    passed = {folder for folders, _, _ in ways for folder in folders}
    closed = topmost(folder for folder in passed if not passable(os.stat(folder), uid, groups))
    if not closed:
        return
    ends = topmost(end for _, _, end in ways if below(end, closed))
    links = {link: target for _, followed, _ in ways for link, target in followed.items() if below(link, closed)}
    _check(_libc.unshare(_NEW_MOUNTS), f"{closed[0]} is closed to others, and no view without it can be made")
    # What the machine mounts and unmounts later goes on to be seen here; nothing of here is seen there.
    _mount(None, "/", None, _RECURSIVE | _SLAVE, None)
    # Held by these, what is needed is still there when the closed folder is covered.
    held = {end: os.open(end, os.O_PATH) for end in ends}
    for folder in closed:
        _mount("vilkar", folder, "tmpfs", _NO_SUID | _NO_DEVICES, "mode=0755,size=1m")
    for end, descriptor in held.items():
        _make_room(end, descriptor)
        _mount(f"/proc/self/fd/{descriptor}", end, None, _BIND | _RECURSIVE, None)
        os.close(descriptor)
    for link, target in links.items():
        if not os.path.lexists(link):
            os.makedirs(os.path.dirname(link), exist_ok=True)
            os.symlink(target, link)


def _make_room(end: str, descriptor: int) -> None:
    """Make what something is mounted on: a folder for a folder, a file for a file."""
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        os.makedirs(end, exist_ok=True)
        return
    os.makedirs(os.path.dirname(end), exist_ok=True)
    os.close(os.open(end, os.O_WRONLY | os.O_CREAT, 0o444))


# ── the kernel's calls that Python does not have ──

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = [*[ctypes.c_char_p] * 3, ctypes.c_ulong, ctypes.c_char_p]
_libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None) -> None:
    arguments = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    _check(
        _libc.mount(arguments[0], arguments[1], arguments[2], flags, arguments[3]), f"{target} cannot be mounted on"
    )


# ── the change itself ──


def become(uid: int, gid: int, groups: Sequence[int]) -> None:
    """Give up what root may, for good: no program that is started later, whatever its file says, brings it back."""
    try:
        os.setgroups(groups)
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    except OSError as error:
        raise OSError(error.errno, f"nobody can be user {uid} here: {error.strerror}") from error
    _check(_libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no_new_privs")
    os.umask(UMASK)


def enter(whom_as_text: str) -> str | None:
    """Become whom the line of JSON says; returns why that cannot be, where it cannot."""
    whom: dict[str, Any] = json.loads(whom_as_text)
    uid, gid, groups = whom["uid"], whom["gid"], whom["groups"]
    try:
        os.umask(0o022)
        for place in whom["places"]:
            put_right(*place)
        open_ways(whom["needs"], uid, {gid, *groups})
        become(uid, gid, groups)
        os.chdir(os.getcwd())  # by its path, which may lead elsewhere than where this process stands
    except OSError as error:
        return _reason(error)
    return None


def _reason(error: OSError) -> str:
    return f"not started: {error.strerror}{f': {error.filename}' if error.filename else ''}"


def main(arguments: list[str]) -> str:
    """Become the program; returns only where that cannot be done, with the reason."""
    if wrong := enter(arguments[0]):
        return wrong
    try:
        os.execv(arguments[1], arguments[1:])  # noqa: S606
    except OSError as error:
        return _reason(error)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
