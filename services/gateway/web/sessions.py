"""Who of a customer is there: the session that a browser shows, and what tells whether it is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.account.login.calls import Authenticate
from services.gateway.app import Session, ask
from shared.calls import Caller
from shared.errors import Invalid, Unauthenticated
from shared.web.session_door import Sessions

COOKIE: Final = "__Host-vilkar-session"


@dataclass(frozen=True)
class CustomerSessions(Sessions[Session]):
    """The sessions that the service account keeps. It is asked at each request, so that an end counts at once."""

    caller: Caller

    def known(self, token: str) -> Session | None:
        """See `Sessions.known`."""
        try:
            holder = ask(self.caller, Authenticate(token=token))
        except (Invalid, Unauthenticated):
            return None
        return Session(account_id=holder.account_id, user_id=holder.user_id, role=holder.role, token=token)
