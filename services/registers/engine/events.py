"""What registers publishes. Who did it is in the envelope; an event has ids, codes and days only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class AboutRecord(Event):
    """Base of all events about a record."""

    source: ClassVar[str | None] = "registers"

    record_id: UUID
    account_id: UUID | None
    kind: Code

    @property
    def subject(self) -> str:
        """The record."""
        return f"record/{self.record_id}"


@dataclass(frozen=True, kw_only=True)
class RegisterChanged(AboutRecord):
    """A record counts from a day on, or no longer: whoever keeps a copy of such records looks them up again.

    It counts from `valid_from` on, and before `valid_to`. `state` is `in_force` or `ended`.
    """

    type: ClassVar[str] = "register.changed"

    state: Code
    revision: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, kw_only=True)
class RecordEnded(AboutRecord):
    """A record that was in force counts no longer from `ended_on` on, such as a mandate that was withdrawn.

    No restore brings it back.
    """

    type: ClassVar[str] = "register.ended"
    replayed_by: ClassVar[tuple[str, ...]] = ("registers",)

    reason: Code
    ended_on: date
