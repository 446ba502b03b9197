"""Promises kept by how things are built, where no rule decides anything.

A grant of the database, a column that is not there, a key kept elsewhere: such a clause has no rule, only a check.
`where` is the file that builds it, and a test fails when that file is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A clause enforced by construction: what does it, in both languages, and in which file of the repository."""

    clause_id: str
    nb: str
    en: str
    where: str

    def as_json(self) -> dict[str, str]:
        """Return it as plain JSON values."""
        return {"nb": self.nb, "en": self.en, "where": self.where}


STRUCTURES: Final[tuple[Structure, ...]] = (
    Structure(
        clause_id="FIELDS-1",
        nb="forespørsler med et felt som ikke står på listen, avvises",
        en="requests with a field that is not listed are refused",
        where="services/account/sign_up/calls.py",
    ),
    Structure(
        clause_id="TENANT-1",
        nb="hver bruker hører til nøyaktig én konto",
        en="every user belongs to exactly one account",
        where="services/account/migrations/0001_accounts.sql",
    ),
    Structure(
        clause_id="BLIND-1",
        nb="kolonner med personopplysninger er låst med nøkler som ligger i en annen databaseserver",
        en="personal columns are sealed with keys that lie in another instance",
        where="shared/privacy/vault.py",
    ),
)
