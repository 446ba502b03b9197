"""The line that closes CI's output counts what really ran."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

PROGRAM = Path(__file__).resolve().parents[3] / ".ci/summary.py"
CASES = {
    "passed": '<testcase name="fine"/>',
    "failed": '<testcase name="wrong"><failure message="no"/></testcase>',
    "error": '<testcase name="broken"><error message="no"/></testcase>',
    "skipped": '<testcase name="absent"><skipped message="no engine"/></testcase>',
}


def junit(folder: Path, name: str, *kinds: str) -> None:
    cases = "".join(CASES[kind] for kind in kinds)
    (folder / name).write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")


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
    assert summary(tmp_path) == (0, ["could not run: absent: no engine", "1 passed, 0 failed, 1 skipped"])


def test_failed_and_broken_tests_count_and_fail_the_run(tmp_path):
    junit(tmp_path, "test.xml", "passed", "failed", "error")
    assert summary(tmp_path, "test") == (1, ["1 passed, 2 failed"])


def test_a_failed_check_and_a_run_cut_short_count_as_one_failure_each(tmp_path):
    junit(tmp_path, "test.xml", "passed")
    assert summary(tmp_path, "lint", "compose") == (1, ["1 passed, 2 failed"])
    assert summary(tmp_path, "test") == (1, ["1 passed, 1 failed"])


def test_a_run_without_any_test_has_failed(tmp_path):
    assert summary(tmp_path) == (1, ["0 passed, 0 failed"])
