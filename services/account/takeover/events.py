"""What is told a user of a suspicious log-in, and was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.account.accounts.events import AboutUser
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class UserLoginSuspected(AboutUser, Event):
    """Somebody else may have logged in as a user, or have tried to: the user gets the letter `suspicious_attempt`.

    `suspicion` is one of `services.account.takeover.values.SUSPICIONS`, and was seen at `seen_at`. Where it is
    `taken_over` the user's sessions and links ended. With `reset_required` the password lets nobody in until it
    is set anew.
    """

    type: ClassVar[str] = "user.login_suspected"

    anomaly_id: UUID
    suspicion: Code
    seen_at: datetime
    reset_required: bool


@dataclass(frozen=True, kw_only=True)
class UserResetRequired(AboutUser, Event):
    """A user's password lets nobody in until it is set anew, for somebody else may know it.

    What was seen, was seen until `seen_at`: a password that was set later is not meant. No restore undoes it.
    """

    type: ClassVar[str] = "user.reset_required"
    replayed_by: ClassVar[tuple[str, ...]] = ("account",)

    anomaly_id: UUID
    seen_at: datetime
