"""What somebody of the staff was granted, and what an act needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.staff.prerequisites.values import LONGEST
from shared.staff import Act, Purpose, Role
from shared.statements import SCOPE_MOST
from shared.wait_bounds import is_leased, noted_by

ADMINISTRATORS_NEEDED: Final = 2
"""Who can grant somebody something without the machine: one asks, another approves."""
MOST_ACCOUNTS: Final = SCOPE_MOST
"""So many customers one grant names, and so many a statement. Who has more of them has all."""


class GrantEnding(StrEnum):
    """Why a grant gives nothing any more."""

    EXPIRED = "expired"
    REVOKED = "revoked"
    LEFT = "left"
    """Whoever had it has left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role that a person has for one purpose, from begin to expiry.

    `accounts` are those it reaches, None for all: one that names some reaches nothing that is not about one of
    them, erased or not. `bootstrap` marks a grant that was made on the machine for one of the first administrators,
    whom nobody could grant anything.
    """

    id: UUID
    person_id: UUID
    role: Role
    purpose: Purpose
    begins_at: datetime
    expires_at: datetime
    granted_at: datetime
    granted_by: str
    approved_by: str | None = None
    accounts: frozenset[UUID] | None = None
    bootstrap: bool = False
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_because: GrantEnding | None = None

    def is_live_at(self, now: datetime) -> bool:
        """Whether it gives something now. What a wrong clock wrote, about begin or end, does not."""
        return self.ended_at is None and noted_by(self.begins_at, now) and is_leased(self.expires_at, now, LONGEST)

    def reaches(self, account_id: UUID | None) -> bool:
        """Whether it is for this account; None stands for what is not about one account."""
        return self.accounts is None or (account_id is not None and account_id in self.accounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAct:
    """What somebody wants to do: the act as its call declares it, about which account, for which purpose.

    Without a purpose it is that of the grant by which they act.
    """

    act: Act
    account_id: UUID | None = None
    purpose: Purpose | None = None
