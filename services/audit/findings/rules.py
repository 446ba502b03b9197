"""How often what was found is told. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.audit.findings.values import Episode
from services.audit.unusual_use.values import USE_DETECTORS

TOLD_EVERY: Final = timedelta(hours=1)
QUIET: Final = timedelta(hours=1)
QUIET_ABOUT_ONE: Final = timedelta(hours=24)
"""One attack ends when nothing of it was seen for so long; of one person at most one a day is told."""
ABOUT_ONE: Final = frozenset(
    {"brute_force", "success_in_cluster", "unusual_origin", "unusual_country", "impossible_travel", *USE_DETECTORS}
)
LISTED: Final = 100
"""So many companies and users one event lists."""


def is_over(episode: Episode, detector: str, at: datetime) -> bool:
    """Whether what is seen now is another attack than the one remembered."""
    return at - episode.seen_at > (QUIET_ABOUT_ONE if detector in ABOUT_ONE else QUIET)


def is_told_again(episode: Episode, detector: str, at: datetime) -> bool:
    """Whether one that lasts is told once more; about one person it was told enough."""
    return detector not in ABOUT_ONE and at - episode.told_at >= TOLD_EVERY
