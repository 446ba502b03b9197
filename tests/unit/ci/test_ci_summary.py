"""The line that closes CI's output counts what really ran."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

PROGRAM = Path(__file__).resolve().parents[3] / ".ci/summary.py"
CASES = {
    "passed": "",
    "failed": '<failure message="no"/>',
    "error": '<error message="no"/>',
    "long": f'<failure message="wrong:{"&#10; again" * 100}"/>',
    "skipped": '<skipped message="no engine"/>',
}


def junit(folder: Path, file: str, *kinds: str) -> None:
    cases = "".join(
        f'<testcase classname="{file}" name="test {number}">{CASES[kind]}</testcase>'
        for number, kind in enumerate(kinds)
    )
    (folder / file).write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")


def summary(folder: Path, *failed_steps: str) -> tuple[int, list[str]]:
    result = subprocess.run(
        [sys.executable, str(PROGRAM), str(folder), *failed_steps], check=False, capture_output=True, text=True,
        timeout=30,
    )  # fmt: skip
    return result.returncode, result.stdout.splitlines()


def test_the_tests_of_both_runs_are_added_up(tmp_path):
    junit(tmp_path, "test.xml", "passed", "passed")
    junit(tmp_path, "compose.xml", "passed")
    assert summary(tmp_path) == (0, ["3 passed, 0 failed"])


def test_what_was_skipped_is_named_with_its_reason(tmp_path):
    junit(tmp_path, "test.xml", "passed", "skipped")
    assert summary(tmp_path) == (0, ["could not run: test 1: no engine", "1 passed, 0 failed, 1 skipped"])


def test_failed_and_broken_tests_count_and_fail_the_run(tmp_path):
    junit(tmp_path, "test.xml", "passed", "failed", "error")
    told = ["failed: test.xml test 1: no", "failed: test.xml test 2: no"]
    assert summary(tmp_path, "test") == (1, [*told, "1 passed, 2 failed"])


def test_why_a_test_failed_is_said_in_one_short_line(tmp_path):
    junit(tmp_path, "test.xml", "long")
    _, (told, last) = summary(tmp_path, "test")
    assert told.startswith("failed: test.xml test 0: wrong: again again")
    assert len(told) < 200
    assert last == "0 passed, 1 failed"


def test_a_failed_check_and_a_run_cut_short_count_as_one_failure_each(tmp_path):
    junit(tmp_path, "test.xml", "passed")
    silent = "failed without a failed test"
    assert summary(tmp_path, "lint", "compose") == (1, [f"{silent}: lint, compose", "1 passed, 2 failed"])
    assert summary(tmp_path, "test") == (1, [f"{silent}: test", "1 passed, 1 failed"])


def again(folder: Path, *kinds: str) -> None:
    """The second run of the tests of the first that failed, under the same names."""
    junit(folder, "test-again.xml", *kinds)
    text = (folder / "test-again.xml").read_text().replace('classname="test-again.xml"', 'classname="test.xml"')
    (folder / "test-again.xml").write_text(text)


def test_what_passes_only_the_second_time_is_named_and_fails_nothing(tmp_path):
    junit(tmp_path, "test.xml", "failed", "passed")
    again(tmp_path, "passed")
    told = "not steady, passed only when run again: test 0"
    assert summary(tmp_path, "test") == (0, [told, "2 passed, 0 failed"])


def test_what_fails_twice_has_failed(tmp_path):
    junit(tmp_path, "test.xml", "failed", "failed", "passed")
    again(tmp_path, "passed", "failed")
    told = ["not steady, passed only when run again: test 0", "failed: test.xml test 1: no"]
    assert summary(tmp_path, "test", "test-again") == (1, [*told, "2 passed, 1 failed"])


@pytest.mark.parametrize("failures", [1, 20])
def test_a_run_that_was_cut_short_is_not_cured(tmp_path, failures):
    junit(tmp_path, "test.xml", *["failed"] * failures, "passed")
    (tmp_path / "test.missing").write_text("9559\n")
    again(tmp_path, *["passed"] * failures)
    told = "the run was cut short: 9559 tests of test have not been run"
    named = [f"failed: test.xml test {number}: no" for number in range(failures)]
    assert summary(tmp_path, "test") == (1, [told, *named, f"1 passed, {failures} failed"])


def test_a_test_in_which_the_run_was_interrupted_has_no_name_and_does_not_count(tmp_path):
    junit(tmp_path, "test.xml", "passed")
    text = (tmp_path / "test.xml").read_text().replace("<testsuite>", '<testsuite><testcase time="0.9"/>')
    (tmp_path / "test.xml").write_text(text)
    (tmp_path / "test.missing").write_text("5\n")
    told = ["the run was cut short: 5 tests of test have not been run", "failed without a failed test: test"]
    assert summary(tmp_path, "test") == (1, [*told, "1 passed, 1 failed"])


def test_a_run_without_any_test_has_failed(tmp_path):
    assert summary(tmp_path) == (1, ["0 passed, 0 failed"])
