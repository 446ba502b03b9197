"""What staff publishes about command lines that log in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.staff.people.events import StaffEvent
from shared.events import Code


@dataclass(frozen=True, kw_only=True)
class DeviceLogInDecided(StaffEvent):
    """Somebody approved or refused a command line that wants to act as them: `decision` says which."""

    type: ClassVar[str] = "staff.device_log_in_decided"

    request_id: UUID
    decision: Code
