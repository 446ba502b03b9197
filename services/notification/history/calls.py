"""Letters as they are looked up afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from shared.calls import Call
from shared.errors import NotFound
from shared.records import ABSENT, Absent, Record
from shared.staff import READERS, Act


class LetterShown(Record):
    """What is known of a letter: ids, codes and instants."""

    letter_id: UUID
    letter: str
    account_id: UUID
    user_id: UUID
    state: str
    reason: str | None
    attempts: int
    requested_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


class LettersShown(Record):
    """The newest first, at most 200."""

    letters: tuple[LetterShown, ...]


class Letters(Call[LettersShown], service="notification", staff=Act(roles=READERS, shows="account_id")):
    """The newest letters of a company or to one user."""

    account_id: UUID | Absent = ABSENT
    user_id: UUID | Absent = ABSENT

    def objections(self) -> Mapping[str, list[str]]:
        """Either the one or the other."""
        if (self.account_id is ABSENT) == (self.user_id is ABSENT):
            return {"account_id": ["name an account or a user"]}
        return {}


class Letter(Call[LetterShown], service="notification", refusals=(NotFound,)):
    """One letter."""

    letter_id: UUID
