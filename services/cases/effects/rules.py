"""When an effect is tried again, and when that ends. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from services.cases.effects.values import Outcome
from services.cases.engine.values import Effect, EffectState
from shared.errors import Conflict
from shared.wait_bounds import LONGEST_WAIT

TRIES_MOST: Final = 30
"""The pauses double from a second up to an hour: some nineteen hours from the first try to the last."""
FIRST_PAUSE: Final = timedelta(seconds=1)
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType({"case_effect.next_at": LONGEST_WAIT})

NOT_CONFIRMED: Final = "not_confirmed"


def after(effect: Effect, outcome: Outcome, now: datetime) -> Effect:
    """The effect after a try that went well."""
    if outcome is Outcome.CONFIRMED:
        return replace(effect, tries=effect.tries + 1, next_at=None, last_error=None, confirmed_at=now)
    if outcome is Outcome.PROGRESSED:
        return replace(effect, tries=0, next_at=now, last_error=None)
    return after_failure(effect, NOT_CONFIRMED, now)


def after_failure(effect: Effect, error: str, now: datetime) -> Effect:
    """The effect after a try that came to nothing: tried again after a pause, or given up."""
    tries = effect.tries + 1
    pause = min(FIRST_PAUSE * 2 ** min(effect.tries, TRIES_MOST), LONGEST_WAIT)
    return replace(effect, tries=tries, next_at=now + pause if tries < TRIES_MOST else None, last_error=error)


def begun_again(effect: Effect, now: datetime) -> Effect:
    """The effect after a person has seen to why it failed. Raises `Conflict` for one that is not given up."""
    if effect.state is not EffectState.GIVEN_UP:
        raise Conflict("it was not given up", details={"reason": effect.state.value})
    return replace(effect, tries=0, next_at=now)
