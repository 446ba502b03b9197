"""When an erasure need not wait for its date: on a written request that two persons have looked at (L204)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.retention.early_erasure.events import EarlyErasureDropped, EarlyErasureRequested
from services.retention.early_erasure.values import Course, EarlyRequest
from services.retention.erasure.rules import cancel, scheduled_event
from services.retention.erasure.values import (
    REVOCABLE,
    Cancellation,
    Erasure,
    Move,
    Scope,
    Standing,
    State,
    Trigger,
)
from shared import calendar
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Code
from shared.terms.clauses.erasure import EARLY_ERASURE_IN_WRITING, ERASE_ON_REQUEST
from shared.terms.parameters import in_force
from shared.terms.rule_registry import enforces

CALLED_OFF_OR_NEVER_BEGUN: Final = REVOCABLE | {State.CANCELLED}

WAITS: Final[Mapping[str, timedelta]] = MappingProxyType({"early_request.next_at": timedelta(minutes=10)})
"""How far ahead the instant may lie at which a request is tried again. What lies further ahead has come."""


@enforces(EARLY_ERASURE_IN_WRITING)
def check(request: EarlyRequest, today: date) -> None:
    """Raises `Invalid` where what is said of the request cannot be true, or only one person stands behind it.

    The export must have been offered before: whoever has the data erased has had the choice to have them returned
    (GDPR article 28(3)(g)).
    """
    wrong: dict[str, list[str]] = {}
    if request.approved_by in (request.actor, request.checked_by):
        wrong["approved_by"] = ["must be another person than who registered and who checked it"]
    if request.received_on > today:
        wrong["received_on"] = ["must not be ahead"]
    if request.export_offered_on > today:
        wrong["export_offered_on"] = ["the export must have been offered first"]
    if wrong:
        raise Invalid("the request cannot be accepted", details={"fields": wrong})


@enforces(EARLY_ERASURE_IN_WRITING, ERASE_ON_REQUEST)
def accept(request: EarlyRequest, standing: Standing, known: Sequence[Erasure]) -> EarlyErasureRequested:
    """What the world is told of an accepted request; `known` holds every erasure of the account.

    It takes no notice of termination: an account is erased when the customer wishes it (L59). Raises `NotFound`
    without an account, `Conflict` where its erasure is past its fence, and where one was asked for early already.
    """
    if standing.state is None:
        raise NotFound
    of_account = [each for each in known if each.scope.is_account]
    if any(each.state not in CALLED_OFF_OR_NEVER_BEGUN for each in of_account):
        raise Conflict("the erasure of this account is under way already", details={"reason": "erasure_begun"})
    if any(each.trigger is Trigger.EARLY_REQUEST and each.state in REVOCABLE for each in of_account):
        raise Conflict(
            "an early erasure of this account has been asked for already", details={"reason": "early_known"}
        )
    return requested_event(request)


@enforces(ERASE_ON_REQUEST)
def is_without_notice(standing: Standing) -> bool:
    """Whether the account is active and nobody has terminated the contract."""
    return standing.state == "active" and standing.notice is None


@enforces(EARLY_ERASURE_IN_WRITING)
def requested_event(request: EarlyRequest) -> EarlyErasureRequested:
    """What the world is told of an accepted request."""
    return EarlyErasureRequested(
        request_id=request.id,
        account_id=request.account_id,
        requester_role=Code(request.requester_role),
        evidence=Code(request.evidence),
        identity_check=Code(request.identity_check),
        authority_check=Code(request.authority_check),
        received_on=request.received_on,
        export_offered_on=request.export_offered_on,
    )


@enforces(EARLY_ERASURE_IN_WRITING, ERASE_ON_REQUEST)
def begin(
    request: EarlyRequest, inactivated_at: datetime, *, known: Sequence[Erasure], new_id: UUID, now: datetime
) -> tuple[Move, ...]:
    """Plan the erasure for at once instead of what runs; empty where it is past its fence, or planned so already.

    What follows is as always: the last letter, the question whether the customer came back, holds, the brake.
    """
    started_at = max(now, inactivated_at)
    today = calendar.oslo_date(started_at)
    planned = Erasure(
        id=new_id,
        scope=Scope(account_id=request.account_id),
        trigger=Trigger.EARLY_REQUEST,
        started_at=started_at,
        started_on=today,
        due_on=today,
        inactive_on=calendar.oslo_date(inactivated_at),
        entered_at=now,
    )
    return instead(planned, known, now)


@enforces(EARLY_ERASURE_IN_WRITING)
def instead(planned: Erasure, known: Sequence[Erasure], now: datetime) -> tuple[Move, ...]:
    """An early erasure in the place of what runs; empty where one is past its fence, or planned so already."""
    of_account = [each for each in known if each.scope.is_account]
    running = [each for each in of_account if each.state in REVOCABLE]
    is_early = any(each.trigger is Trigger.EARLY_REQUEST for each in running)
    if is_early or any(each.state not in CALLED_OFF_OR_NEVER_BEGUN for each in of_account):
        return ()
    called_off = (cancel(each, Cancellation.EARLY_REQUEST, now) for each in running)
    return (*called_off, Move(planned, (scheduled_event(planned),)))


@enforces(EARLY_ERASURE_IN_WRITING)
def is_overtaken(request: EarlyRequest, returned_at: datetime) -> bool:
    """Whether the customer came back after having asked: whoever comes back wants to stay."""
    return request.course is Course.ACCEPTED and request.registered_at < returned_at


@enforces(EARLY_ERASURE_IN_WRITING)
def drop(request: EarlyRequest, reason: str) -> tuple[EarlyRequest, EarlyErasureDropped]:
    """Nothing is erased: the notice was taken back or the customer came back, or there is no account any more."""
    event = EarlyErasureDropped(request_id=request.id, account_id=request.account_id, reason=Code(reason))
    return replace(request, course=Course.DROPPED), event


@enforces(EARLY_ERASURE_IN_WRITING)
def purged_before(today: date) -> date:
    """Requests registered before this date are forgotten: claims about them are time-barred."""
    return calendar.months_before(today, in_force("early_request.kept", today).default)
