"""Finds sentences copied from the source without keeping the source.

Every run of six words of the published terms is kept as a truncated SHA-256 in `source_runs.txt`; a text of ours
that shares one of them was copied.  The list is made anew from the published text by

    python tests/terms/source_digest.py <file with the published terms>
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

WORDS_IN_A_RUN = 6
RUNS_FILE = Path(__file__).with_name("source_runs.txt")

_WORD = re.compile(r"\w+")


def runs(text: str) -> list[str]:
    """Return every run of six words, lower case, without punctuation."""
    words = _WORD.findall(text.lower())
    return [" ".join(words[at : at + WORDS_IN_A_RUN]) for at in range(len(words) - WORDS_IN_A_RUN + 1)]


def digest(run: str) -> str:
    return hashlib.sha256(run.encode()).hexdigest()[:16]


def digests(text: str) -> set[str]:
    return {digest(run) for run in runs(text)}


def known() -> frozenset[str]:
    return frozenset(RUNS_FILE.read_text(encoding="ascii").split())


def copied(text: str, source: frozenset[str]) -> list[str]:
    """Return the runs of a text that stand in the source as well."""
    return [run for run in runs(text) if digest(run) in source]


if __name__ == "__main__":
    published = Path(sys.argv[1]).read_text(encoding="utf-8")
    RUNS_FILE.write_text("\n".join(sorted(digests(published))) + "\n", encoding="ascii")
