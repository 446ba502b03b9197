"""Named queries: a `.sql` file beside the store, each query with a name and a sentence.

-- due_clocks: clocks whose due date has come, oldest first
SELECT …;
"""

from __future__ import annotations

import re
from pathlib import Path

HEADING = re.compile(r"^-- ([a-z][a-z0-9_]*): (\S.*)$")


class QueryError(LookupError):
    """A query is missing, named twice, or has no sentence."""


class Queries:
    """The queries of one file by name: `queries.due_clocks`."""

    def __init__(self, texts: dict[str, str], origin: str) -> None:
        """`origin` names the file in errors."""
        self._texts = texts
        self._origin = origin

    def __getattr__(self, name: str) -> str:
        """The text of the query `name`."""
        try:
            return self._texts[name]
        except KeyError:
            raise QueryError(f"{self._origin} has no query {name!r}") from None

    def names(self) -> list[str]:
        """All names, in the order of the file."""
        return list(self._texts)


def load_queries(beside: str | Path, name: str = "queries.sql") -> Queries:
    """Load the `.sql` file that lies beside the module `beside` (pass `__file__`)."""
    path = Path(beside).with_name(name)
    texts: dict[str, list[str]] = {}
    at: list[str] | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        heading = HEADING.match(line)
        if heading:
            if heading.group(1) in texts:
                raise QueryError(f"{path.name}:{number}: {heading.group(1)} is there twice")
            at = texts.setdefault(heading.group(1), [])
        elif at is not None:
            at.append(line)
        elif line.strip() and not line.startswith("--"):
            raise QueryError(f"{path.name}:{number}: SQL before the first name")
    loaded = {key: "\n".join(lines).strip().rstrip(";") for key, lines in texts.items()}
    empty = [key for key, text in loaded.items() if not text]
    if empty:
        raise QueryError(f"{path.name}: {', '.join(empty)} without SQL")
    return Queries(loaded, path.name)
