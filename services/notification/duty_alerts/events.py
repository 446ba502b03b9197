"""What became of a message to whoever is on duty. Never to which address, never what stood in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class AboutDutyAlert(Event):
    """Base of both."""

    source: ClassVar[str | None] = "notification"

    alert_id: UUID

    @property
    def subject(self) -> str:
        """The message."""
        return f"alert/{self.alert_id}"


@dataclass(frozen=True, kw_only=True)
class DutyAlertDelivered(AboutDutyAlert):
    """A message to somebody of the staff has arrived, by the `way` that is `mail` or `hook`.

    They are on duty, or somebody has made a link to enrol passkeys for them. Whether they come is not known by it.
    """

    type: ClassVar[str] = "duty_alert.delivered"

    way: Code


@dataclass(frozen=True, kw_only=True)
class DutyAlertFailed(AboutDutyAlert):
    """No way has brought a message to somebody of the staff, and none is tried any more.

    `reason` is a code: `no_address`, also of who has left, `bounced`, `expired`, or what the last try met.
    """

    type: ClassVar[str] = "duty_alert.failed"

    reason: Code
