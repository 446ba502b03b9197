"""A program that is forked sees and says what one that was started does, and shares nothing with the next."""

from __future__ import annotations

import json
import os
import signal
import subprocess

import pytest

from tests import forked

pytestmark = pytest.mark.unit

SAMPLE = "tests.unit.ci.forked_sample"


def test_it_sees_what_it_was_given_and_nothing_of_whoever_asks(tmp_path) -> None:
    env = {"PATH": os.environ["PATH"], "VILKAR_ENVIRONMENT": "test"}
    ended = forked.run(SAMPLE, "a b", 1, env=env, cwd=tmp_path, given="Øst\n")
    seen = json.loads(ended.stdout)
    assert (seen["words"], seen["env"], seen["given"]) == (["a b", "1"], env, "Øst\n")
    assert (seen["folder"], ended.stderr, ended.returncode) == (str(tmp_path), "told\n", 0)


def test_each_run_is_a_process_of_its_own_and_the_program_is_read_once() -> None:
    first, second = (json.loads(forked.run(SAMPLE, env={}).stdout) for _ in range(2))
    assert first["pid"] != second["pid"]
    assert first["loaded_by"] == second["loaded_by"]
    assert first["loaded_by"] not in {first["pid"], second["pid"], os.getpid()}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [(["end", 3], 3, ""), (["fail"], 1, "ValueError: as asked"), (["die"], -signal.SIGKILL, "")],
)
def test_its_end_is_told_whatever_it_is_and_the_next_runs(words, code, told) -> None:
    ended = forked.run(SAMPLE, *words, env={})
    assert (ended.returncode, told in ended.stderr) == (code, True)
    assert forked.run(SAMPLE, env={}).returncode == 0


def test_what_takes_too_long_is_killed_and_the_next_runs() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        forked.run(SAMPLE, "stay", env={}, limit_s=0.2)
    assert forked.run(SAMPLE, env={}).returncode == 0
