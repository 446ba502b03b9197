"""How long a copy is there, when it is tried again, and who may have it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from services.account.accounts.values import AccountState, UserState
from services.account.exports.values import Export, ExportState
from shared.errors import Conflict, Forbidden, NotFound
from shared.participation.export_values import ORDER_KEPT
from shared.terms import enforces
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
FIRST_RETRY: Final = timedelta(seconds=2)
LAST_RETRY: Final = timedelta(minutes=10)
MOST_DOUBLINGS: Final = 12
LATE: Final = timedelta(hours=1)
"""A copy that is not ready by then waits for a person."""
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {"export.next_at": LAST_RETRY + LEASE, "export_part.next_at": LAST_RETRY + LEASE}
)
"""How far ahead the instants that something waits for may lie. What lies further ahead has come."""


def available_until(ready_at: datetime) -> datetime:
    """From when on the copy is gone."""
    return ready_at + AVAILABLE


@enforces(RIGHT_OF_ACCESS, RIGHT_OF_PORTABILITY)
def check_fetched(export: Export | None, user: UserState, now: datetime) -> Export:
    """The copy that this user may fetch now.

    Raises `NotFound` for what is somebody else's, or over: that is decided here, and not by whoever tidies up.
    `Conflict` while a part is missing: there is no half copy. `Forbidden` for the company's once its reader is no
    owner any more.
    """
    if export is None or export.account_id != user.account_id or export.asked_by != user.id:
        raise NotFound("there is no such copy")
    if is_over(export, now):
        raise NotFound("there is no such copy")
    if export.user_id is None:
        check_owner(user)
    if export.state is not ExportState.READY:
        raise Conflict("the copy is not ready", details={"reason": "export_not_ready"})
    return export


def is_over(export: Export, now: datetime) -> bool:
    """Whether the copy counts as gone: a week after it was ready, or was asked for in vain.

    What a wrong clock dated ahead is over as well.
    """
    since = export.ready_at or export.asked_at
    kept = AVAILABLE if export.ready_at else ORDER_KEPT
    return now >= since + kept or not noted_by(since, now)


def check_owner(user: UserState) -> None:
    """Raises `Forbidden` for who is no active owner: the company's copy is for those who answer for it."""
    if user.role != "owner" or user.state != "active":
        raise Forbidden("only an owner of the account gets the copy of the company")


def is_same(export: Export, now: datetime) -> bool:
    """Whether asking again is answered with this copy."""
    return not is_over(export, now) and now < export.asked_at + SAME


@enforces(RIGHT_OF_ACCESS)
def proof_refusal(account: AccountState, user: UserState) -> str | None:
    """Why this user gets nothing with the right password; None where they do, be account and user inactive.

    Neither a hold nor a restriction keeps anybody from a copy of what is held on them. An account that the vendor
    has closed to protect it is not opened by a password that somebody else may have.
    """
    if account.blocked:
        return "account_blocked"
    return None if user.confirmed else "unconfirmed"


def next_try(tries: int, now: datetime) -> datetime:
    """When a part is asked for again that came to nothing `tries` times in a row."""
    pause: timedelta = FIRST_RETRY * (1 << min(tries, MOST_DOUBLINGS))
    return now + min(pause, LAST_RETRY)
