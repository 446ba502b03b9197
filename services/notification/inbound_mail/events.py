"""A mail of the host or of a vendor came in that all is not well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class AlarmMailReceived(Event):
    """The host or a vendor has sent an alarm by mail, and who sent it is proved; what it says is not kept here.

    `alarm_id` is the same however often the same mail comes. `sent_by` is `host` or `vendor`, `received_at` the
    instant that Mailgun signed.
    """

    type: ClassVar[str] = "alarm_mail.received"
    source: ClassVar[str | None] = "notification"

    alarm_id: UUID
    sent_by: Code
    signal: Code
    received_at: datetime

    @property
    def subject(self) -> str:
        """The mail."""
        return f"alarm/{self.alarm_id}"
