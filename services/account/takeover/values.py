"""What a user is told of a suspicious log-in, by what the audit service saw."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

TAKEN_OVER: Final = "taken_over"
SUSPICION_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "brute_force": "guessing",
        "unusual_origin": "new_origin",
        "unusual_country": "new_origin",
        "impossible_travel": "far_away",
        "success_in_cluster": TAKEN_OVER,
    }
)
"""By detector. What concerns a network or a company and no user in particular, is for staff to look at."""
SUSPICIONS: Final = tuple(dict.fromkeys(SUSPICION_OF.values()))
