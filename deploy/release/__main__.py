"""Signs what the tests said of the files that are here: `make release KEY=FILE`, `make release-key KEY=FILE`.

The key lies outside the repository; its public half is written beside the outcomes. Only outcomes of exactly these
files count: run CI first, on them, and commit nothing but what this writes.
"""

from __future__ import annotations

import argparse
import base64
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from shared.clock import Clock
from shared.config import SettingError
from shared.evidence import release, tree
from shared.signing import SigningKey, export_public_key
from shared.terms import outcomes
from shared.terms.outcomes import PASSED
from shared.version import VERSION


class NotReleasedError(Exception):
    """Nothing was signed; the message says why."""


def make_key(path: Path) -> None:
    """Write a new key for its owner alone. Raises `NotReleasedError` where a file is there already."""
    _must_be_outside(path)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise NotReleasedError(f"{path} is there already, and what it signed needs it") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(base64.b64encode(os.urandom(32)).decode("ascii") + "\n")


def make_release(key_file: Path, now: datetime, *, root: Path = tree.ROOT, recorded: Path | None = None) -> str:
    """Write the signed outcomes under `root`, and return what they say in a line."""
    _must_be_outside(key_file, root)
    key = SigningKey.parse(key_file.read_text(encoding="ascii"))
    _must_be_committed(root)
    recorded = recorded or outcomes.OUTCOMES_FILE
    files = tree.manifest(root)
    of_these = outcomes.of_tree(outcomes.read(recorded), tree.digest(files))
    tests = {check.test: check for checks in of_these.values() for check in checks}
    passed = sum(check.outcome == PASSED for check in tests.values())
    if not passed:
        raise NotReleasedError("no test was run on exactly these files: .ci/run first, and change nothing after it")
    statement = release.Statement(
        version=VERSION,
        tested_at=datetime.fromtimestamp(recorded.stat().st_mtime, tz=UTC),
        signed_at=now,
        files=files,
        outcomes=of_these,
    )
    folder = root / tree.EVIDENCE
    folder.mkdir(parents=True, exist_ok=True)
    (folder / release.FILE).write_text(release.signed(statement, key), encoding="utf-8")
    export_public_key(folder / release.KEYS, key.public)
    short = sorted(each for each, checks in of_these.items() if any(one.outcome != PASSED for one in checks))
    summary = (
        f"{passed} of {len(tests)} tests of clauses passed on {len(files)} files; signed with key {key.public.id}"
    )
    return summary + (f"\nnot all passed: {', '.join(short)}" if short else "")


def _must_be_outside(path: Path, root: Path = tree.ROOT) -> None:
    if path.resolve().is_relative_to(root):
        raise NotReleasedError("the key must lie outside the repository")


def _must_be_committed(root: Path) -> None:
    """Whoever gets the commit must get these files; where there is no version control nobody gets one."""
    if not (root / ".git").exists():
        return
    others = [f":(exclude){each}" for each in sorted(tree.SAID)]
    asked = ["git", "-C", str(root), "status", "--porcelain", "--", ".", *others]
    if subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout:
        raise NotReleasedError("commit first: what is not committed would be signed and not shipped")


def main(arguments: Sequence[str] | None = None, *, root: Path = tree.ROOT) -> int:
    """Return 0 where something was signed, else 1."""
    parser = argparse.ArgumentParser(prog="python -m deploy.release", description=__doc__)
    parser.add_argument("key", type=Path, help="the file of the key, outside the repository")
    parser.add_argument("--new-key", action="store_true", help="make the file")
    asked = parser.parse_args(arguments)
    try:
        if asked.new_key:
            make_key(asked.key)
            print(f"{asked.key} is written: keep it and a copy where the repository is not")
        else:
            print(make_release(asked.key, Clock(None).now(), root=root))
    except (NotReleasedError, SettingError, outcomes.OutcomesError, OSError, subprocess.SubprocessError) as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
