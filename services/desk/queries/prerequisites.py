"""Until when what somebody needs before they may do anything counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from services.staff.prerequisites.calls import KINDS, OwnPrerequisites, PrerequisiteShown, PrerequisitesShown


def counting(
    asked: Callable[[OwnPrerequisites], PrerequisitesShown], token: str
) -> Mapping[str, PrerequisiteShown | None]:
    """Of each kind the one of the holder of the session that counts longest, None of which they have none now."""
    live = [each for each in asked(OwnPrerequisites(token=token)).prerequisites if each.live]
    return MappingProxyType(
        {
            kind: max((each for each in live if each.kind == kind), key=lambda each: each.expires_at, default=None)
            for kind in KINDS
        }
    )
