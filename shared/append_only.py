"""Append-only files of lines: one writer at a time, on the disk before it is called written, torn ends cut off.

What the lines say and whether they are true is the business of whoever keeps the file. A file may not be a link: in
folders of others root writes some of them too.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from shared.errors import Transient

FILE_MODE: Final = 0o640
POLL_SECONDS: Final = 0.02
REOPENINGS: Final = 100


class FileBusy(Transient):
    """Another process keeps the file locked for longer than we may wait."""


@contextmanager
def locked(path: Path, *, create: bool = True, wait_seconds: float | None = None) -> Iterator[IO[bytes]]:
    """The file, open for reading and writing, and nobody else's while the block lasts.

    A file that was exchanged for another while we waited is opened anew. Without `wait_seconds` the wait ends
    when the other writer does. Raises `FileBusy`, and `FileNotFoundError` where there is no file to be created.
    """
    for _ in range(REOPENINGS):
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | (os.O_CREAT if create else 0), FILE_MODE)
        with os.fdopen(descriptor, "r+b") as stream:
            _lock(stream, path.name, wait_seconds)
            if _is_still(path, stream):
                yield stream
                return
    raise FileBusy(f"{path.name} is exchanged all the time")


def _lock(stream: IO[bytes], name: str, wait_seconds: float | None) -> None:
    if wait_seconds is None:
        fcntl.flock(stream, fcntl.LOCK_EX)
        return
    until = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise FileBusy(f"{name} was locked for more than {wait_seconds:g} s") from None
            time.sleep(POLL_SECONDS)
        else:
            return


def _is_still(path: Path, stream: IO[bytes]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(stream.fileno()))
    except FileNotFoundError:
        return False


def torn_end(stream: IO[bytes], line_limit: int) -> tuple[int, bytes]:
    """Where the last line ends, and what stands behind it unfinished.

    `line_limit` is the longest line in bytes. Raises `ValueError` where more stands there than a line can hold.
    """
    end = stream.seek(0, os.SEEK_END)
    start = max(0, end - 2 * line_limit)
    stream.seek(start)
    tail = stream.read()
    cut = tail.rfind(b"\n") + 1
    if not cut and start > 0:
        raise ValueError("the file ends with something that is no line of it")
    return start + cut, tail[cut:]


def cut_torn_line(stream: IO[bytes], line_limit: int) -> int:
    """Remove what was written of a line when the machine stopped; returns how many bytes. Raises `ValueError`."""
    end, torn = torn_end(stream, line_limit)
    if torn:
        stream.truncate(end)
    return len(torn)


def last_lines(stream: IO[bytes], line_limit: int, count: int) -> list[bytes]:
    """The last finished lines, without their ends, at most `count` and as far as the file has them."""
    end = stream.seek(0, os.SEEK_END)
    start = max(0, end - (count + 2) * (line_limit + 1))
    stream.seek(start)
    lines = stream.read().split(b"\n")[:-1]
    whole = lines[1:] if start else lines  # the first may have begun before what was read
    return whole[-count:]


def append_lines(stream: IO[bytes], lines: Sequence[bytes]) -> None:
    """Write lines at the end, all of them and on the disk, or none where the disk refuses them."""
    start = stream.seek(0, os.SEEK_END)
    try:
        stream.write(b"".join(line + b"\n" for line in lines))
        stream.flush()
        os.fsync(stream.fileno())
    except OSError:
        os.ftruncate(stream.fileno(), start)
        raise


def sync_folder(folder: Path) -> None:
    """Have the disk remember which files the folder has, and under which names."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_new(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a whole file, in place of what stood there, and have it on the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    with os.fdopen(descriptor, "wb") as stream:
        for piece in pieces:
            stream.write(piece)
        stream.flush()
        os.fsync(stream.fileno())


def exchange(path: Path, pieces: Iterable[bytes]) -> None:
    """Put a whole new file in the place of one: whoever reads sees the old one or the new one, never a part."""
    draft = path.with_suffix(".draft")
    write_new(draft, pieces)
    draft.replace(path)
