# ruff: noqa: INP001  # a program of CI, not a package
"""Adds up what the test runs wrote down, and prints the line that closes CI's output.

    python3 .ci/summary.py FOLDER_WITH_JUNIT_FILES [FAILED_STEP ...]

A step that failed without a failed test in it (a check, a run cut short) counts as one failure. The exit status is
0 when something ran and nothing failed.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

RUNS = {"test": "test.xml", "compose": "compose.xml"}
"""The steps that write a file, and which."""


def outcomes(file: Path) -> Counter[str]:
    """Return how many tests of one run passed, failed and were skipped; print why each was skipped."""
    found: Counter[str] = Counter()
    for case in ET.parse(file).iter("testcase"):  # noqa: S314  # written by our own run a moment ago
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            found["failed"] += 1
        elif "skipped" in kinds:
            found["skipped"] += 1
            reason = next(child for child in case if child.tag == "skipped").get("message", "")
            sys.stdout.write(f"could not run: {case.get('name')}: {reason}\n")
        else:
            found["passed"] += 1
    return found


def main(folder: Path, failed_steps: list[str]) -> int:
    """Print the closing line; the exit status is 0 when all that ran was in order."""
    total: Counter[str] = Counter(failed=0)
    for step, name in RUNS.items():
        found = outcomes(folder / name) if (folder / name).exists() else Counter[str]()
        total += found
        if step in failed_steps and not found["failed"]:
            total["failed"] += 1
    total["failed"] += sum(step not in RUNS for step in failed_steps)
    skipped = f", {total['skipped']} skipped" if total["skipped"] else ""
    sys.stdout.write(f"{total['passed']} passed, {total['failed']} failed{skipped}\n")
    return 0 if total["passed"] and not total["failed"] and not failed_steps else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
