"""Pages are read in a terminal beside the code: their prose is broken after at most a hundred characters."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from deploy import generate

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
MOST = 100
FENCE = re.compile(r"\s*(```|~~~)")
CANNOT_BE_BROKEN = re.compile(r"\s*(\||#|\[[^\]]+\]:)")
"""A row of a table, a heading, and where a link leads."""


@cache
def pages() -> tuple[str, ...]:
    """Every page that a person writes; a line of a generated one comes from a docstring or a comment."""
    listed = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=ROOT, capture_output=True, check=True, text=True)
    return tuple(sorted(set(listed.stdout.split("\0")) - {""} - set(generate.wanted())))


def too_long(page: str) -> Iterator[str]:
    """The lines of its prose that are too long, each with its number."""
    in_fence = False
    for number, line in enumerate(page.splitlines(), start=1):
        if FENCE.match(line):
            in_fence = not in_fence
        elif not in_fence and len(line) > MOST and not CANNOT_BE_BROKEN.match(line):
            yield f"{number}: {line}"


def test_pages_are_found() -> None:
    found = pages()
    assert {"README.md", "docs/README.md", "services/desk/README.md"} <= set(found)
    assert "docs/rpc.md" not in found


def test_prose_is_broken_after_a_hundred_characters() -> None:
    lines = {page: list(too_long((ROOT / page).read_text(encoding="utf-8"))) for page in pages()}
    assert {page: long for page, long in lines.items() if long} == {}


@pytest.mark.parametrize(
    ("line", "is_too_long"),
    [("x" * 101, True), ("ø" * 100, False), ("| " + "x" * 101, False), ("# " + "x" * 101, False)],
)
def test_what_counts_as_too_long(line: str, is_too_long: bool) -> None:
    assert bool(list(too_long(f"{line}\n"))) is is_too_long
    assert list(too_long(f"```\n{line}\n```\n")) == []
