"""What staff publishes about sessions of the vendor's people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.staff.people.events import StaffEvent
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class AboutSession(StaffEvent):
    """Base of all events about a session of somebody of the staff."""

    session_id: UUID


@dataclass(frozen=True, kw_only=True)
class SessionOpened(AboutSession):
    """Somebody logged in with a passkey; `kind` is `desk` or `command_line`."""

    type: ClassVar[str] = "staff.session_opened"

    passkey_id: UUID
    kind: Code


@dataclass(frozen=True, kw_only=True)
class SessionEnded(AboutSession):
    """A session was ended before its time.

    `reason` is `logged_out`, `own_wish`, `by_another`, `too_many`, `passkey_revoked` or `left`.
    """

    type: ClassVar[str] = "staff.session_ended"

    reason: Code


@dataclass(frozen=True, kw_only=True)
class RequestsRefused(Event):
    """The desk turned requests away at its door, `count` since it told of this `reason` last; nobody was known.

    It is `foreign_origin`, `form_not_ours`, `session_unknown` or `browser_needed`.
    """

    type: ClassVar[str] = "staff.requests_refused"
    source: ClassVar[str | None] = "staff"

    report_id: UUID
    reason: Code
    count: int

    @property
    def subject(self) -> str:
        """This report."""
        return f"desk_door/{self.report_id}"
