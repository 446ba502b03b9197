"""Promises kept by how things are built, where no rule decides anything.

A grant of the database, a column that is not there, a key kept elsewhere: such a clause has no rule, only a check.
`where` is the file that builds it, and a test fails when that file is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Structure:
    """A clause that is enforced by construction: what does it, and in which file of the repository."""

    clause_id: str
    what: str
    where: str


STRUCTURES: Final[tuple[Structure, ...]] = (
    Structure("FIELDS-1", "requests with a field that is not listed are refused", "services/account/schemas.py"),
    Structure(
        "TENANT-1", "every user belongs to exactly one account", "services/account/migrations/0001_accounts.sql"
    ),
    Structure(
        "BLIND-1", "personal columns are sealed with keys that lie in another instance", "shared/privacy/vault.py"
    ),
)
