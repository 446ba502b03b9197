"""What the desk turned away at its door, counted by reason and told to the audit trail through the service staff.

Nobody is named, for nobody is known: a form of another site, or the file of a session that has ended. The first of
a reason is told within seconds, what follows with its number ten minutes later. While staff is away numbers grow.
"""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Final

from services.staff.sessions.calls import REFUSED_MOST, TellRequestsRefused
from shared import log
from shared.bus.refusal_tally import SECONDS, Counts
from shared.calls import Caller
from shared.clock import Clock
from shared.context import Context, working_in
from shared.errors import Forbidden
from shared.http.bodies import InvalidToken
from shared.identifiers import new_id
from shared.web.csrf import ForeignOrigin, FormNotOurs

BY_KIND: Final[dict[type[Exception], str]] = {
    ForeignOrigin: "foreign_origin",
    FormNotOurs: "form_not_ours",
    InvalidToken: "session_unknown",
}
BY_DETAIL: Final = frozenset({"foreign_origin", "browser_needed"})
"""Reasons that the interface for programs gives."""

logger = log.get("desk")


def reason_of(error: Exception) -> str | None:
    """Why a request was turned away at the door; None for whatever else went wrong."""
    if type(error) in BY_KIND:
        return BY_KIND[type(error)]
    reason = error.details.get("reason") if isinstance(error, Forbidden) else None
    return reason if reason in BY_DETAIL else None


class RequestsRefused:
    """Counts, and tells. Safe to share between threads."""

    def __init__(self) -> None:
        """Nothing was refused yet."""
        self._counts: Counts[str] = Counts()

    def note(self, error: Exception) -> None:
        """Count it where it is such a refusal."""
        reason = reason_of(error)
        if reason is not None:
            self._counts.note(reason)

    def tell(self, caller: Caller, now: datetime) -> None:
        """Tell what is to be told by now. Raises what asking raises: what was not told stays counted."""
        for reason, count in self._counts.due(now):
            with working_in(Context(correlation_id=new_id(), actor="public")):
                caller.ask(TellRequestsRefused(reason=reason, count=min(count, REFUSED_MOST)))
            self._counts.told(reason, count, now)

    def tell_until(self, stopped: threading.Event, caller: Caller, clock: Clock) -> None:
        """Tell every few seconds until the process stops."""
        while not stopped.wait(SECONDS):
            try:
                self.tell(caller, clock.now())
            except Exception as error:  # what cannot be told now is counted on, and told later
                logger.warning("what was turned away is not told yet", exc_info=error)
