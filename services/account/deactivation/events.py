"""An account was made inactive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from services.account.accounts.events import AboutAccount
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class AccountDeactivated(AboutAccount, Event):
    """The company's account was made inactive: sessions are gone, every input is refused (L17).

    The three calendar months of L59 begin on the Oslo date of `deactivated_at`. `trigger` says who or what did
    it: `customer`, `staff`, `sign_up_abandoned`, `early_request`, or `contract_terminated`: then the notice period
    is over, and the three months of L204 begin with its last day, `notice_ends_on`. `user_count` counts the users
    that had not been deactivated one by one before. `reason` is why staff did it.
    """

    type: ClassVar[str] = "account.deactivated"

    trigger: Code
    deactivated_at: datetime
    user_count: int
    noticed_on: date | None = None
    notice_ends_on: date | None = None
    reason: Code | None = None
