"""What staff publishes about where people are called: that it changed, never the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.staff.people.events import StaffEvent


@dataclass(frozen=True, kw_only=True)
class StaffContactSet(StaffEvent):
    """Somebody's address for calls on duty was entered or replaced."""

    type: ClassVar[str] = "staff.contact_set"
