"""Addresses that get no letters, for staff."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict, NotFound
from shared.keyset import Paged, PageShown
from shared.records import Record
from shared.staff import CARERS, READERS, Act, Role


class SuppressionShown(Record):
    """An address that gets no letters; which address is not known here. `ends_at` is null after a complaint."""

    suppression_id: UUID
    kind: str
    account_id: UUID
    user_id: UUID
    times: int
    since: datetime
    ends_at: datetime | None


class SuppressionsShown(PageShown):
    """A page of them, the newest first."""

    suppressions: tuple[SuppressionShown, ...]


class Suppressions(
    Paged,
    Call[SuppressionsShown],
    service="notification",
    staff=Act(roles=(*READERS, Role.OPERATOR), shows="account_id", finds=True),
):
    """Addresses that get no letters now, and until when: all, or those of one company."""

    account_id: UUID | None = None


class LiftSuppression(
    Call[SuppressionShown],
    service="notification",
    command=True,
    refusals=(NotFound, Conflict),
    staff=Act(roles=CARERS, resolves=True),
):
    """End a suppression after a bounce, because a person knows that the address works: letters go out again.

    `Conflict` for a complaint, which has no end.
    """

    suppression_id: UUID
    actor: Staff
