"""What staff publishes of what the vendor's people do, by what right and for which purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.staff.people.events import StaffEvent
from shared.events import Code


@dataclass(frozen=True, kw_only=True)
class ActsSigned(StaffEvent):
    """It was signed that somebody does this: the acts of one page or command, for one purpose.

    What takes two persons may be `tried` only, before anybody approves it: then nothing was done.
    """

    type: ClassVar[str] = "staff.acts_signed"

    purpose: Code
    acts: list[Code]
    tried: bool | None = None


@dataclass(frozen=True, kw_only=True)
class PersonalDataRead(StaffEvent):
    """Somebody looked at people of an account: the acts of one page or command, for one purpose.

    The customer is shown it. `seen_user_ids` are the users that were shown, the first ones of many, and `persons`
    is how many there were in all. Without them it was not told in time: it may have been anybody of the account.
    """

    type: ClassVar[str] = "staff.personal_data_read"

    account_id: UUID
    purpose: Code
    acts: list[Code]
    seen_user_ids: list[UUID] | None = None
    persons: int | None = None


@dataclass(frozen=True, kw_only=True)
class ActsRefused(StaffEvent):
    """Somebody wanted to do what they may not; `reason` says what they lack."""

    type: ClassVar[str] = "staff.acts_refused"

    reason: Code
    acts: list[Code]
