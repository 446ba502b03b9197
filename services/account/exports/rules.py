"""How long a copy is there, when it is tried again, and who may have it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from services.account.accounts.rules import blocked, is_estate, only_the_trustee
from services.account.accounts.values import AccountState, UserState
from services.account.exports.values import Export, ExportState
from shared.errors import Conflict, Forbidden, NotFound
from shared.participation.export_values import ORDER_KEPT
from shared.terms import enforces
from shared.terms.clauses.documents import DPA_WITH_THE_ACCOUNT
from shared.terms.clauses.rights import RIGHT_OF_ACCESS, RIGHT_OF_PORTABILITY
from shared.wait_bounds import noted_by

AVAILABLE: Final = timedelta(days=7)
"""So long a copy can be fetched once it is ready."""
SAME: Final = timedelta(hours=24)
"""Asked for again within this time, it is the same copy."""
OPENED: Final = timedelta(minutes=15)
"""So long a file may be read after the password was proved."""
LEASE: Final = timedelta(minutes=5)
"""So long whoever collects a part, or packs a copy, has it for itself."""
ROUND: Final = timedelta(minutes=3)
"""So long a process begins further parts of those it has; the rest it lets go, well within the lease."""
TURN: Final = timedelta(seconds=30)
"""So long pages of one part are fetched before another has its turn."""
FIRST_RETRY: Final = timedelta(seconds=2)
LAST_RETRY: Final = timedelta(minutes=10)
MOST_DOUBLINGS: Final = 12
UNHEARD: Final = 5
RETOLD: Final = 6
"""After a minute in vain an order is told anew, and then about once an hour."""
LATE: Final = timedelta(hours=1)
"""A copy that is not ready by then waits for a person."""
HANDED_OVER: Final = timedelta(days=3)
"""A copy that is not ready by then becomes a case: a person has most of its month left to answer it."""
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {"export.next_at": LAST_RETRY + LEASE, "export_part.next_at": LAST_RETRY + LEASE}
)
"""How far ahead the instants that something waits for may lie. What lies further ahead has come."""


def available_until(ready_at: datetime) -> datetime:
    """From when on the copy is gone."""
    return ready_at + AVAILABLE


@enforces(RIGHT_OF_ACCESS, RIGHT_OF_PORTABILITY)
def check_fetched(export: Export | None, account: AccountState, user: UserState, now: datetime) -> Export:
    """The copy that this user may fetch now.

    Raises `NotFound` for what is somebody else's, or over: that is decided here, and not by whoever tidies up.
    `Conflict` while a part is missing, for there is no half copy, and for one that was withdrawn. For the company's
    what `check_company_copy` raises, once its reader may not have it any more.
    """
    if export is None or export.account_id != user.account_id or export.asked_by != user.id:
        raise NotFound("there is no such copy")
    if is_over(export, now):
        raise NotFound("there is no such copy")
    if export.user_id is None:
        check_company_copy(account, user)
    if export.state is ExportState.WITHDRAWN:
        raise Conflict("the copy was withdrawn and is made anew", details={"reason": "export_withdrawn"})
    if export.state is not ExportState.READY:
        raise Conflict("the copy is not ready", details={"reason": "export_not_ready"})
    return export


def is_over(export: Export, now: datetime) -> bool:
    """Whether the copy counts as gone: a week after it was ready, or withdrawn and ordered anew.

    One that never came to that is gone ninety days after it was asked for, and never before a person has its case.
    What a wrong clock dated ahead is over as well.
    """
    if export.ready_at or (export.withdrawn_at and export.renewed_at):
        since, kept = export.ready_at or export.withdrawn_at or export.asked_at, AVAILABLE
    elif export.handed_over_at is None:
        return False
    else:
        since, kept = export.asked_at, ORDER_KEPT
    return now >= since + kept or not noted_by(since, now)


@enforces(RIGHT_OF_ACCESS, RIGHT_OF_PORTABILITY)
def handed_over_before(now: datetime) -> datetime:
    """What was asked for before then and is not ready is handed over to a person, who answers for it in time."""
    return now - HANDED_OVER


@enforces(RIGHT_OF_ACCESS, DPA_WITH_THE_ACCOUNT)
def check_company_copy(account: AccountState, user: UserState) -> None:
    """Raises where this user may not have the company's copy, in which others are: it is for who answers for it.

    `Forbidden` for who is no active owner. `Locked` while the account is closed to protect it, `Conflict` once the
    company is bankrupt: then it is the trustee's to ask for.
    """
    if user.role != "owner" or user.state != "active":
        raise Forbidden("only an owner of the account gets the copy of the company")
    if account.blocked:
        raise blocked()
    if is_estate(account):
        raise only_the_trustee()


def is_same(export: Export, now: datetime, *, anew: bool) -> bool:
    """Whether asking again is answered with this copy.

    One that is being made is, and with `anew` one that was asked for within a day. Without it one that is ready is
    as long as it is there: whoever cannot log in has no list to find it in.
    """
    if export.state is ExportState.WITHDRAWN or is_over(export, now):
        return False
    return not anew or export.state is ExportState.COLLECTING or now < export.asked_at + SAME


@enforces(RIGHT_OF_ACCESS)
def proof_refusal(account: AccountState, user: UserState) -> str | None:
    """Why this user gets nothing with the right password; None where they do, be account and user inactive.

    Neither a hold nor a restriction, nor a company that the vendor has closed, keeps anybody from a copy of what is
    held on them (article 15). Where somebody else may have the password a new one is asked for, of that user alone.
    """
    del account  # whatever state it is in; the company's own copy has rules of its own
    return None if user.confirmed else "unconfirmed"


def tells_anew(tries: int) -> bool:
    """Whether a contributor that does not know the order is told of it again, having said so `tries` times before.

    Its database may have been set back behind the order; then it would say so for ever.
    """
    return tries >= UNHEARD and (tries - UNHEARD) % RETOLD == 0


def next_try(tries: int, now: datetime) -> datetime:
    """When a part is asked for again that came to nothing `tries` times in a row."""
    pause: timedelta = FIRST_RETRY * (1 << min(tries, MOST_DOUBLINGS))
    return now + min(pause, LAST_RETRY)
