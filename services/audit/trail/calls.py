"""What audit answers about the trail, and what proves it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from marshmallow.validate import OneOf, Range, Regexp

from shared.actor import SYSTEM, ActorKind
from shared.calls import Call
from shared.errors import Conflict, Forbidden, NotFound
from shared.records import Record
from shared.staff import READERS, WATCHERS, Act, Role

PAGE_LIMIT: Final = 500
SEQ_MOST: Final = 2**63 - 1
SUBJECT: Final = r"[a-z][a-z0-9_]{0,31}/[A-Za-z0-9._:-]{1,100}\Z"
REOPENING_REASONS: Final = ("restored_from_backup", "checkpoint_file_lost")


class RowShown(Record):
    """One row. An id of a company or person is the system's own as long as it is known, then the trail's."""

    seq: int
    event_id: UUID
    type: str
    version: int
    source: str
    occurred_at: datetime
    recorded_at: datetime
    subject: str
    actor: str
    account_id: UUID | None
    user_id: UUID | None
    correlation_id: UUID
    causation_id: UUID | None
    field_names: tuple[str, ...]
    facts: Mapping[str, Any]


class TrailShown(Record):
    """Rows in order of `seq`, or the newest first.

    The number from which the next page goes on, in the one order or the other, is null on the last page.
    """

    rows: tuple[RowShown, ...]
    next_after_seq: int | None
    next_before_seq: int | None


class Trail(
    Call[TrailShown], service="audit", staff=Act(roles=(*READERS, Role.OPERATOR), finds=True, resolves=True)
):
    """The rows about one subject, or of one correlation id, in order of `seq`.

    `account/<id>` covers the account's users. An erased subject has no rows that could be found.
    Of an account the newest may come first, those with a number below `before_seq` where it is given.
    """

    subject: Annotated[str, Regexp(SUBJECT, error="<kind>/<id>")] | None = None
    correlation_id: UUID | None = None
    after_seq: Annotated[int, Range(min=0)] = 0
    newest_first: bool = False
    before_seq: Annotated[int, Range(min=1, max=SEQ_MOST)] | None = None
    limit: Annotated[int, Range(min=1, max=PAGE_LIMIT)] = 100

    def objections(self) -> Mapping[str, list[str]]:
        """Either the one or the other; the newest first only of an account, and from one end only."""
        if (self.subject is None) == (self.correlation_id is None):
            return {"subject": ["give either subject or correlation_id"]}
        if self.newest_first and (self.after_seq or not (self.subject or "").startswith("account/")):
            return {"newest_first": ["only of an account, and without after_seq"]}
        if self.before_seq is not None and not self.newest_first:
            return {"before_seq": ["only with newest_first"]}
        return {}


class TrailByActor(
    Call[TrailShown],
    service="audit",
    staff=Act(roles=(Role.PRIVACY_LEAD, Role.INCIDENT_LEAD, Role.AUDITOR), finds=True),
):
    """What one person did, the newest first; of numbers below `before_seq` where it is given.

    `done_by` is somebody of the staff, or a customer's user. Whoever is unknown, or was erased, has no rows that
    could be found. Each customer in the rows can read that somebody looked.
    """

    done_by: ActorKind
    before_seq: Annotated[int, Range(min=1, max=SEQ_MOST)] | None = None
    limit: Annotated[int, Range(min=1, max=PAGE_LIMIT)] = 100

    def objections(self) -> Mapping[str, list[str]]:
        """The system is no person."""
        return {"done_by": ["a person"]} if self.done_by == SYSTEM else {}


class CheckpointShown(Record):
    """A signed statement about the trail; hashes are hexadecimal, the signature is base64."""

    number: int
    tree_size: int
    root: str
    head: str
    time: datetime
    key_id: str
    previous: str
    signature: str


class TrailHeadShown(Record):
    """The number and the chain hash of the last row, how many rows wait for their place, and the last checkpoint.

    `halted` says why the trail stands still: `trail_cut`, `checkpoint_changed`, `file_behind` or `file_damaged`.
    It is null while the trail grows.
    """

    size: int
    head: str
    waiting: int
    checkpoint: CheckpointShown | None
    halted: str | None


class TrailHead(Call[TrailHeadShown], service="audit", staff=Act(roles=(*WATCHERS, Role.PRIVACY_LEAD))):
    """How long the trail is and what is signed of it."""


class ProofShown(Record):
    """The row's leaf hash, the path to the root, and the signed checkpoint that has this root."""

    seq: int
    leaf: str
    path: tuple[str, ...]
    checkpoint: CheckpointShown


class Proof(
    Call[ProofShown],
    service="audit",
    refusals=(NotFound, Conflict),
    staff=Act(roles=(*WATCHERS, Role.PRIVACY_LEAD)),
):
    """What proves to whoever has the public key that the row with this number is in the trail.

    `Conflict` where no checkpoint covers the row yet.
    """

    seq: Annotated[int, Range(min=1)]


class Reopened(Record):
    """The trail grows again; the old file of checkpoints was put aside under `archived_as`."""

    size: int
    archived_as: str | None


class Reopen(
    Call[Reopened],
    service="audit",
    command=True,
    refusals=(Forbidden, Conflict),
    staff=Act(roles=(Role.OPERATOR, Role.INCIDENT_LEAD)),
):
    """Let the trail grow again after the database was restored from a backup older than the file of checkpoints.

    The file that contradicts the trail is put aside, not removed. `Forbidden` where the actor is not staff,
    `Conflict` where the trail does not stand still.
    """

    actor: ActorKind
    reason: Annotated[str, OneOf(REOPENING_REASONS)]
