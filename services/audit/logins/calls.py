"""Reports of logins, for a stated purpose."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Regexp

from shared.actor import ActorKind
from shared.calls import Call
from shared.errors import Forbidden, Invalid, NotFound
from shared.events import CODE_PATTERN
from shared.records import Named, Record
from shared.staff import DECIDERS, Act, Role

PURPOSES: Final = ("own_access", "security_breach", "account_takeover", "system_administration")
"""What login data may be looked at for: the person's own access (GDPR article 15), and what the rules on an
employer's access (e-postforskriften) allow: clearing up a breach, and administering the system."""

LOGIN_REPORT_SECONDS: Final = 5.0
"""Account is asked who the owners are, and the keyring for each person."""


class LoginShown(Record):
    """One attempt. `ip` and `user_agent` are null where they are not known, or not any more."""

    occurred_at: datetime
    outcome: str
    reason: str | None
    user_id: UUID | None
    ip: str | None
    user_agent: str | None


class LoginsShown(Record):
    """Attempts, oldest first; `complete` is false where there are more than one answer holds."""

    logins: tuple[LoginShown, ...]
    complete: bool


class Logins(
    Call[LoginsShown],
    service="audit",
    refusals=(Forbidden, Invalid, NotFound),
    seconds=LOGIN_REPORT_SECONDS,
    staff=Act(roles=(*DECIDERS, Role.OPERATOR), shows="account_id"),
):
    """Login times and addresses of one user or one company in a period, for a stated purpose (L57).

    Answer and refusal alike enter the trail. `Forbidden` where the actor may not see them, or the purpose is to
    watch people at work; `Invalid` for a purpose that is not on the list, or too long a period; `NotFound` where
    there is no such account.
    """

    account_id: UUID
    user_id: UUID | None = None
    from_: Annotated[datetime, Named("from")]
    to: datetime
    purpose: Annotated[str, Regexp(CODE_PATTERN.pattern + r"\Z", error="a machine code")]
    actor: ActorKind
