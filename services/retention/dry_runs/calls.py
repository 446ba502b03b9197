"""What retention answers about dry runs of an erasure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf

from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict, NotFound
from shared.records import Record
from shared.staff import CARERS, READERS, Act

ASKING_SECONDS: Final = 10.0
"""Where account is asked first."""


class WouldErase(Record):
    """What one participant would erase, by kind, and what it would keep and why; `silent` until it has answered."""

    participant: str
    state: Annotated[str, OneOf(("answered", "silent"))]
    counts: Mapping[str, int]
    retained: tuple[str, ...]


class DryRunShown(Record):
    """How far a dry run is. `held` says that all of it is held: an erasure would wait.

    `with_held` says that what is held was counted too.
    """

    dry_run_id: UUID
    account_id: UUID
    user_id: UUID | None
    ordered_at: datetime
    held: bool
    with_held: bool
    complete: bool
    participants: tuple[WouldErase, ...]


class OrderDryRun(
    Call[DryRunShown],
    service="retention",
    refusals=(Conflict, NotFound),
    seconds=ASKING_SECONDS,
    staff=Act(roles=CARERS, shows="account_id"),
):
    """Ask every participant what it would erase and keep if the account, or one user of it, were erased now.

    Holds and restrictions count as they stand; `with_held` has what they keep counted too, which is then all
    that is stored. A repeated call with the same `dry_run_id` asks nobody again.
    Of who is erased what was held is counted, for as long as it is kept. `NotFound` where there is no such account
    or user and nothing was kept, `Conflict` where the id is that of another dry run.
    """

    dry_run_id: UUID | None = None
    account_id: UUID
    user_id: UUID | None = None
    with_held: bool = False
    actor: Staff


class DryRun(Call[DryRunShown], service="retention", refusals=(NotFound,), staff=Act(roles=READERS, resolves=True)):
    """What was answered so far. `NotFound` where there is no such dry run, or it is a week old."""

    dry_run_id: UUID
