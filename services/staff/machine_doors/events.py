"""What staff publishes about the doors of the machine itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class MachineDoorEvent(Event):
    """Base of all events about a use of a door. No restore makes one unseen, or seen by nobody."""

    source: ClassVar[str | None] = "staff"

    use_id: UUID
    door: Code

    @property
    def subject(self) -> str:
        """The use."""
        return f"door/{self.use_id}"


@dataclass(frozen=True, kw_only=True)
class MachineDoorUsed(MachineDoorEvent):
    """Whoever is root on the machine did what needs no person of staff: two countersign it within a day."""

    type: ClassVar[str] = "machine_door.used"
    replayed_by: ClassVar[tuple[str, ...]] = ("staff",)


@dataclass(frozen=True, kw_only=True)
class MachineDoorCountersigned(MachineDoorEvent):
    """Two persons have seen it and stand for it, by the approval with this id."""

    type: ClassVar[str] = "machine_door.countersigned"
    replayed_by: ClassVar[tuple[str, ...]] = ("staff",)

    approval_id: UUID
