"""The check of whom a call claims to act for, and the word about it to the audit trail.

A customer's actor must besides be the one of the session that comes with the call, wherever the called service
knows sessions: an id alone proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from shared import log
from shared.bus import metrics
from shared.bus.actors import kind_of, may_claim
from shared.bus.every_service_events import ClaimRefused
from shared.bus.refusal_tally import Tally, code_or_other
from shared.errors import Forbidden, Unauthenticated
from shared.events import Code
from shared.identifiers import new_id

FIELDS: Final = ("actor", "approved_by", "checked_by")
"""The arguments of calls in which a caller says who acts."""

_log = log.get("bus.claims")


class Claims:
    """Looks at the claims of the calls that one service answers, and tells the audit trail of what it refuses."""

    def __init__(self, *, actor_of_session: Callable[[str], str | None] | None = None) -> None:
        """`actor_of_session` says whose a session is, None where it is nobody's; without it no session is asked."""
        self._actor_of_session = actor_of_session
        self._tally = Tally(_refused)
        self.tell = self._tally.tell

    def check(self, *, user: str, header: str | None, session: str | None, fields: Mapping[str, Any]) -> None:
        """Raise `Forbidden` for a claim beyond the caller's rights, `Unauthenticated` for another's session."""
        named = {name: str(fields[name]) for name in FIELDS if fields.get(name) is not None}
        for actor in dict.fromkeys([*([header] if header else []), *named.values()]):
            if not may_claim(user, actor):
                self._refuse(user, actor)
                raise Forbidden("who calls may not act for this actor", details={"reason": "claim_refused"})
        customers = {actor for actor in named.values() if kind_of(actor) == "user"}
        if customers and self._actor_of_session is not None:
            holder = self._actor_of_session(session) if session else None
            if session is None or (holder is not None and customers != {holder}):
                self._refuse(user, "user")
            if customers != {holder}:
                raise Unauthenticated  # without a word where the session has only just ended

    def _refuse(self, user: str, actor: str) -> None:
        caller, kind = user or "unnamed", kind_of(actor)
        metrics.CLAIMS_REFUSED.labels(caller, kind).inc()
        _log.error("claim_refused", caller=caller, claimed=kind)
        self._tally.note((caller, kind))


def _refused(kind: tuple[str, str], count: int) -> ClaimRefused:
    caller, claimed = kind
    return ClaimRefused(report_id=new_id(), caller=code_or_other(caller), claimed=Code(claimed), count=count)
