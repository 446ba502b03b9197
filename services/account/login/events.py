"""Log-ins, successful and failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.account.accounts.events import SOURCE, AboutUser
from shared.events import Code, Event


@dataclass(frozen=True, kw_only=True)
class LoginSucceeded(AboutUser, Event):
    """A user logged in, or reactivated the account with the password (L19, L57).

    Address and browser: RPC `login_origins`, within 48 hours.
    """

    type: ClassVar[str] = "login.succeeded"

    attempt_id: UUID


@dataclass(frozen=True, kw_only=True)
class LoginFailed(Event):
    """Somebody failed to log in (L57); without ids where the address is not known to us.

    `reason` is one of `services.account.authentication.values.LOGIN_FAILURES`. Origin: RPC `login_origins`,
    within 48 hours.
    """

    type: ClassVar[str] = "login.failed"
    source: ClassVar[str | None] = SOURCE

    account_id: UUID | None
    user_id: UUID | None
    attempt_id: UUID
    reason: Code

    @property
    def subject(self) -> str:
        """The user where known, else the attempt alone."""
        return f"user/{self.user_id}" if self.user_id else f"login/{self.attempt_id}"
