"""Which files the product is made of, and the digest of each: what a proof of a version is a proof of.

The digest is made of what lies there and asks no version control: an image and a package have none, and a file that
was never committed is one that differs. An image and a package hold a part of the files; that part is compared.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
EVIDENCE: Final = "shared/evidence/release"
STATEMENT, KEYS = "release.json", "keys.txt"
SAID: Final = frozenset({f"{EVIDENCE}/{STATEMENT}", f"{EVIDENCE}/{KEYS}"})
"""What is said of all other files, so it is none of them. Nothing else in their folder is left out."""

LEFT_AT_TOP: Final = (
    ".git", ".run", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache",
    "*.egg-info", "build", "dist", ".coverage",
)  # fmt: skip
"""What tools leave behind in the root, and there alone: a package called `build` further down is a part of it."""
LEFT_ANYWHERE: Final = "__pycache__"

SHIPPED: Final = frozenset({"services", "shared", "sandbox", "deploy", "requirements.lock"})
"""The entries of the root that an image or a package has, in whole or in part."""

Manifest = Mapping[str, str]
"""The SHA-256 of each file by its path, with slashes, from the root."""


def manifest(root: Path = ROOT, tops: Collection[str] | None = None) -> dict[str, str]:
    """Return the digests of the files under `root`; where `tops` are named, of these entries of it alone."""
    digests: dict[str, str] = {}
    for folder, folders, names in os.walk(root):
        if Path(folder) == root:
            folders[:] = [each for each in folders if _counts_at_top(each, tops)]
            names[:] = [each for each in names if _counts_at_top(each, tops)]
        folders[:] = [each for each in folders if each != LEFT_ANYWHERE]
        links = [each for each in folders if Path(folder, each).is_symlink()]  # not walked, and yet imported from
        for path in (Path(folder, name) for name in (*names, *links)):
            relative = path.relative_to(root).as_posix()
            if relative not in SAID:
                with suppress(FileNotFoundError):  # somebody's draft, gone again
                    digests[relative] = hashlib.sha256(_contents(path)).hexdigest()
    return dict(sorted(digests.items()))


def digest(files: Manifest) -> str:
    """Return the one digest of all of them."""
    return hashlib.sha256("".join(f"{files[path]}  {path}\n" for path in sorted(files)).encode()).hexdigest()


def differing(files: Manifest, root: Path = ROOT) -> int:
    """Return how many files under `root` are other than in `files`, new ones included.

    Missing ones count only where everything should be there: in a checkout, which has the project's own file.
    """
    is_whole = (root / "pyproject.toml").is_file()
    here = manifest(root, None if is_whole else SHIPPED)
    other = sum(files.get(path) != value for path, value in here.items())
    return other + (len(files.keys() - here.keys()) if is_whole else 0)


def _counts_at_top(name: str, tops: Collection[str] | None) -> bool:
    return name in tops if tops is not None else not any(fnmatch(name, each) for each in LEFT_AT_TOP)


def _contents(path: Path) -> bytes:
    return os.fsencode(path.readlink()) if path.is_dir() else path.read_bytes()
