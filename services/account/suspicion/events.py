"""What staff decided about an account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.account.accounts.events import AboutAccount
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class AccountBlocked(AboutAccount, Event):
    """Staff closed an account at once to protect it (L160): nobody gets in, its data stay, no months begin."""

    type: ClassVar[str] = "account.blocked"

    reason: Code


@dataclass(frozen=True, kw_only=True)
class AccountUnblocked(AboutAccount, Event):
    """Staff opened a blocked account again."""

    type: ClassVar[str] = "account.unblocked"


@dataclass(frozen=True, kw_only=True)
class InstructionsAllowed(AboutAccount, Event):
    """A person let the owners of a company instruct that the business register calls bankrupt, and why."""

    type: ClassVar[str] = "account.instructions_allowed"

    reason: Code
