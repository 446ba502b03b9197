"""What cases publishes. Who decided is in the envelope; no event names a customer or says more than codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Digest, Event


def numbered(count: int) -> Code:
    """A count as the ledger takes it, which knows codes alone."""
    return Code(f"n{count}")


def number_in(code: str) -> int:
    """The count that such a code says."""
    return int(code.removeprefix("n"))


@dataclass(frozen=True, kw_only=True)
class AboutCase(Event):
    """Base of all events about a case."""

    source: ClassVar[str | None] = "cases"

    case_id: UUID

    @property
    def subject(self) -> str:
        """The case."""
        return f"case/{self.case_id}"


@dataclass(frozen=True, kw_only=True)
class CaseFact(AboutCase):
    """Base of what no restore may undo: it is in the ledger, and cases makes it true again.

    It is published with the version that the case has by it.
    """


@dataclass(frozen=True, kw_only=True)
class CaseOpened(CaseFact):
    """There is something that a person must decide in time. `opened_by` is who or what brought it.

    `kind_version` is as `v1`; `staff_code` is who answers for it. Where it follows from another case, or a machine
    told of more after that had ended, that is named, and of what a machine brought, by which it is known if that
    comes again: its `join_key`, a digest of its number, and one of this very telling of it.
    """

    type: ClassVar[str] = "case.opened"
    replayed_by: ClassVar[tuple[str, ...]] = ("cases",)

    kind: Code
    kind_version: Code
    opened_by: Code
    signal: Code
    received_at: datetime
    staff_code: Code | None
    join_key: Code | None
    digest: Digest | None
    from_case_id: UUID | None
    telling: Digest | None = None


@dataclass(frozen=True, kw_only=True)
class IncidentOpened(AboutCase):
    """Something happened that is investigated at once: it may have been a breach (INCIDENT-1)."""

    type: ClassVar[str] = "incident.opened"

    signal: Code
    detected_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseStepTaken(CaseFact):
    """A person did something with a case, for a reason: it stands in another state, or has ended in it.

    `timing` is `in_time` or `late`, and `late_reason` says why. `other_case_id` is the case that took this one in.
    What two persons sign was approved by `approved_by`, the other one than who acts.
    """

    type: ClassVar[str] = "case.step_taken"
    replayed_by: ClassVar[tuple[str, ...]] = ("cases",)

    decision_id: UUID
    step: Code
    reason: Code
    state: Code
    timing: Code
    late_reason: Code | None
    other_case_id: UUID | None
    approved_by: Code | None = None
    approval_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class CaseEffectConfirmed(CaseFact):
    """What a decision had carried out is done, and whoever had to has confirmed it."""

    type: ClassVar[str] = "case.effect_confirmed"
    replayed_by: ClassVar[tuple[str, ...]] = ("cases",)

    decision_id: UUID
    effect: Code


@dataclass(frozen=True, kw_only=True)
class CaseInstantEntered(CaseFact):
    """An instant with a meaning in law was entered; clocks that start from it are counted from there.

    Either a person of the staff has told it, or what `told_by` names: a detector, another case.
    """

    type: ClassVar[str] = "case.instant_entered"
    replayed_by: ClassVar[tuple[str, ...]] = ("cases",)

    instant: Code
    at: datetime
    staff_code: Code | None
    told_by: Code | None


@dataclass(frozen=True, kw_only=True)
class CaseAssigned(CaseFact):
    """Another person of the staff answers for a case from now on."""

    type: ClassVar[str] = "case.assigned"
    replayed_by: ClassVar[tuple[str, ...]] = ("cases",)

    staff_code: Code | None


@dataclass(frozen=True, kw_only=True)
class CaseClockPassed(CaseFact):
    """A clock of an open case has come to a mark of which its owner is told: a `warning`, or it is `over`.

    Where it is over, whoever is next on duty answers for the case.
    """

    type: ClassVar[str] = "case.clock_passed"
    replayed_by: ClassVar[tuple[str, ...]] = ("cases",)

    rule: Code
    started_at: datetime
    mark: datetime
    due: datetime
    reached: Code


@dataclass(frozen=True, kw_only=True)
class BreachDetected(AboutCase):
    """A named person decided, with reasons, that an incident was a breach of personal data (BREACH-1).

    `parties` are the parts in which the vendor is concerned. The hours count from `aware_at`.
    """

    type: ClassVar[str] = "breach.detected"

    decision_id: UUID
    reason: Code
    parties: list[Code]
    detected_at: datetime
    aware_at: datetime
