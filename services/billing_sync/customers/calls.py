"""What billing-sync answers about the copy of an account."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from shared.calls import Call
from shared.records import Record
from shared.staff import READERS, Act, Role


class JobShown(Record):
    """One piece of work towards Tripletex."""

    kind: str
    state: str
    attempts: int
    reason: str | None
    due_at: datetime


class RecipientTask(Record):
    """A correction that a recipient is told (GDPR article 19), of the company where it names no user.

    It is open until the copy there is right; what is tried meanwhile is among `jobs`.
    """

    user_id: UUID | None
    recipient: str
    fields: tuple[str, ...]
    opened_at: datetime
    closed_at: datetime | None
    outcome: str | None


class StatusShown(Record):
    """How the copy of one account stands. `state` is `unknown`, `linked`, `minimised` or `erased`.

    `recipient_tasks` are the newest corrections.
    """

    account_id: UUID
    state: str
    customer_number: int | None
    tripletex_id: int | None
    contacts: int
    synced_at: datetime | None
    bookkeeping_until: date | None
    jobs: tuple[JobShown, ...]
    recipient_tasks: tuple[RecipientTask, ...]


class Status(
    Call[StatusShown],
    service="billing-sync",
    staff=Act(roles=(*READERS, Role.FINANCE, Role.OPERATOR), shows="account_id"),
):
    """How the copy of one account at Tripletex stands."""

    account_id: UUID
