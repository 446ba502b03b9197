"""What audit answers about looks at a customer's people by the vendor's staff."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from shared.calls import Call
from shared.records import Record
from shared.staff import READERS, Act


class ReadsOfDay(Record):
    """How often staff looked at data about people of the account on one day, by the calendar in Oslo.

    A look is one page or one command, for one purpose, whatever it showed. `user_ids` are the users whom these
    looks showed and who are not erased. Of `not_named` of the looks it is not known whom they showed, or not of
    everybody: it may have been any user.
    """

    day: date
    purpose: str
    reads: int
    not_named: int
    user_ids: tuple[UUID, ...]


class PersonalDataReadsShown(Record):
    """The newest day first. `since` is the day from which looks are told."""

    since: date
    days: tuple[ReadsOfDay, ...]


class PersonalDataReads(
    Call[PersonalDataReadsShown],
    service="audit",
    staff=Act(roles=READERS, shows="account_id", besides=("gateway",)),
):
    """On which days, what for and how often staff looked at people of an account.

    Told is what happened since the first day of the month a year ago.

    It names nobody of the staff. Of an erased account nothing is known. With `user_id` it tells only what showed,
    or may have shown, this user of the account.
    """

    account_id: UUID
    user_id: UUID | None = None
