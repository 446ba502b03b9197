"""What a customer needs to notify the authority by itself: the facts of the notices, and its own figures."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.cases.board.calls import SEES
from services.cases.notices.calls import NoticeContent
from shared.calls import Call
from shared.errors import NotFound
from shared.records import Record
from shared.staff import Act


class NoticeInPack(NoticeContent):
    """A notice to this customer: when it was decided, when it left, and when the customer's mail had it."""

    decided_at: datetime
    sent_at: datetime
    told_at: datetime | None


class FiledFor(Record):
    """The authority was notified by us in the name of this customer: the first notice alone, or the full one."""

    extent: str
    notified_at: datetime


class DataPackShown(Record):
    """What a customer was told of a breach, the first notice first, with its own figures and nobody else's.

    `persons` counts its users on the list. It is aware from `told_at` on at the latest, and has time until
    `authority_due`. `unanswered` names what the authority asks for (GDPR article 33(3)) and we cannot answer.
    """

    case_id: UUID
    reference: str
    prepared_at: datetime
    occurred_from: datetime | None
    occurred_to: datetime | None
    detected_at: datetime | None
    aware_at: datetime | None
    told_at: datetime | None
    authority_due: datetime | None
    persons: int
    notices: tuple[NoticeInPack, ...]
    filed: tuple[FiledFor, ...]
    unanswered: tuple[str, ...]


class DataPack(
    Call[DataPackShown],
    service="cases",
    refusals=(NotFound,),
    staff=Act(roles=SEES, besides=("gateway",)),
):
    """What one customer needs to notify the authority of a breach by itself.

    A notice that has not left yet does not stand in it. `NotFound` for a case of which that customer was told
    nothing.
    """

    case_id: UUID
    account_id: UUID
