"""Pure decisions about addresses that get no letters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from services.notification.letters.values import LetterKind
from services.notification.suppressions.values import Suppression, SuppressionKind
from shared.terms import enforces
from shared.terms.clauses import messages, protection
from shared.wait_bounds import AHEAD, is_due

BOUNCE_STEPS: Final = tuple(timedelta(days=days) for days in (1, 7, 30, 90))
"""For how long an address gets no letters after its first, second, … bounce: one may be wrong."""
SUPPRESSED_AT_MOST: Final = BOUNCE_STEPS[-1] + AHEAD
WAITS: Final = MappingProxyType({"suppression.ends_at": SUPPRESSED_AT_MOST, "suppression.tried_at": AHEAD})
ASKED_AGAIN_AFTER: Final = {
    SuppressionKind.BOUNCE: timedelta(minutes=5),
    SuppressionKind.COMPLAINT: timedelta(hours=24),
}
"""How often a letter that somebody asks for goes to a suppressed address all the same."""


@enforces(protection.CONFIDENTIAL_AND_CORRECT)
def bounce_ends_at(times: int, now: datetime) -> datetime:
    """Until when an address gets no letters after its bounce number `times`."""
    return now + BOUNCE_STEPS[min(max(times, 1), len(BOUNCE_STEPS)) - 1]


@enforces(messages.NECESSARY_LETTERS_STILL_GO)
def suppressed_for(
    kind: LetterKind, suppressions: Iterable[Suppression], now: datetime
) -> frozenset[SuppressionKind]:
    """Why the address gets not even this letter now.

    A bounce holds for its time, a complaint for ever. Whoever asks for a letter says that they read there, so it
    goes all the same, but no oftener than `ASKED_AGAIN_AFTER`. What a wrong clock wrote holds back nothing.
    """

    def holds(each: Suppression) -> bool:
        if each.ends_at is not None and is_due(each.ends_at, now, SUPPRESSED_AT_MOST):
            return False
        pause = ASKED_AGAIN_AFTER[each.kind]
        waited = each.tried_at is None or is_due(each.tried_at + pause, now, pause + AHEAD)
        return not (kind.asked_for and waited)

    return frozenset(each.kind for each in suppressions if holds(each))
