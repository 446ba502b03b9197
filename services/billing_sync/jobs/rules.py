"""When work towards Tripletex is tried, and when it is given up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from shared.terms import enforces
from shared.terms.clauses import erasure
from shared.wait_bounds import LONGEST_WAIT, bounded, is_leased

ATTEMPTS: Final = 12
PAUSES_SECONDS: Final = (2, 5, 15, 60, 300, 900, 3600)
LEASE: Final = timedelta(seconds=120)
LEASE_MARGIN: Final = timedelta(seconds=20)
"""Longer than one call takes: what is begun within the lease ends within it."""
LATE_AFTER: Final = timedelta(minutes=15)
"""Work that is wanted for so long is told: Tripletex does not answer, or asks to wait."""
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {"job.due_at": 2 * LONGEST_WAIT, "job.lease_until": 5 * LEASE}
)
"""How far ahead the instants that work waits for may lie. What lies further ahead has come."""


def next_try(attempts: int, now: datetime, *, asked: timedelta | None, jitter: float) -> datetime:
    """When a failed job is tried again. `jitter` is between 0 and 1; what the vendor asked for is respected."""
    pause = timedelta(seconds=PAUSES_SECONDS[min(attempts, len(PAUSES_SECONDS)) - 1])
    return bounded(now + max(pause * (0.5 + jitter / 2), asked or timedelta()), now, LONGEST_WAIT)


@enforces(erasure.ERASE_AFTER_INACTIVE)
def may_still_write(lease_until: datetime, now: datetime) -> bool:
    """Whether a job's worker may change something at Tripletex.

    Past its lease somebody else may be at the same account, or may have minimised it: a late write would make
    the customer twice, or bring back what was erased.
    """
    return is_leased(lease_until - LEASE_MARGIN, now, LEASE)
