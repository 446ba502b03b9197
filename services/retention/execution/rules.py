"""Whether an erasure is carried out, when it is not, and in what order: decisions only, nothing is done here.

Every function takes `now` and the figures in force (`limits_on(erasure.promised_on)`), and returns values.  The
order is fixed: announce, fence the keys, let every participant erase, destroy the keys, certify.  Until the fence
all can be called off; after it nothing can, and nobody is told "erased" before the last participant has confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.retention.erasure.due_dates import due_date, opens_at
from services.retention.erasure.rules import (
    UnknownParticipantError,
    WrongStateError,
    cancel,
    enter,
    expect,
)
from services.retention.erasure.values import (
    HELD,
    RETAINABLE,
    REVOCABLE,
    Answer,
    Cancellation,
    Erasure,
    HeldPart,
    Inactivation,
    Limits,
    Move,
    Outcome,
    Standing,
    State,
)
from services.retention.execution.events import (
    AccountErased,
    ErasureAnnounced,
    ErasureHalted,
    ErasureReleased,
    UserErased,
)
from services.retention.execution.values import Action, RunPlan, Step, Verdict
from services.retention.suspended_erasures.rules import held_in, kept_back
from shared import calendar
from shared.events import Code
from shared.participation.events import ErasureOrdered
from shared.terms.clauses.erasure import (
    ERASE_AFTER_INACTIVE,
    HOLD_IN_DISPUTE,
    LIFE_CYCLE_BY_LAW,
    LOST_FOR_EVER,
    NEVER_RESTORED,
)
from shared.terms.rule_registry import enforces
from shared.wait_bounds import AHEAD, bounded

STANDING_MAX_AGE: Final = timedelta(seconds=60)
"""An older answer of the account service decides nothing."""

LOOK_AT_LEAST: Final = timedelta(hours=1)
"""Erasures under way are looked at so often, whatever they wait for."""

WAITS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {"erasure.next_at": 2 * LOOK_AT_LEAST, "erasure.lease_until": timedelta(minutes=5)}
)
"""How far ahead the instants that an erasure waits for may lie. What lies further ahead has come."""


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


@enforces(LIFE_CYCLE_BY_LAW)
def brake(due: Sequence[Erasure], *, already_there: int, run_id: UUID, now: datetime, limits: Limits) -> RunPlan:
    """Let a run begin the erasures that are due, or halt all of them when there are more than the limit.

    `due` holds scheduled erasures only, those of the whole run and not of a batch.  `already_there` counts the
    halted ones and those under way that no person has looked at, so that a fault cannot slip through in small
    portions.  Released ones always go.
    """
    for each in due:
        expect(each, State.SCHEDULED)
    unseen = [each for each in due if not each.released]
    count = len(unseen) + already_there
    if not unseen or count <= limits.run_limit:
        return RunPlan(begin=tuple(due), halt=())
    return RunPlan(
        begin=tuple(each for each in due if each.released),
        halt=tuple(halt(each, now) for each in unseen),
        events=(ErasureHalted(run_id=run_id, count=count, limit=limits.run_limit),),
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


@enforces(LIFE_CYCLE_BY_LAW)
def halt(erasure: Erasure, now: datetime) -> Move:
    """Stop an erasure before its fence, until a person releases it."""
    expect(erasure, State.SCHEDULED, State.ANNOUNCED)
    return Move(enter(erasure, State.HALTED, now, held=None, begun_at=None))


@enforces(LIFE_CYCLE_BY_LAW)
def release(erasure: Erasure, now: datetime) -> Move:
    """Let a halted erasure go on: a person has looked at it. Its eligibility is judged again all the same."""
    expect(erasure, State.HALTED)
    event = ErasureReleased(
        erasure_id=erasure.id, account_id=erasure.scope.account_id, user_id=erasure.scope.user_id
    )
    return Move(enter(erasure, State.SCHEDULED, now, released=True), (event,))


@enforces(HOLD_IN_DISPUTE)
def suspend(erasure: Erasure, now: datetime) -> Move:
    """Put an erasure that must not be carried out now back to waiting; its dates stay as they are."""
    expect(erasure, State.SCHEDULED, State.ANNOUNCED)
    return Move(enter(erasure, State.SCHEDULED, now, letter_done=False))


@enforces(HOLD_IN_DISPUTE)
def fix_held(erasure: Erasure, parts: Sequence[HeldPart], now: datetime) -> Move:
    """Fix what is held of it: from here on it cannot be stopped, and a hold that comes later is refused."""
    expect(erasure, State.ANNOUNCED)
    return Move(replace(erasure, held=tuple(parts), begun_at=now))


@enforces(LIFE_CYCLE_BY_LAW)
def announce(erasure: Erasure, certificate_id: UUID, now: datetime, limits: Limits) -> Move:
    """Announce the erasure, so that the last letter is written while the address is still known.

    The letter names the date after which no unreadable copy is left, at the latest.  An erasure that was halted and
    released is announced again under the certificate id it had.
    """
    expect(erasure, State.SCHEDULED)
    days = limits.live_completion_days + limits.backup_max_age_days
    event = ErasureAnnounced(
        erasure_id=erasure.id,
        account_id=erasure.scope.account_id,
        user_id=erasure.scope.user_id,
        certificate_id=erasure.certificate_id or certificate_id,
        backups_expire_on=calendar.oslo_date(now) + timedelta(days=days),
        trigger=Code(erasure.trigger.value),
    )
    after = enter(
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
    expect(erasure, State.ANNOUNCED)
    return Move(enter(erasure, State.FENCED, now))


@enforces(LIFE_CYCLE_BY_LAW)
def order(erasure: Erasure, participants: Sequence[str], now: datetime) -> Move:
    """Ask every participant to erase, or ask again those that have not confirmed.

    Who must confirm is fixed by the first order: a change of configuration neither excuses nor surprises anybody.
    """
    expect(erasure, State.FENCED, State.ORDERED)
    if not participants:
        raise ValueError("an erasure that nobody takes part in erases nothing")
    attempt = erasure.attempt + 1
    asked = erasure.participants or tuple(dict.fromkeys(participants))
    entered_at = now if erasure.state is State.FENCED else erasure.entered_at
    event = ErasureOrdered(
        erasure_id=erasure.id,
        account_id=erasure.scope.account_id,
        user_id=erasure.scope.user_id,
        attempt=attempt,
        **ErasureOrdered.naming(held_in(erasure.held)),
    )
    after = enter(erasure, State.ORDERED, entered_at, participants=asked, attempt=attempt, ordered_at=now)
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
    noted = answer if set(answer.retained) <= allowed else replace(answer, outcome=Outcome.FAILED)
    return Move(replace(erasure, answers=MappingProxyType({**erasure.answers, participant: noted})))


@enforces(NEVER_RESTORED, LOST_FOR_EVER)
def destroy(erasure: Erasure, key_fingerprints: Sequence[str], now: datetime) -> Move:
    """Note that the keys are destroyed, which happens only after every participant has confirmed."""
    expect(erasure, State.ORDERED)
    if missing := erasure.unconfirmed:
        raise WrongStateError(f"not confirmed yet by {', '.join(missing)}")
    fingerprints = tuple(sorted(key_fingerprints))
    after = enter(
        erasure,
        State.DESTROYED,
        now,
        key_fingerprints=fingerprints,
        destroyed_at=now,
        kept_back=kept_back(erasure),
    )
    return Move(after)


@enforces(LOST_FOR_EVER)
def certify(erasure: Erasure, now: datetime) -> Move:
    """Close an erasure whose certificate is issued, and say for the first time that the scope is erased."""
    expect(erasure, State.DESTROYED)
    account_id, user_id, certificate_id = erasure.scope.account_id, erasure.scope.user_id, erasure.certificate_id
    if certificate_id is None:
        raise WrongStateError("an erasure has a certificate id from its announcement on")
    partial = erasure.kept_back or None
    event = (
        AccountErased(account_id=account_id, certificate_id=certificate_id, partial=partial)
        if user_id is None
        else UserErased(account_id=account_id, user_id=user_id, certificate_id=certificate_id, partial=partial)
    )
    return Move(enter(erasure, State.CERTIFIED, now), (event,))
