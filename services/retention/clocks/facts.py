"""What the ledger keeps of who left and who came back, and what that means after a restore.

The same clocks begin and end, and nobody is told twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final
from uuid import UUID

from services.account.deactivation.events import AccountDeactivated
from services.account.reactivation.events import AccountReactivated
from services.account.users.events import UserDeactivated, UserReactivated
from services.retention.clocks import planning
from services.retention.erasure.values import Inactivation, Notice, Scope, Trigger
from shared.database import Transaction
from shared.events import Received
from shared.privacy.ledger_lines import Entry, Fact, Kind, Value, instant


def left(message: Received[AccountDeactivated] | Received[UserDeactivated], clock_id: UUID) -> Fact:
    """Somebody left; with the version of the row afterwards, and the clock that it begins.

    So a restored database begins the same clock, not another.
    """
    event = message.event
    data: dict[str, Value] = {
        "version": f"v{message.sequence or 0}",
        "since": instant(event.deactivated_at),
        "clock_id": str(clock_id),
    }
    if event.trigger is not None:
        data["by"] = str(event.trigger)
    if isinstance(event, UserDeactivated):
        return Fact(kind=Kind.USER_DEACTIVATED, account_id=event.account_id, user_id=event.user_id, data=data)
    for name in ("notice_ends_on", "noticed_on"):
        if (day := getattr(event, name)) is not None:
            data[name] = day.isoformat()
    return Fact(kind=Kind.ACCOUNT_DEACTIVATED, account_id=event.account_id, data=data)


def returned(message: Received[AccountReactivated] | Received[UserReactivated]) -> Fact:
    """Somebody came back; with the version of the row afterwards."""
    event = message.event
    data: dict[str, Value] = {"version": f"v{message.sequence or 0}", "since": instant(message.time)}
    if isinstance(event, UserReactivated):
        return Fact(kind=Kind.USER_REACTIVATED, account_id=event.account_id, user_id=event.user_id, data=data)
    return Fact(kind=Kind.ACCOUNT_REACTIVATED, account_id=event.account_id, data=data)


# ── after a restore ──────────────────────────────────────────────────────────────────────────────────────


LEFT: Final = frozenset({Kind.ACCOUNT_DEACTIVATED, Kind.USER_DEACTIVATED})


class ClockReplay:
    """Begins clocks and calls them off as they were."""

    facts = LEFT | {Kind.ACCOUNT_REACTIVATED, Kind.USER_REACTIVATED}

    def __init__(self, *, awaits_early_erasure: Callable[[Transaction, Scope], bool]) -> None:
        """As for the feature `Clocks`."""
        self._awaits_early_erasure = awaits_early_erasure

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true."""
        scope, since = Scope(account_id=entry.account_id, user_id=entry.user_id), entry.instant("since")
        if entry.kind not in LEFT:
            planning.call_off(tx, scope, since, max(since, entry.at), publish=False)
            return
        if entry.data.get("by") == Trigger.EARLY_REQUEST and self._awaits_early_erasure(tx, scope):
            return  # its erasure is planned for then, not for three months later
        notice = Notice.of(_day(entry, "noticed_on"), _day(entry, "notice_ends_on"))
        inactivation = Inactivation(scope=scope, inactivated_at=since, notice=notice)
        clock_id = entry.uuid("clock_id") if "clock_id" in entry.data else None
        planning.plan(tx, inactivation, entry.at, clock_id=clock_id, publish=False)

    def verify(self, _tx: Transaction, _entry: Entry) -> bool:
        """Nothing contradicts it: the account service is asked again before anything is erased."""
        return True


def _day(entry: Entry, name: str) -> date | None:
    return entry.day(name) if name in entry.data else None
