"""An account is active again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.account.accounts.events import AboutAccount
from shared.events import Event


@dataclass(frozen=True, kw_only=True)
class AccountReactivated(AboutAccount, Event):
    """The company's account is active again; its erasure clock is to be cancelled.

    Users that had been deactivated one by one stay inactive.
    """

    type: ClassVar[str] = "account.reactivated"
