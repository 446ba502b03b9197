"""The company's data were changed, or looked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.account.accounts.events import SOURCE, AboutAccount
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class AccountUpdated(AboutAccount, Event):
    """The company's own data were changed; `fields` names them: name, email, phone, org_number, language.

    `correction` says why staff corrected them for the company: `asked_by_company` or `found_wrong`.
    """

    type: ClassVar[str] = "account.updated"

    fields: list[Code]
    correction: Code | None = None


@dataclass(frozen=True, kw_only=True)
class AccountsSearched(Event):
    """Staff looked for accounts, by what and what for; whom they looked for is not told, nor who was found."""

    type: ClassVar[str] = "account.searched"
    source: ClassVar[str | None] = SOURCE

    search_id: UUID
    by: Code
    purpose: Code
    found: int

    @property
    def subject(self) -> str:
        """The search alone."""
        return f"search/{self.search_id}"
