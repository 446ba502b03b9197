"""When the three months begin, when somebody's return ends them, and when a reminder of the date is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.retention.clocks.events import ErasureReminderDue
from services.retention.erasure.due_dates import due_date
from services.retention.erasure.rules import cancel, scheduled_event
from services.retention.erasure.values import (
    REVOCABLE,
    Cancellation,
    Erasure,
    Inactivation,
    Limits,
    Move,
    Scope,
    State,
)
from shared import calendar
from shared.terms.clauses.erasure import ERASE_AFTER_INACTIVE, ERASE_AFTER_NOTICE
from shared.terms.rule_registry import enforces
from shared.wait_bounds import noted_by


@enforces(ERASE_AFTER_INACTIVE, ERASE_AFTER_NOTICE)
def plan_erasure(
    inactivation: Inactivation,
    *,
    new_id: UUID,
    known: Sequence[Erasure],
    now: datetime,
    limits: Limits,
    returned_at: datetime | None = None,
) -> tuple[Move, ...]:
    """Start the three months for what became inactive; empty when they run already or it is too late for them.

    `known` holds every erasure of the same scope and of its account: once the account's is past its fence, no clock
    of a user is left behind.  An inactivation later than a running clock's means that the customer had come back in
    between: the running one is called off and a full new period begins.  `returned_at` is when the scope came back
    last; an inactivation from before that is over, however late it is heard of.
    """
    same = [each for each in known if each.scope == inactivation.scope]
    beyond = any(
        each.state not in REVOCABLE | {State.CANCELLED}
        for each in known
        if each.scope.account_id == inactivation.scope.account_id
        and (each.scope.is_account or each.scope == inactivation.scope)
    )
    # A return dated ahead of now was dated by a clock that was wrong, and would keep a clock from ever starting.
    is_over = returned_at is not None and returned_at > inactivation.inactivated_at and noted_by(returned_at, now)
    if beyond or is_over or any(each.started_at >= inactivation.inactivated_at for each in same):
        return ()
    stale = [each for each in same if each.state in REVOCABLE]
    return (
        *(cancel(each, Cancellation.STARTED_ANEW, now) for each in stale),
        _scheduled(inactivation, new_id, now, limits),
    )


@enforces(ERASE_AFTER_INACTIVE)
def call_off(known: Iterable[Erasure], scope: Scope, reactivated_at: datetime, now: datetime) -> tuple[Move, ...]:
    """Call off every erasure of exactly this scope that began before the reactivation and destroyed nothing yet.

    A user deactivated before the account stays inactive when the account comes back, and so does that user's clock.
    """
    return tuple(
        cancel(each, Cancellation.REACTIVATED, now)
        for each in known
        if each.scope == scope and each.state in REVOCABLE and each.started_at <= reactivated_at
    )


@enforces(ERASE_AFTER_INACTIVE)
def is_clock_of(erasure: Erasure, inactivation: Inactivation) -> bool:
    """Whether this is the clock that the inactivation begins, and nothing has come of it yet."""
    return (
        erasure.state is State.SCHEDULED
        and erasure.completes is None
        and (erasure.scope, erasure.trigger) == (inactivation.scope, inactivation.trigger)
        and erasure.started_at == inactivation.inactivated_at
    )


@enforces(ERASE_AFTER_INACTIVE)
def was_called_off_for(erasure: Erasure, scope: Scope, reactivated_at: datetime) -> bool:
    """Whether the clock was called off because of this return and not of an earlier one."""
    return (
        erasure.scope == scope
        and erasure.cancellation is Cancellation.REACTIVATED
        and erasure.started_at <= reactivated_at <= erasure.entered_at
    )


@enforces(ERASE_AFTER_INACTIVE)
def remind(erasure: Erasure, now: datetime, limits: Limits) -> Move | None:
    """Remind of the coming erasure where a planned date has been reached, or return None.

    Dates missed while nothing ran are made good by one reminder that tells the days that are really left.
    """
    today = calendar.oslo_date(now)
    if erasure.state is not State.SCHEDULED or today >= erasure.due_on:
        return None
    planned = calendar.reminder_dates(erasure.started_on, erasure.due_on, limits.reminder_days)
    reached = [day for day in planned if day <= today and day not in erasure.reminded_on]
    if not reached:
        return None
    event = ErasureReminderDue(
        clock_id=erasure.id,
        account_id=erasure.scope.account_id,
        user_id=erasure.scope.user_id,
        due_on=erasure.due_on,
        days_left=calendar.days_between(today, erasure.due_on),
    )
    return Move(replace(erasure, reminded_on=(*erasure.reminded_on, *reached)), (event,))


def _scheduled(inactivation: Inactivation, new_id: UUID, now: datetime, limits: Limits) -> Move:
    scope = inactivation.scope
    planned = Erasure(
        id=new_id,
        scope=scope,
        trigger=inactivation.trigger,
        started_at=inactivation.inactivated_at,
        started_on=inactivation.counted_from,
        due_on=due_date(inactivation, limits),
        noticed_on=inactivation.notice.noticed_on if inactivation.notice else None,
        entered_at=now,
    )
    return Move(planned, (scheduled_event(planned),))
