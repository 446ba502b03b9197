"""What the account service's events share: ids, instants and machine codes, never a name or an address.

Whoever needs the person behind an id asks by RPC at the moment of need (`letter_facts`, `company_facts`).
Events about a company have the subject `account/<id>` and its version as sequence; events about a user have
`user/<id>` and the user's version. Log-ins carry no sequence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

SOURCE = "account"


@dataclass(frozen=True, kw_only=True)
class AboutAccount:
    """What the events about a company share."""

    source: ClassVar[str | None] = SOURCE

    account_id: UUID

    @property
    def subject(self) -> str:
        """The company."""
        return f"account/{self.account_id}"


@dataclass(frozen=True, kw_only=True)
class AboutUser:
    """What the events about one user of a company share."""

    source: ClassVar[str | None] = SOURCE

    account_id: UUID
    user_id: UUID

    @property
    def subject(self) -> str:
        """The user."""
        return f"user/{self.user_id}"
