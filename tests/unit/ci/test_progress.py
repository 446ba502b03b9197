"""How far a run of the tests is, told and kept for whoever waits for its end."""

from __future__ import annotations

import threading

import pytest

from tests.plugins.progress import Progress

pytestmark = pytest.mark.unit

SECONDS = {"tests/a.py": 60.0, "tests/b.py": 30.0}


@pytest.fixture
def progress(tmp_path):
    running = Progress(None, SECONDS, str(tmp_path / "test.xml"))
    running.expect(["tests/a.py::one", "tests/a.py::two", "tests/b.py::three"])
    return running


def test_the_seconds_left_are_kept_beside_the_outcomes(progress, tmp_path):
    progress.ended_of["tests/a.py"] = 2
    assert progress.line(progress.begun + 120, "tests/b.py") == (
        "2 of 3 tests, 2 min gone, about 60 s left; now tests/b.py"
    )
    assert (tmp_path / "test.left").read_text() == "60\n"


def test_as_long_as_an_estimate_would_be_a_guess_none_is_kept(progress, tmp_path):
    assert progress.line(progress.begun + 1, "tests/a.py") == "0 of 3 tests, 1 s gone; now tests/a.py"
    assert not (tmp_path / "test.left").exists()


def test_whoever_looks_at_any_moment_reads_a_whole_number(progress, tmp_path):
    """An empty file was taken for "no seconds left", and the tests of containers began beside all others."""
    progress.ended_of["tests/a.py"] = 1
    read, ended = [], threading.Event()

    def look():
        while not ended.is_set():
            if (tmp_path / "test.left").exists():
                read.append((tmp_path / "test.left").read_text())

    looking = threading.Thread(target=look)
    looking.start()
    for _ in range(300):
        progress.line(progress.begun + 120, "tests/b.py")
    ended.set()
    looking.join(10)
    assert set(read) == {"240\n"}
