"""What staff do with records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import OneOf, Range, Regexp

from services.registers.board.calls import KEEPERS, RecordShown
from services.registers.engine.values import END_REASONS
from services.registers.kinds.table import PRESENT
from shared.actor import Staff
from shared.calls import Call
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.records import Record
from shared.staff import Act

REFUSALS: Final = (Conflict, Invalid, NotFound)
END_CODES: Final = tuple(each for each in END_REASONS if each != "replaced")


class DraftRecord(
    Call[RecordShown], service="registers", command=True, refusals=REFUSALS, staff=Act(roles=KEEPERS)
):
    """Draft a record, or with `record_id` and `version` word a draft anew. It counts for nobody yet.

    `fields` are those of its kind; `valid_to` is the first day on which it counts no more, `review_on` when
    somebody looks at it again, in the usual time where it is left out. `evidence_sha256` is of the document that
    proves it.
    """

    kind: Annotated[str, OneOf(tuple(PRESENT))]
    record_id: UUID | None = None
    version: Annotated[int, Range(min=1)] | None = None
    account_id: UUID | None = None
    valid_from: date
    valid_to: date | None = None
    review_on: date | None = None
    fields: Mapping[str, str]
    evidence_sha256: Annotated[str, Regexp(r"[0-9a-f]{64}\Z", error="a SHA-256 in hexadecimal")] | None = None
    evidence_on: date | None = None
    actor: Staff

    def objections(self) -> Mapping[str, list[str]]:
        """What goes together comes together."""
        found = {}
        if (self.record_id is None) != (self.version is None):
            found["version"] = ["the version of the draft that was seen"]
        if (self.evidence_sha256 is None) != (self.evidence_on is None):
            found["evidence_on"] = ["the day from which the document counts"]
        return found


class OfRecord(Record):
    """About one record, in the version that was seen; `Conflict` where it is another one by now."""

    record_id: UUID
    version: Annotated[int, Range(min=1)]


class SubmitRecord(
    OfRecord, Call[RecordShown], service="registers", command=True, refusals=REFUSALS, staff=Act(roles=KEEPERS)
):
    """A draft is finished: it waits for two persons, or counts where its kind needs none."""

    actor: Staff


class PutRecordInForce(
    OfRecord,
    Call[RecordShown],
    service="registers",
    command=True,
    refusals=(*REFUSALS, Forbidden),
    staff=Act(roles=KEEPERS, two_persons=True),
):
    """What was submitted counts. `Forbidden` where whoever approves has written any of it."""


class EndRecord(
    OfRecord, Call[RecordShown], service="registers", command=True, refusals=REFUSALS, staff=Act(roles=KEEPERS)
):
    """A record counts no more from a day on; without one from today, or not at all. No restore undoes it.

    `Conflict` with the reason `ends_by_two` where two persons have put it in force.
    """

    on: date | None = None
    reason: Annotated[str, OneOf(END_CODES)]
    actor: Staff


class EndRecordInForce(
    OfRecord,
    Call[RecordShown],
    service="registers",
    command=True,
    refusals=REFUSALS,
    staff=Act(roles=KEEPERS, two_persons=True),
):
    """What two persons have put in force counts no more from a day on, today without one. No restore undoes it.

    The day may be past, from the first one on: a customer who withdraws need not wait for two persons. `Conflict`
    with the reason `ends_by_one` for what one person ends.
    """

    on: date | None = None
    reason: Annotated[str, OneOf(END_CODES)]


class ReviewRecord(
    OfRecord, Call[RecordShown], service="registers", command=True, refusals=REFUSALS, staff=Act(roles=KEEPERS)
):
    """Somebody has looked at a record and it is right: it is looked at again after the usual time."""

    actor: Staff
