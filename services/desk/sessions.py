"""Who is at the desk: the session that a browser shows, and what tells whether it is one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from services.staff.sessions.calls import Authenticate
from shared.actor import Actor
from shared.calls import Caller
from shared.errors import Unauthenticated
from shared.staff import PASSKEYS_NEEDED
from shared.web.session_door import Sessions

COOKIE: Final = "__Host-vilkar-session"
IN_BROWSERS: Final = "desk"
IN_COMMAND_LINES: Final = "command_line"


@dataclass(frozen=True, kw_only=True)
class Session:
    """A member of staff who has logged in: the code, how many passkeys they have, and the token of the session."""

    code: str
    passkeys: int
    token: str = field(repr=False)

    @property
    def actor(self) -> Actor:
        """Who acts, as calls and the trail name it."""
        return Actor("staff", name=self.code)

    @property
    def is_complete(self) -> bool:
        """Whether the person has the keys without which nothing is allowed but to enrol one more."""
        return self.passkeys >= PASSKEYS_NEEDED


class StaffSessions(Sessions[Session]):
    """The sessions that the service staff keeps. It is asked at each request, so that an end counts at once."""

    def __init__(self, caller: Caller, *, kind: str = IN_BROWSERS) -> None:
        """`caller` reaches the service; sessions of another `kind` are none here."""
        self._caller = caller
        self._kind = kind

    def known(self, token: str) -> Session | None:
        """See `Sessions.known`. The session of a command line is none of a browser, nor the reverse."""
        try:
            holder = self._caller.ask(Authenticate(token=token))
        except Unauthenticated:
            return None
        if holder.kind != self._kind:
            return None
        return Session(code=holder.staff_code, passkeys=holder.passkeys, token=token)
