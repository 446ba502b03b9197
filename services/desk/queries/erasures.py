"""How far erasures are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.retention.monitoring.calls import ErasureShown

OVER: Final = ("certified", "cancelled")
"""States from which an erasure does not go on."""


def under_way(erasures: Iterable[ErasureShown]) -> list[ErasureShown]:
    """Those that go on, or will."""
    return [each for each in erasures if each.state not in OVER]
