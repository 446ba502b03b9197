"""What a person does because no letter can."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf

from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict, NotFound
from shared.keyset import Paged, PageShown
from shared.records import ABSENT, Absent, Record
from shared.staff import CARERS, READERS, Act

TASK_KINDS: Final = ("undeliverable", "copy")
TASK_OUTCOMES: Final = (
    "told_by_phone",
    "told_by_post",
    "told_otherwise",
    "copy_handed_over",
    "not_reachable",
    "needless",
)
"""How a person ended a task: told the reader, handed a copy over, tried in vain, or had no need to."""


class TaskShown(Record):
    """What a person is to do: `undeliverable` is a legal letter that mail does not bring, `copy` one of data."""

    task_id: UUID
    kind: str
    account_id: UUID
    user_id: UUID | None
    letter: str | None
    reason: str | None
    due_on: date
    raised_at: datetime
    outcome: str | None


class TasksShown(PageShown):
    """A page of them, the most urgent first."""

    tasks: tuple[TaskShown, ...]


class Tasks(
    Paged, Call[TasksShown], service="notification", staff=Act(roles=READERS, shows="account_id", finds=True)
):
    """What a person is to do: all that is open, or what is of one kind or one company."""

    kind: Annotated[str, OneOf(TASK_KINDS)] | None = None
    account_id: UUID | Absent | None = ABSENT


class TasksCounted(Record):
    """How many tasks are open, how many of them should have been done before today, and the first day of all."""

    count: int
    overdue: int
    first_due_on: date | None


class CountTasks(Call[TasksCounted], service="notification", staff=Act(roles=READERS)):
    """How much there is for a person to do; it names nobody."""


class RequestCopy(
    Call[TaskShown],
    service="notification",
    refusals=(Conflict, NotFound),
    seconds=10.0,
    staff=Act(roles=CARERS, changes=True),
):
    """Somebody asked on `received_on` for a copy of the data: a person makes it in time.

    `erased_on` is when the data are erased, if ever. `Conflict` where the copy was asked for too late, on the day
    of the erasure or after it; `NotFound` where there is no such company, or the user is none of its people.
    """

    task_id: UUID
    account_id: UUID
    user_id: UUID | None = None
    received_on: date
    erased_on: date | None = None


class SettleTask(
    Call[TaskShown],
    service="notification",
    command=True,
    refusals=(NotFound, Conflict),
    staff=Act(roles=CARERS, resolves=True),
):
    """A person has done a task; `outcome` says how it ended. `Conflict` where it was done before."""

    task_id: UUID
    outcome: Annotated[str, OneOf(TASK_OUTCOMES)]
    actor: Staff
