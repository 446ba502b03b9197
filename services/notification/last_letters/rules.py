"""Pure decisions about the last letters before an erasure."""

from __future__ import annotations

from collections.abc import Iterable

from services.notification.letter_lifecycle.rules import has_left
from services.notification.letter_lifecycle.values import State
from shared.terms import enforces
from shared.terms.clauses import erasure


@enforces(erasure.LOST_FOR_EVER)
def farewell_outcome(states: Iterable[State]) -> str | None:
    """Why the last letter of a mailing reached nobody, or None where at least one copy left."""
    seen = list(states)
    if any(has_left(state) for state in seen):
        return None
    return "given_up" if seen else "no_recipient"
