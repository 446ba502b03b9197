"""Notice of termination, and its withdrawal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from services.account.accounts.events import AboutAccount
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class TerminationNoticed(AboutAccount, Event):
    """Notice of termination was given (L23, L204): the contract runs to the end of `notice_ends_on`, in Oslo.

    Until that day has passed the account is as active as ever; `account.deactivated` follows by itself.
    `noticed_on` is the day the notice was received, `channel` the way it came.
    """

    type: ClassVar[str] = "account.termination_noticed"

    noticed_on: date
    notice_ends_on: date
    channel: Code


@dataclass(frozen=True, kw_only=True)
class TerminationWithdrawn(AboutAccount, Event):
    """A notice of termination was taken back before its period was over; the contract goes on."""

    type: ClassVar[str] = "account.termination_withdrawn"
