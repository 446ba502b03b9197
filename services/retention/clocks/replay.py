"""What the facts of who left and who came back mean after a restore: the same clocks, and nobody told twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final
from uuid import UUID

from services.retention.clocks import planning
from services.retention.erasure.values import Inactivation, Notice, Scope, Trigger
from shared.database import Transaction
from shared.privacy.ledger_lines import Entry, Kind

LEFT: Final = frozenset({Kind.ACCOUNT_DEACTIVATED, Kind.USER_DEACTIVATED})


class ClockReplay:
    """Begins clocks and calls them off as they were."""

    facts = LEFT | {Kind.ACCOUNT_REACTIVATED, Kind.USER_REACTIVATED}

    def __init__(self, *, awaits_early_erasure: Callable[[Transaction, UUID], bool]) -> None:
        """As for the feature `Clocks`."""
        self._awaits_early_erasure = awaits_early_erasure

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true."""
        scope, since = Scope(account_id=entry.account_id, user_id=entry.user_id), entry.instant("since")
        if entry.kind not in LEFT:
            planning.call_off(tx, scope, since, max(since, entry.at), publish=False)
            return
        if entry.data.get("by") == Trigger.EARLY_REQUEST and self._awaits_early_erasure(tx, entry.account_id):
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
