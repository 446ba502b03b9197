"""Which alarms are one. Pure."""

from __future__ import annotations

import hashlib
from typing import Final

from shared.terms.clauses.monitoring import HOST_REPORTS_ATTACKS
from shared.terms.rule_registry import enforces

OF_MACHINES: Final = frozenset({"host", "vendor", "detector"})
"""Sources that say the same thing again and again while it lasts: one open case takes it all in."""
KEPT_APART_MOST: Final = 1000
"""So many alarms of one case are remembered by their numbers; what comes after them is counted."""


@enforces(HOST_REPORTS_ATTACKS)
def join_key(source: str, signal: str) -> str | None:
    """By which an alarm goes into the open case of the same thing; None where each is a case of its own."""
    return f"{source}:{signal}" if source in OF_MACHINES else None


def digest_of(source: str, external_id: str) -> bytes:
    """By which an alarm that comes twice is known; the number itself, whatever is in it, is not kept."""
    return hashlib.sha256(f"{source}\n{external_id}".encode()).digest()
