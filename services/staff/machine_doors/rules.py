"""By when two persons have seen what was done on the machine. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.staff.machine_doors.values import DoorUse
from shared.errors import Conflict
from shared.terms import enforces
from shared.terms.clauses import protection

SEEN_WITHIN: Final = timedelta(hours=24)


def due_at(use: DoorUse) -> datetime:
    """By when it is countersigned."""
    return use.used_at + SEEN_WITHIN


def overdue_before(now: datetime) -> datetime:
    """What was used before then and is not countersigned is overdue."""
    return now - SEEN_WITHIN


@enforces(protection.AUTHORISED_STAFF_ONLY)
def check_waits(use: DoorUse) -> None:
    """Raise `Conflict` where two persons have countersigned it already."""
    if use.countersigned_at is not None:
        raise Conflict("Two persons have countersigned it already.", details={"reason": "countersigned"})
