"""What a page, a docstring or a comment names by its path is there: a file that moves takes its mentions along."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from posixpath import normpath

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
ENDINGS = r"\.(?:py|md|sql|json|txt|sh|cfg|html|yml|yaml|toml|mjs|bin)"

IN_BACKTICKS = re.compile(rf"`((?:[\w.*-]+/)*[\w.*-]+(?:{ENDINGS}|/))`")
"""A file or a folder as pages name it: from the root, from the page, or by its last parts."""
LINK = re.compile(r"\]\(([^)\s#]*)(?:#([^)\s]+))?\)")
FROM_THE_ROOT = re.compile(
    rf"(?<![\w./$}}-])((?:services|shared|deploy|sandbox|docs|examples)/[\w./-]*{ENDINGS})\b"
)
A_PAGE = re.compile(r"(?<![\w./])[\w./-]*\w\.md\b")
ANCHOR = re.compile(r'<a id="([^"]+)">')
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)

MADE_BY_A_RUNNING_SYSTEM = {
    ".run/ledger-copies/", ".run/ledger/", ".run/state/audit/", ".run/state/certificates/", ".run/users.json",
    "backup.json", "ledger_sent.json", "logs/", "pids/", "plan.json", "proofs_sent.json",
    "servers/", "servers/secrets/notification/", "state/", "users.json",
}  # fmt: skip
MADE_BY_A_RELEASE = {
    "shared/evidence/release/", "shared/evidence/release/keys.txt", "shared/evidence/release/release.json",
}  # fmt: skip
ELSEWHERE = {
    "source_data/10_million_password_list_top_1M.txt",  # the list that the shipped one is made from
    "utils.py",  # what no file here may be called
    "holds_rules.py", "early_store.py",  # how files were called before ADR 0025
}  # fmt: skip
OF_AN_EXAMPLE = {
    "letters/templates/account_blocked/nb.txt", "services/cases/", "tests/integration/cases/", "tests/unit/cases/",
}  # fmt: skip
IN_A_COPY = {
    "README.txt", "answer.en.txt", "answer.nb.txt", "copy.en.html", "copy.nb.html", "data.json",
    "manifest.json", "schema.json",
}  # fmt: skip
NOT_HERE = IN_A_COPY | MADE_BY_A_RUNNING_SYSTEM | MADE_BY_A_RELEASE | ELSEWHERE | OF_AN_EXAMPLE


@cache
def tracked() -> frozenset[str]:
    """All files of the repository and the folders above them."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    files = [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]
    assert files, "a guard that watches nothing"
    return frozenset(files) | {str(folder) for name in files for folder in PurePosixPath(name).parents}


def pages() -> list[str]:
    return sorted(name for name in tracked() if name.endswith(".md"))


def is_there(name: str, page: str) -> bool:
    """Whether the path is one from the root, from the page, or the end of one; `*` stands for part of a name."""
    path = name.rstrip("/")
    if "*" in path:
        return any(PurePosixPath(each).match(path) for each in tracked())
    below = normpath(PurePosixPath(page).parent / path)
    return path in tracked() or below in tracked() or any(each.endswith(f"/{path}") for each in tracked())


def anchors(page: str) -> set[str]:
    """The anchors of a page: its own, and those that GitHub makes of headings."""
    text = (ROOT / page).read_text(encoding="utf-8")
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text)}
    return made | set(ANCHOR.findall(text))


def mentions(pattern: re.Pattern[str], name: str) -> Iterator[str]:
    yield from pattern.findall((ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", pages())
def test_a_page_names_files_that_are_there(page: str) -> None:
    named = set(mentions(IN_BACKTICKS, page)) - NOT_HERE
    assert sorted(name for name in named if not is_there(name, page)) == []


@pytest.mark.parametrize("page", pages())
def test_a_link_of_a_page_leads_somewhere(page: str) -> None:
    broken = []
    for path, anchor in mentions(LINK, page):
        if ":" in path:
            continue
        target = normpath(PurePosixPath(page).parent / path) if path else page
        if target not in tracked() or (anchor and anchor not in anchors(target)):
            broken.append(f"{path}#{anchor}")
    assert broken == []


def test_the_list_of_pages_has_them_all() -> None:
    listed = {normpath(PurePosixPath("docs") / path) for path, _ in mentions(LINK, "docs/README.md")}
    to_list = {page for page in pages() if str(PurePosixPath(page).parent) in ("docs", "docs/how-to")}
    assert sorted(to_list - listed) == ["docs/README.md"]


def test_what_code_says_about_files_is_so() -> None:
    named = {
        (name, path)
        for name in tracked()
        if name.endswith((".py", ".sql", ".sh")) and not name.startswith("tests/")
        for path in mentions(FROM_THE_ROOT, name)
    }
    assert named, "a guard that watches nothing"
    assert sorted(f"{name}: {path}" for name, path in named if path not in tracked() | NOT_HERE) == []


def test_code_names_no_page_that_is_elsewhere() -> None:
    pages_here = {PurePosixPath(each).name for each in pages()}
    named = {
        (name, path)
        for name in tracked()
        if name.endswith((".py", ".sql", ".sh", ".html")) and not name.startswith("tests/")
        for path in mentions(A_PAGE, name)
    }
    assert named, "a guard that watches nothing"
    assert sorted(f"{name}: {path}" for name, path in named if PurePosixPath(path).name not in pages_here) == []


def test_every_exception_is_still_made_use_of() -> None:
    named = {path for page in pages() for path in mentions(IN_BACKTICKS, page)}
    named |= {
        path
        for name in tracked()
        if name.endswith(".py") and not name.startswith("tests/")
        for path in mentions(FROM_THE_ROOT, name)
    }
    assert sorted(NOT_HERE - named) == []
