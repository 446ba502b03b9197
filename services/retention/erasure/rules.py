"""What holds for every erasure: from which state it may go on, and how it is called off."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.retention.erasure.events import ErasureCancelled, ErasureScheduled
from services.retention.erasure.values import REVOCABLE, Cancellation, Erasure, Move, State
from shared.errors import Permanent
from shared.events import Code
from shared.terms.clauses.erasure import ERASE_AFTER_INACTIVE, LIFE_CYCLE_BY_LAW
from shared.terms.rule_registry import enforces


class WrongStateError(Permanent):
    """The erasure is not in a state in which this can happen to it."""


class UnknownParticipantError(Permanent):
    """A service that was not asked to erase says that it has."""


@enforces(ERASE_AFTER_INACTIVE)
def cancel(erasure: Erasure, reason: Cancellation, now: datetime) -> Move:
    """Call an erasure off; raise `WrongStateError` once anything of it may have been destroyed."""
    expect(erasure, *REVOCABLE)
    after = enter(erasure, State.CANCELLED, now, cancellation=reason)
    return Move(after, (cancelled_event(after),))


@enforces(ERASE_AFTER_INACTIVE)
def cancelled_event(erasure: Erasure) -> ErasureCancelled:
    """What the world is told of an erasure that was called off; raise `WrongStateError` where it was not."""
    if erasure.cancellation is None:
        raise WrongStateError("this erasure was not called off")
    return ErasureCancelled(
        clock_id=erasure.id,
        account_id=erasure.scope.account_id,
        user_id=erasure.scope.user_id,
        reason=Code(erasure.cancellation.value),
    )


@enforces(LIFE_CYCLE_BY_LAW)
def scheduled_event(planned: Erasure) -> ErasureScheduled:
    """What the world is told of an erasure that was planned."""
    return ErasureScheduled(
        clock_id=planned.id,
        account_id=planned.scope.account_id,
        user_id=planned.scope.user_id,
        trigger=Code(planned.trigger.value),
        started_on=planned.started_on,
        due_on=planned.due_on,
    )


def enter(erasure: Erasure, state: State, at: datetime, **changes: Any) -> Erasure:
    """The erasure in another state from now on."""
    return replace(erasure, state=state, entered_at=at, **changes)


def expect(erasure: Erasure, *states: State) -> None:
    """Raise `WrongStateError` where the erasure is in none of these states."""
    if erasure.state not in states:
        raise WrongStateError(f"this cannot happen to an erasure that is {erasure.state}")
