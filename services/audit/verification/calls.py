"""Verifications of the trail: asking for one, and what it found."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from marshmallow.validate import Range

from shared.actor import SYSTEM, ActorKind
from shared.calls import Call
from shared.errors import NotFound
from shared.records import Record
from shared.staff import WATCHERS, Act, Role


class VerificationBegun(Record):
    """The id with which its progress is asked for."""

    verification_id: UUID


class Verify(
    Call[VerificationBegun], service="audit", command=True, staff=Act(roles=(*WATCHERS, Role.PRIVACY_LEAD))
):
    """Begin a verification of the trail in the background.

    It starts with the first row, or from a checkpoint that was verified before.
    """

    actor: ActorKind = SYSTEM
    from_checkpoint: Annotated[int, Range(min=0)] = 0


class FindingShown(Record):
    """One thing that is not as it was written; `at` is a row's or a checkpoint's number."""

    code: str
    at: int


class VerificationShown(Record):
    """How far a verification is; `state` is `waiting`, `running`, `whole` or `damaged`."""

    verification_id: UUID
    state: str
    requested_at: datetime
    ended_at: datetime | None
    rows_done: int
    rows_total: int
    tree_size: int
    unsealed_rows: int
    findings: tuple[FindingShown, ...]


class Verification(
    Call[VerificationShown], service="audit", refusals=(NotFound,), staff=Act(roles=(*WATCHERS, Role.PRIVACY_LEAD))
):
    """How far a verification is, and what it found."""

    verification_id: UUID
