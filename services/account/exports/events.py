"""What happens to a copy, for the trail; `export.ordered` is among the events that all services share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.account.accounts.events import AboutAccount
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class ExportReady(AboutAccount, Event):
    """All parts of a copy are there. Without a `user_id` it is that of the company.

    `overdue_wish_id` is the wish of which a person has a case, because it was not ready in time, and `asked_at` is
    when it was made. The case is answered by the copy.
    """

    type: ClassVar[str] = "export.ready"

    export_id: UUID
    user_id: UUID | None = None
    kind: Code
    overdue_wish_id: UUID | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ExportOverdue(AboutAccount, Event):
    """A copy could not be made in time: a person answers for it from now on, within the month that the law gives.

    `user_id` is who asked, be it for their own or, as an owner, for the company's. `asked_at` is when: their month
    began then. It is tried on, and `export.ready` tells when it is there all the same. `wish_id` is the id of the
    copy that was asked for first, where this one was ordered anew.
    """

    type: ClassVar[str] = "export.overdue"

    export_id: UUID
    user_id: UUID
    kind: Code
    asked_at: datetime
    wish_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ExportWithdrawn(AboutAccount, Event):
    """The copy of a company is opened no more: somebody in it was restricted, held or erased since.

    `reason` is `restricted`, `held` or `erased`. Where whoever asked may still have it, it is ordered anew.
    """

    type: ClassVar[str] = "export.withdrawn"

    export_id: UUID
    reason: Code


@dataclass(frozen=True, kw_only=True)
class ExportOpened(AboutAccount, Event):
    """Whoever asked for a copy proved the password anew, and may fetch the file."""

    type: ClassVar[str] = "export.opened"

    export_id: UUID
    user_id: UUID


@dataclass(frozen=True, kw_only=True)
class CompanyExportOpened(AboutAccount, Event):
    """The same for the copy of the company, in which others are: an owner has them handed out."""

    type: ClassVar[str] = "export.company_opened"

    export_id: UUID
    user_id: UUID
