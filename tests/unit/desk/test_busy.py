"""Long work says what it is at: in one line of a terminal that changes, else a line every few seconds."""

from __future__ import annotations

import io
import re
import time

import pytest
from rich.console import Console

from services.desk.cli import output
from tests.unit.desk.test_demo_on_a_slow_machine import play_at

pytestmark = pytest.mark.unit


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a pipe sees of standard error, with little time between its lines."""
    seen = io.StringIO()
    monkeypatch.setattr(output, "err", Console(file=seen, highlight=False, soft_wrap=True))
    monkeypatch.setattr(output, "BUSY_LINE_SECONDS", 0.05)
    return seen


def test_a_pipe_gets_a_line_every_few_seconds_that_says_what_is_done_now(lines: io.StringIO) -> None:
    doing = ["one [of] two"]
    with output.busy(lambda: doing[0], quiet=False):
        time.sleep(0.2)
        doing[0] = "the other"
        time.sleep(0.2)
    told = lines.getvalue().splitlines()
    assert all(re.fullmatch(r"  … (one \[of\] two|the other), 0 s", line) for line in told)
    assert 2 <= len(told) <= 8
    assert told[0] != told[-1]
    time.sleep(0.1)
    assert lines.getvalue().splitlines() == told, "it ends with the work"


def test_a_terminal_gets_one_line_that_changes_and_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = io.StringIO()
    monkeypatch.setattr(output, "err", Console(file=seen, force_terminal=True, width=80))
    monkeypatch.setattr(output, "BUSY_TERMINAL_SECONDS", 0.05)
    with output.busy(lambda: "waiting for a letter", quiet=False):
        time.sleep(0.3)
    shown = seen.getvalue()
    assert "waiting for a letter" in shown
    assert shown.rstrip("\x1b[?25h").endswith("\x1b[2K"), "the line is wiped"


def test_whoever_wants_json_hears_nothing_and_work_that_fails_ends_it_too(lines: io.StringIO) -> None:
    with output.busy(lambda: "at work", quiet=True):
        time.sleep(0.1)
    assert lines.getvalue() == ""
    with pytest.raises(RuntimeError), output.busy(lambda: "at work", quiet=False):
        raise RuntimeError
    time.sleep(0.1)
    assert lines.getvalue() == ""


def test_the_demo_tells_what_it_waits_for_and_how_many_are_done(lines: io.StringIO) -> None:
    play = play_at("http://127.0.0.1:9")
    play.quiet = False
    with play.act("They come"):
        play.each(lambda _: time.sleep(0.1), play.customers)
        play.wait_for("a letter", iter([False, False, True]).__next__)
    told = lines.getvalue()
    assert re.search(r"… \d of \d companies, 0 s", told)
    assert "… waiting for a letter, 0 s" in told
