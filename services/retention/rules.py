"""When something is erased, when it is not, and in what order: decisions only, nothing is done here.

Every function takes `now` and the figures in force (`limits_on(erasure.promised_on)`), and returns values.  The
order is fixed: announce, fence the keys, let every participant erase, destroy the keys, certify.  Until the fence
all can be called off; after it nothing can, and nobody is told "erased" before the last participant has confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from services.retention import events
from services.retention.values import (
    FINISHED,
    HELD,
    RETAINABLE,
    REVOCABLE,
    Action,
    Answer,
    Cancellation,
    Erasure,
    HeldPart,
    Inactivation,
    Limits,
    Move,
    Outcome,
    RunPlan,
    Scope,
    Standing,
    State,
    Step,
    Trigger,
    Verdict,
)
from shared import calendar
from shared.errors import Permanent
from shared.events import Code
from shared.hold_scope import Held
from shared.participation.events import ErasureOrdered
from shared.terms.erasure import (
    EARLY_ERASURE_IN_WRITING,
    ERASE_AFTER_INACTIVE,
    ERASE_AFTER_NOTICE,
    HOLD_IN_DISPUTE,
    LIFE_CYCLE_BY_LAW,
    LOST_FOR_EVER,
    NEVER_RESTORED,
)
from shared.terms.registry import enforces
from shared.waits import AHEAD, bounded, noted_by

STANDING_MAX_AGE: Final = timedelta(seconds=60)
"""An older answer of the account service decides nothing."""


class WrongStateError(Permanent):
    """The erasure is not in a state in which this can happen to it."""


LOOK_AT_LEAST: Final = timedelta(hours=1)
"""Erasures under way are looked at so often, whatever they wait for."""
WAITS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        "erasure.next_at": 2 * LOOK_AT_LEAST,
        "erasure.lease_until": timedelta(minutes=5),
        "early_request.next_at": timedelta(minutes=10),
    }
)
"""How far ahead the instants that an erasure waits for may lie. What lies further ahead has come."""


class UnknownParticipantError(Permanent):
    """A service that was not asked to erase says that it has."""


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
def supersede(account_erasure: Erasure, known: Iterable[Erasure], now: datetime) -> tuple[Move, ...]:
    """Call off what the erasure of a whole account, once past its fence, includes: those of its single users."""
    if not account_erasure.scope.is_account or account_erasure.state in REVOCABLE | {State.CANCELLED}:
        raise WrongStateError("only the erasure of an account that is past its fence includes those of its users")
    return tuple(
        cancel(each, Cancellation.SUPERSEDED, now)
        for each in known
        if each.scope.account_id == account_erasure.scope.account_id and each.state in REVOCABLE
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
    event = events.ErasureReminderDue(
        clock_id=erasure.id,
        account_id=erasure.scope.account_id,
        user_id=erasure.scope.user_id,
        due_on=erasure.due_on,
        days_left=calendar.days_between(today, erasure.due_on),
    )
    return Move(replace(erasure, reminded_on=(*erasure.reminded_on, *reached)), (event,))


@enforces(ERASE_AFTER_INACTIVE)
def may_execute(erasure: Erasure, standing: Standing | None, now: datetime, limits: Limits) -> Verdict:
    """Say whether the erasure may be executed now, judged anew by what the account service says.

    Whoever is active again is never erased, whatever events were lost; whoever was made inactive again since has a
    full new period.  Where the account service knows nothing, only a person's release lets it go on.
    """
    if now < opens_at(erasure, limits):
        return Verdict.TOO_EARLY
    if standing is None or now - standing.asked_at > STANDING_MAX_AGE:
        return Verdict.ASK
    if standing.state == "active":
        return Verdict.CAME_BACK
    if standing.state is None or standing.inactivated_at is None:
        return Verdict.MAY if erasure.released else Verdict.UNKNOWN
    if standing.inactivated_at <= erasure.started_at:
        return Verdict.MAY
    notice = standing.notice if standing.ended_by_notice else None
    again = Inactivation(scope=erasure.scope, inactivated_at=standing.inactivated_at, notice=notice)
    due_again = due_date(again, limits)
    waits_anew = now < calendar.erasure_opens(due_again, limits.day_offset)
    return Verdict.STARTED_ANEW if waits_anew else Verdict.MAY


@enforces(ERASE_AFTER_INACTIVE, ERASE_AFTER_NOTICE, EARLY_ERASURE_IN_WRITING)
def opens_at(erasure: Erasure, limits: Limits) -> datetime:
    """The instant from which an erasure may be carried out; one asked for early has no date to wait for."""
    if erasure.trigger is Trigger.EARLY_REQUEST:
        return erasure.started_at
    return calendar.erasure_opens(erasure.due_on, limits.day_offset)


@enforces(ERASE_AFTER_INACTIVE, ERASE_AFTER_NOTICE)
def due_date(inactivation: Inactivation, limits: Limits) -> date:
    """The date of the erasure: so many months after the inactivation, or after the last day of notice (C2, C6)."""
    if inactivation.notice is not None:
        return calendar.erasure_due_after_notice(inactivation.notice.ends_on, limits.months)
    return calendar.erasure_due(inactivation.inactivated_at, limits.months)


@enforces(LIFE_CYCLE_BY_LAW)
def brake(due: Sequence[Erasure], *, already_there: int, run_id: UUID, now: datetime, limits: Limits) -> RunPlan:
    """Let a run begin the erasures that are due, or halt all of them when there are more than the limit.

    `due` holds scheduled erasures only, those of the whole run and not of a batch.  `already_there` counts the
    halted ones and those under way that no person has looked at, so that a fault cannot slip through in small
    portions.  Released ones always go.
    """
    for each in due:
        _expect(each, State.SCHEDULED)
    held = [each for each in due if not each.released]
    count = len(held) + already_there
    if not held or count <= limits.run_limit:
        return RunPlan(begin=tuple(due), halt=())
    return RunPlan(
        begin=tuple(each for each in due if each.released),
        halt=tuple(halt(each, now) for each in held),
        events=(events.ErasureHalted(run_id=run_id, count=count, limit=limits.run_limit),),
    )


@enforces(ERASE_AFTER_INACTIVE, LIFE_CYCLE_BY_LAW)
def next_step(
    erasure: Erasure, standing: Standing | None, now: datetime, limits: Limits, *, suspended: bool = False
) -> Step:
    """Return the one thing to do next for an erasure, from what is known of it now.

    Whether it may be executed is judged twice: before it is announced, and again before its keys are fenced.
    `suspended` says that all of it is held or restricted, which stops it up to the moment when that is fixed.
    """
    if suspended and erasure.held is None and erasure.state in {State.SCHEDULED, State.ANNOUNCED}:
        return Step(action=Action.SUSPEND)
    match erasure.state:
        case State.SCHEDULED:
            return _if_allowed(Action.ANNOUNCE, erasure, standing, now, limits)
        case State.ANNOUNCED:
            until = bounded(erasure.entered_at, now, AHEAD) + limits.letter_limit
            if not erasure.letter_done and now < until:
                return Step(action=Action.WAIT, until=until)
            return _if_allowed(Action.FENCE, erasure, standing, now, limits)
        case State.ORDERED:
            return _after_order(erasure, now, limits)
        case state:
            return Step(action=_ALWAYS[state])


_ALWAYS: Final = {
    State.HALTED: Action.WAIT,
    State.FENCED: Action.ORDER,
    State.DESTROYED: Action.CERTIFY,
    State.CERTIFIED: Action.NOTHING,
    State.CANCELLED: Action.NOTHING,
}


def _if_allowed(wanted: Action, erasure: Erasure, standing: Standing | None, now: datetime, limits: Limits) -> Step:
    verdict = may_execute(erasure, standing, now, limits)
    if verdict is Verdict.TOO_EARLY:
        return Step(action=Action.WAIT, until=opens_at(erasure, limits))
    return Step(action=wanted if verdict is Verdict.MAY else _INSTEAD[verdict])


_INSTEAD: Final = {
    Verdict.ASK: Action.ASK,
    Verdict.CAME_BACK: Action.CANCEL,
    Verdict.STARTED_ANEW: Action.START_ANEW,
    Verdict.UNKNOWN: Action.HALT,
}


def _after_order(erasure: Erasure, now: datetime, limits: Limits) -> Step:
    until = bounded(erasure.asked_at, now, AHEAD) + limits.step_limit
    if erasure.unconfirmed and now < until:
        return Step(action=Action.WAIT, until=until)
    return Step(action=Action.ORDER if erasure.unconfirmed else Action.DESTROY)


@enforces(LIFE_CYCLE_BY_LAW)
def progress(erasure: Erasure, now: datetime, limits: Limits) -> dict[str, str]:
    """Return for each participant `done`, `failed`, `waiting` or `overdue`; empty before they were asked.

    Whoever had to be asked more than once stays overdue until it confirms.
    """
    missing = erasure.unconfirmed
    overdue = bool(missing) and (erasure.attempt > 1 or now >= erasure.asked_at + limits.step_limit)

    def word(name: str) -> str:
        if name not in missing:
            return "done"
        if overdue:
            return "overdue"
        return "failed" if name in erasure.answers else "waiting"

    return {name: word(name) for name in erasure.participants}


@enforces(ERASE_AFTER_INACTIVE)
def is_late(erasure: Erasure, now: datetime, limits: Limits) -> bool:
    """Say whether the days allowed for carrying out a due erasure have passed without its certificate."""
    return erasure.state not in FINISHED and calendar.oslo_date(now) >= late_from(erasure, limits)


@enforces(ERASE_AFTER_INACTIVE)
def late_from(erasure: Erasure, limits: Limits) -> date:
    """The first day on which an erasure without a certificate is late."""
    since = max(erasure.due_on, erasure.resumed_on or erasure.due_on)
    return since + timedelta(days=limits.live_completion_days + 1)


@enforces(LIFE_CYCLE_BY_LAW)
def is_overdue(erasure: Erasure, now: datetime, limits: Limits) -> bool:
    """Say whether a participant of an erasure has not confirmed in the time it has for that."""
    return erasure.state is State.ORDERED and "overdue" in progress(erasure, now, limits).values()


@enforces(ERASE_AFTER_INACTIVE)
def cancel(erasure: Erasure, reason: Cancellation, now: datetime) -> Move:
    """Call an erasure off; raise `WrongStateError` once anything of it may have been destroyed."""
    _expect(erasure, *REVOCABLE)
    cancelled = _enter(erasure, State.CANCELLED, now, cancellation=reason)
    return Move(cancelled, (told_cancelled(cancelled),))


@enforces(ERASE_AFTER_INACTIVE)
def told_cancelled(erasure: Erasure) -> events.ErasureCancelled:
    """What the world is told of an erasure that was called off; raise `WrongStateError` where it was not."""
    if erasure.cancellation is None:
        raise WrongStateError("this erasure was not called off")
    return events.ErasureCancelled(
        clock_id=erasure.id,
        account_id=erasure.scope.account_id,
        user_id=erasure.scope.user_id,
        reason=Code(erasure.cancellation.value),
    )


@enforces(LIFE_CYCLE_BY_LAW)
def halt(erasure: Erasure, now: datetime) -> Move:
    """Stop an erasure before its fence, until a person releases it."""
    _expect(erasure, State.SCHEDULED, State.ANNOUNCED)
    return Move(_enter(erasure, State.HALTED, now, held=None))


@enforces(LIFE_CYCLE_BY_LAW)
def release(erasure: Erasure, now: datetime) -> Move:
    """Let a halted erasure go on: a person has looked at it. Its eligibility is judged again all the same."""
    _expect(erasure, State.HALTED)
    return Move(_enter(erasure, State.SCHEDULED, now, released=True))


@enforces(HOLD_IN_DISPUTE)
def suspend(erasure: Erasure, now: datetime) -> Move:
    """Put an erasure that must not be carried out now back to waiting; its dates stay as they are."""
    _expect(erasure, State.SCHEDULED, State.ANNOUNCED)
    return Move(_enter(erasure, State.SCHEDULED, now, letter_done=False))


@enforces(HOLD_IN_DISPUTE)
def fix_held(erasure: Erasure, parts: Sequence[HeldPart]) -> Move:
    """Fix what is held of it: from here on it cannot be stopped, and a hold that comes later is refused."""
    _expect(erasure, State.ANNOUNCED)
    return Move(replace(erasure, held=tuple(parts)))


@enforces(LIFE_CYCLE_BY_LAW)
def announce(erasure: Erasure, certificate_id: UUID, now: datetime, limits: Limits) -> Move:
    """Announce the erasure, so that the last letter is written while the address is still known.

    The letter names the date after which no unreadable copy is left, at the latest.  An erasure that was halted and
    released is announced again under the certificate id it had.
    """
    _expect(erasure, State.SCHEDULED)
    days = limits.live_completion_days + limits.backup_max_age_days
    event = events.ErasureAnnounced(
        erasure_id=erasure.id,
        account_id=erasure.scope.account_id,
        user_id=erasure.scope.user_id,
        certificate_id=erasure.certificate_id or certificate_id,
        backups_expire_on=calendar.oslo_date(now) + timedelta(days=days),
        trigger=Code(erasure.trigger.value),
    )
    after = _enter(
        erasure,
        State.ANNOUNCED,
        now,
        certificate_id=event.certificate_id,
        backups_expire_on=event.backups_expire_on,
        letter_done=False,
    )
    return Move(after, (event,))


@enforces(LIFE_CYCLE_BY_LAW)
def letter_settled(erasure: Erasure) -> Move:
    """Note that the last letter was sent, or cannot be; once the keys are fenced this changes nothing."""
    return Move(replace(erasure, letter_done=True) if erasure.state is State.ANNOUNCED else erasure)


@enforces(NEVER_RESTORED)
def fence(erasure: Erasure, now: datetime) -> Move:
    """Note that the keys can no longer be used, made or copied back: from here there is no way back."""
    _expect(erasure, State.ANNOUNCED)
    return Move(_enter(erasure, State.FENCED, now))


@enforces(LIFE_CYCLE_BY_LAW)
def order(erasure: Erasure, participants: Sequence[str], now: datetime) -> Move:
    """Ask every participant to erase, or ask again those that have not confirmed.

    Who must confirm is fixed by the first order: a change of configuration neither excuses nor surprises anybody.
    """
    _expect(erasure, State.FENCED, State.ORDERED)
    if not participants:
        raise ValueError("an erasure that nobody takes part in erases nothing")
    attempt = erasure.attempt + 1
    asked = erasure.participants or tuple(dict.fromkeys(participants))
    entered_at = now if erasure.state is State.FENCED else erasure.entered_at
    held = Held(frozenset((part.user_id, part.category) for part in erasure.held or ()))
    event = ErasureOrdered(
        erasure_id=erasure.id,
        account_id=erasure.scope.account_id,
        user_id=erasure.scope.user_id,
        attempt=attempt,
        **ErasureOrdered.naming(held),
    )
    after = _enter(erasure, State.ORDERED, entered_at, participants=asked, attempt=attempt, ordered_at=now)
    return Move(after, (event,))


@enforces(LIFE_CYCLE_BY_LAW)
def record_answer(erasure: Erasure, participant: str, answer: Answer) -> Move:
    """Take down what a participant says of its part.

    `done` is final: later words of the same participant change nothing.  A participant that keeps something which
    may not outlive an erasure has not done its part, whatever it says; what is held may, where the order said so.
    """
    if participant not in erasure.participants:
        raise UnknownParticipantError(f"{participant} was not asked to take part in this erasure")
    if erasure.state is not State.ORDERED or participant not in erasure.unconfirmed:
        return Move(erasure)
    allowed = RETAINABLE.keys() | (HELD if erasure.held else frozenset())
    heard = answer if set(answer.retained) <= allowed else replace(answer, outcome=Outcome.FAILED)
    return Move(replace(erasure, answers=MappingProxyType({**erasure.answers, participant: heard})))


@enforces(NEVER_RESTORED, LOST_FOR_EVER)
def destroy(erasure: Erasure, key_fingerprints: Sequence[str], now: datetime) -> Move:
    """Note that the keys are destroyed, which happens only after every participant has confirmed."""
    _expect(erasure, State.ORDERED)
    if missing := erasure.unconfirmed:
        raise WrongStateError(f"not confirmed yet by {', '.join(missing)}")
    fingerprints = tuple(sorted(key_fingerprints))
    kept_back = any(HELD & set(answer.retained) for answer in erasure.answers.values())
    after = _enter(
        erasure,
        State.DESTROYED,
        now,
        key_fingerprints=fingerprints,
        destroyed_at=now,
        kept_back=kept_back,
    )
    return Move(after)


@enforces(LOST_FOR_EVER)
def certify(erasure: Erasure, now: datetime) -> Move:
    """Close an erasure whose certificate is issued, and say for the first time that the scope is erased."""
    _expect(erasure, State.DESTROYED)
    account_id, user_id, certificate_id = erasure.scope.account_id, erasure.scope.user_id, erasure.certificate_id
    if certificate_id is None:
        raise WrongStateError("an erasure has a certificate id from its announcement on")
    partial = erasure.kept_back or None
    event = (
        events.AccountErased(account_id=account_id, certificate_id=certificate_id, partial=partial)
        if user_id is None
        else events.UserErased(
            account_id=account_id, user_id=user_id, certificate_id=certificate_id, partial=partial
        )
    )
    return Move(_enter(erasure, State.CERTIFIED, now), (event,))


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
    return Move(planned, (told_of(planned),))


@enforces(LIFE_CYCLE_BY_LAW)
def told_of(planned: Erasure) -> events.ErasureScheduled:
    """What the world is told of an erasure that was planned."""
    return events.ErasureScheduled(
        clock_id=planned.id,
        account_id=planned.scope.account_id,
        user_id=planned.scope.user_id,
        trigger=Code(planned.trigger.value),
        started_on=planned.started_on,
        due_on=planned.due_on,
    )


def _enter(erasure: Erasure, state: State, at: datetime, **changes: Any) -> Erasure:
    return replace(erasure, state=state, entered_at=at, **changes)


def _expect(erasure: Erasure, *states: State) -> None:
    if erasure.state not in states:
        raise WrongStateError(f"this cannot happen to an erasure that is {erasure.state}")
