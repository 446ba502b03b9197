"""What retention asks before and during an erasure, and about those whom it should erase one day."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length

from services.account.accounts.calls import Done
from shared.calls import Call
from shared.errors import Conflict, NotFound
from shared.records import Record

SUBJECTS_LIMIT: Final = 500


class BeginErasure(Call[Done], service="account", command=True, refusals=(NotFound, Conflict)):
    """Close the way back to the account or one user of it, just before the keys are fenced.

    For retention; under the lock that a reactivation takes too. `Conflict` where the account or user is active:
    somebody came back, and nothing may be destroyed. `NotFound` where there is no such account or user.
    """

    erasure_id: UUID
    account_id: UUID
    user_id: UUID | None = None


class WithdrawErasure(Call[Done], service="account", command=True):
    """Open the way back again: the erasure waits for a hold, and nothing was destroyed. Safe to repeat.

    For retention.
    """

    erasure_id: UUID


class SubjectNamed(Record):
    """A company, or one user of it."""

    account_id: UUID
    user_id: UUID | None

    @property
    def id(self) -> UUID:
        """That of the company or the user."""
        return self.user_id or self.account_id


class UnknownSubjectsShown(Record):
    """Those without a row, of those asked for."""

    subjects: tuple[SubjectNamed, ...]


class UnknownSubjects(Call[UnknownSubjectsShown], service="account"):
    """Which of these companies and users there is no row of; a user is known with its own company alone.

    Retention asks: keys were made for them, and what these were to seal was never written. Cases asks: staff say
    whom a case is about, and may have taken somebody of another company. Notification asks: a link of a letter, or
    the request for a copy, may be about somebody who was erased since.
    """

    subjects: Annotated[tuple[SubjectNamed, ...], Length(min=1, max=SUBJECTS_LIMIT)]


class InactiveSubjectsShown(Record):
    """Companies and users, in the order of their own ids."""

    subjects: tuple[SubjectNamed, ...]


class InactiveSubjects(Call[InactiveSubjectsShown], service="account"):
    """The next companies and users that were made inactive before then and are still here.

    For retention, which should have a clock for each. `after` is the id of the last one that it was told; fewer
    than `SUBJECTS_LIMIT` are the last. A company of which only held rows of others are left is erased.
    """

    before: datetime
    after: UUID | None = None
