"""What cases publishes. Who decided is in the envelope; no event names a customer or says more than codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Event


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
class CaseOpened(AboutCase):
    """There is something that a person must decide in time. `opened_by` is who or what brought it."""

    type: ClassVar[str] = "case.opened"

    kind: Code
    kind_version: int
    opened_by: Code
    signal: Code


@dataclass(frozen=True, kw_only=True)
class IncidentOpened(AboutCase):
    """Something happened that is investigated at once: it may have been a breach (INCIDENT-1)."""

    type: ClassVar[str] = "incident.opened"

    signal: Code
    detected_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseStepTaken(AboutCase):
    """A person did something with a case, for a reason: it stands in another state, or has ended in it."""

    type: ClassVar[str] = "case.step_taken"

    decision_id: UUID
    step: Code
    reason: Code
    state: Code
    is_end: bool
    is_late: bool


@dataclass(frozen=True, kw_only=True)
class CaseEffectConfirmed(AboutCase):
    """What a decision had carried out is done, and whoever had to has confirmed it."""

    type: ClassVar[str] = "case.effect_confirmed"

    decision_id: UUID
    effect: Code


@dataclass(frozen=True, kw_only=True)
class CaseInstantEntered(AboutCase):
    """An instant with a meaning in law was entered; clocks that start from it are counted from there."""

    type: ClassVar[str] = "case.instant_entered"

    instant: Code
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseAssigned(AboutCase):
    """Another person of the staff answers for a case from now on."""

    type: ClassVar[str] = "case.assigned"


@dataclass(frozen=True, kw_only=True)
class CaseClockPassed(AboutCase):
    """A clock of an open case has come so far: `hours` since it started, and whether its time is over.

    Where it is over, whoever is next on duty answers for the case.
    """

    type: ClassVar[str] = "case.clock_passed"

    rule: Code
    hours: int
    due: datetime
    is_over: bool


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
