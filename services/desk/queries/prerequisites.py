"""Until when what somebody needs before they may do anything counts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.staff.prerequisites.calls import KINDS, PrerequisiteShown, PrerequisitesShown


def counting(shown: PrerequisitesShown) -> Mapping[str, PrerequisiteShown | None]:
    """Of each kind the one that counts longest, None of which none counts now."""
    live = [each for each in shown.prerequisites if each.live]
    return MappingProxyType(
        {
            kind: max((each for each in live if each.kind == kind), key=lambda each: each.expires_at, default=None)
            for kind in KINDS
        }
    )
