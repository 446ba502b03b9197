"""What is known to be missing from a promise although part of it is enforced and checked.

A clause with a gap is not yet kept, however many of its checks pass.  Whoever closes a gap removes it here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Gap:
    """A part of a promise that nothing enforces yet."""

    clause_id: str
    missing: str


GAPS: Final[tuple[Gap, ...]] = (
    Gap("RIGHTS-1", "only logins are handed out: what else is stored about somebody is not gathered on request"),
    Gap(
        "RIGHTS-2", "the program makes no copy: it notes the request and its last day, and a person makes the files"
    ),
    Gap("RIGHTS-4", "an objection to other processing than letters is not decided by anybody"),
    Gap("RIGHTS-7", "owners are written to first, but requests of their users are not taken in and passed on"),
    Gap("SCAN-1", "holes in web pages and overload attacks are not looked for"),
    Gap("STAFF-1", "authority is not granted person by person, and looks at other data than logins leave no trace"),
    Gap("WATCH-1", "patterns across accounts and addresses are not reported"),
    Gap("SUSPECT-1", "an account under suspicion is shown to a person, but cannot be suspended as such"),
    Gap("SUSPECT-2", "no attempt to reach the customer is recorded; nothing is deleted on suspicion so far"),
    Gap("BACKUP-1", "a copy lies elsewhere only once VILKAR_BACKUP_TARGET names a place elsewhere"),
    Gap("PARTY-2", "orders for licences are not written to Tripletex"),
)
