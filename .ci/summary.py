# ruff: noqa: INP001  # a program of CI, not a package
"""Adds up what the test runs wrote down, and prints the line that closes CI's output.

    python3 .ci/summary.py FOLDER_WITH_JUNIT_FILES [FAILED_STEP ...]

What failed is named at the end, each with the first words of why. What was run again counts as it ended the second
time, and is named where it passed only then: it is not steady. A run that was cut short is not cured by that: of
what it left out nobody knows. A step that failed without a failed test (a check, a run cut short) counts as one
failure. The exit status is 0 when something ran and nothing failed.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

RUNS = {"test": "test.xml", "compose": "compose.xml"}
"""The steps that write a file, and which."""

AGAIN = "-again"
"""Ends the name of the step that runs once more what failed in the step before."""

MISSING = ".missing"
"""Ends the name of the file that says how many tests a run that was cut short has left out."""

WHY_CHARACTERS = 160
"""So much is said of why a test failed; the rest stands where it ran."""

Test = tuple[str, str]


def outcomes(file: Path) -> dict[Test, str]:
    """Return what became of each test of one run: passed, failed or skipped, the latter two with the reason."""
    found: dict[Test, str] = {}
    if not file.exists():
        return found
    for case in ET.parse(file).iter("testcase"):  # noqa: S314  # written by our own run a moment ago
        test = (case.get("classname", ""), case.get("name", ""))
        if not test[1]:
            continue  # pytest's, of a test in which the run was interrupted
        kinds = {child.tag: child.get("message", "") for child in case}
        if wrong := [message for tag, message in kinds.items() if tag in {"failure", "error"}]:
            found.setdefault(test, "passed")
            if not has_failed(found[test]):
                found[test] = f"failed: {' '.join(wrong[0].split())[:WHY_CHARACTERS]}"
        elif not has_failed(found.get(test, "")):  # a test and its teardown are told apart
            found[test] = f"skipped: {kinds['skipped']}" if "skipped" in kinds else "passed"
    return found


def has_failed(outcome: str) -> bool:
    """Say whether this is what became of a test that failed."""
    return outcome.startswith("failed")


def missing_in(file: Path) -> int:
    """Return how many tests a run has left out."""
    told = file.with_suffix(MISSING)
    return int(told.read_text()) if told.exists() else 0


def settle(folder: Path, failed_steps: list[str]) -> tuple[dict[Test, str], list[str]]:
    """Return the last outcome of each test, and the steps that failed after all."""
    settled: dict[Test, str] = {}
    cured: set[str] = set()
    for step, file in RUNS.items():
        first, again = outcomes(folder / file), outcomes(folder / f"{step}{AGAIN}.xml")
        failed = {test for test, outcome in first.items() if has_failed(outcome)}
        missing = missing_in(folder / file)
        if missing:
            sys.stdout.write(f"the run was cut short: {missing} tests of {step} have not been run\n")
        unsteady = {test for test in failed if not missing and again.get(test) == "passed"}
        for _, name in sorted(unsteady):
            sys.stdout.write(f"not steady, passed only when run again: {name}\n")
        settled |= {**first, **dict.fromkeys(unsteady, "passed")}
        if unsteady and unsteady == failed:
            cured |= {step, f"{step}{AGAIN}"}
    return settled, [step for step in failed_steps if step not in cured]


def main(folder: Path, failed_steps: list[str]) -> int:
    """Print the closing line; the exit status is 0 when all that ran was in order."""
    settled, steps = settle(folder, failed_steps)
    total: Counter[str] = Counter(failed=0)
    broken = []
    for (file, name), outcome in settled.items():
        kind, _, reason = outcome.partition(": ")
        total[kind] += 1
        if kind == "skipped":
            sys.stdout.write(f"could not run: {name}: {reason}\n")
        if kind == "failed":
            broken.append(f"failed: {file} {name}: {reason}\n")
    sys.stdout.writelines(broken)
    wordless = [step for step in steps if not any(map(has_failed, outcomes(folder / f"{step}.xml").values()))]
    if wordless:
        sys.stdout.write(f"failed without a failed test: {', '.join(wordless)}\n")
    total["failed"] += len(wordless)
    skipped = f", {total['skipped']} skipped" if total["skipped"] else ""
    sys.stdout.write(f"{total['passed']} passed, {total['failed']} failed{skipped}\n")
    return 0 if total["passed"] and not total["failed"] and not steps else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
