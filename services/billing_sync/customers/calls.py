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


class StatusShown(Record):
    """How the copy of one account stands. `state` is `unknown`, `linked`, `minimised` or `erased`."""

    account_id: UUID
    state: str
    customer_number: int | None
    tripletex_id: int | None
    contacts: int
    synced_at: datetime | None
    bookkeeping_until: date | None
    jobs: tuple[JobShown, ...]


class Status(
    Call[StatusShown],
    service="billing-sync",
    staff=Act(roles=(*READERS, Role.FINANCE, Role.OPERATOR), shows="account_id"),
):
    """How the copy of one account at Tripletex stands."""

    account_id: UUID
