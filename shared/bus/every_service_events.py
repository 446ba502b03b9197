"""What every service publishes of itself, whichever it is; these events have no single source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.events import Code, Digest, Event


@dataclass(frozen=True, kw_only=True)
class AdminSessionOpened(Event):
    """Somebody began to use the service's database as the role for administrators (L53, L100).

    A session is a time of use, not a connection: Adminer makes a new one with every click.
    """

    type = "admin_session.opened"
    source = None
    session_id: UUID
    role: Code
    database: Code

    @property
    def subject(self) -> str:
        """The session."""
        return f"admin_session/{self.session_id}"


@dataclass(frozen=True, kw_only=True)
class AdminSessionClosed(Event):
    """Nobody has used the database as that role for minutes, or the session is an hour old and is told in part.

    `reads` says how often each table was read; nothing is kept of the statements or of what they showed.
    """

    type = "admin_session.closed"
    source = None
    session_id: UUID
    role: Code
    database: Code
    opened_at: datetime
    seconds: int
    reads: dict[Code, int]

    @property
    def subject(self) -> str:
        """The session."""
        return f"admin_session/{self.session_id}"


@dataclass(frozen=True, kw_only=True)
class ClaimRefused(Event):
    """A process called as somebody it may not speak for, and was refused; `count` since this was told last.

    `caller` is its user at the broker, `claimed` the kind of actor it said it acts for, never who.
    """

    type = "claim.refused"
    source = None
    report_id: UUID
    caller: Code
    claimed: Code
    count: int

    @property
    def subject(self) -> str:
        """This report."""
        return f"claim/{self.report_id}"


@dataclass(frozen=True, kw_only=True)
class StatementRefused(Event):
    """A call of staff was refused because of the signed statement it came with, or lacked; `count` since told last.

    Or it was signed, and the service that was asked forbids it to whoever acts, as to who logged in too long ago.
    `caller` is the process's user at the broker, `act` the call and `reason` what was wrong. Who acts is the person
    that the statement names where its signature was right, and else the system.
    """

    type = "statement.refused"
    source = None
    report_id: UUID
    caller: Code
    act: Code
    reason: Code
    count: int

    @property
    def subject(self) -> str:
        """This report."""
        return f"statement/{self.report_id}"


@dataclass(frozen=True, kw_only=True)
class ActCarriedOut(Event):
    """An act that takes two persons was carried out, in the transaction of its change; it cannot be a second time.

    Who acts is the person who carried it out; the approval says who asked for it and who approved. `request` is the
    digest of the call that was made: what was done is held to what was approved by it.
    """

    type = "act.carried_out"
    source = None
    approval_id: UUID
    act: Code
    request: Digest | None = None

    @property
    def subject(self) -> str:
        """The approval."""
        return f"approval/{self.approval_id}"


@dataclass(frozen=True, kw_only=True)
class ParkedDecided(Event):
    """A person decided about one parked message, in the transaction of the decision: one event for each message.

    `decision` is `replayed` or `discarded`, `reason` why it was discarded. `message_id` is the message's own where
    it had one: the entry is forgotten a month later, and what was decided about which message can still be shown.
    """

    type = "parked.decided"
    source = None
    parked_id: UUID
    message_id: UUID | None = None
    decision: Code
    reason: Code | None = None

    @property
    def subject(self) -> str:
        """The entry."""
        return f"parked/{self.parked_id}"
