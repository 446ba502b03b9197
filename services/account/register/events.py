"""What the business register says now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.account.accounts.events import AboutAccount
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class AccountRegisterChecked(AboutAccount, Event):
    """The business register was asked after sign-up or after a change, and this is what it says now (L160).

    `review_required` asks a person to look; nothing is refused or closed by this event.
    """

    type: ClassVar[str] = "account.register_checked"

    outcome: Code
    review_required: bool
