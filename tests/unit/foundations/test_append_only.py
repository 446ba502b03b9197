from __future__ import annotations

import os
import threading

import pytest

from shared import append_only

pytestmark = pytest.mark.unit

LIMIT = 64


def test_two_writers_never_hold_the_file_at_once_and_the_second_does_not_wait_for_ever(tmp_path):
    path = tmp_path / "lines"
    with (
        append_only.locked(path),
        pytest.raises(append_only.FileBusy, match="locked"),
        append_only.locked(path, wait_seconds=0.05),
    ):
        pytest.fail("the lock was given twice")
    with append_only.locked(path, wait_seconds=0.05):
        pass


def test_a_writer_that_waited_while_the_file_was_exchanged_gets_the_new_one(tmp_path):
    path, other = tmp_path / "lines", tmp_path / "other"
    path.write_bytes(b"old\n")
    other.write_bytes(b"new\n")

    def write() -> None:
        with append_only.locked(path, wait_seconds=5) as stream:
            append_only.append_lines(stream, [b"late"])

    with append_only.locked(path):
        writer = threading.Thread(target=write)
        writer.start()
        other.replace(path)
    writer.join(10)
    assert path.read_bytes() == b"new\nlate\n"


def test_a_file_that_may_not_be_made_is_not_made(tmp_path):
    with pytest.raises(FileNotFoundError), append_only.locked(tmp_path / "lines", create=False):
        pytest.fail("there is nothing to lock")
    assert not (tmp_path / "lines").exists()


def test_what_the_disk_refuses_leaves_no_part_of_a_line(tmp_path, monkeypatch):
    path = tmp_path / "lines"

    def full(_descriptor: int) -> None:
        raise OSError(28, "no space left")

    with append_only.locked(path) as stream:
        append_only.append_lines(stream, [b"one"])
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(OSError, match="no space"):
                append_only.append_lines(stream, [b"two"])
        append_only.append_lines(stream, [b"three"])
    assert path.read_bytes() == b"one\nthree\n"


@pytest.mark.parametrize("torn", [b"", b"x", b"x" * LIMIT])
def test_a_torn_end_is_found_and_cut(tmp_path, torn):
    path = tmp_path / "lines"
    path.write_bytes(b"one\ntwo\n" + torn)
    with append_only.locked(path) as stream:
        assert append_only.torn_end(stream, LIMIT) == (8, torn)
        assert append_only.cut_torn_line(stream, LIMIT) == len(torn)
    assert path.read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize("length", [1, 30, LIMIT])
@pytest.mark.parametrize("torn", [0, 1, LIMIT])
def test_the_last_lines_are_whole_ones_however_long_they_and_the_torn_end_are(tmp_path, length, torn):
    path = tmp_path / "lines"
    lines = [bytes([65 + number]) * length for number in range(12)]
    path.write_bytes(b"".join(line + b"\n" for line in lines) + b"z" * torn)
    with path.open("rb") as stream:
        assert append_only.last_lines(stream, LIMIT, 2) == lines[-2:]
        assert append_only.last_lines(stream, LIMIT, 1) == lines[-1:]
