"""When an erasure need not wait for its date: on a written request that two persons have looked at (L204)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.retention.early_erasure.events import EarlyErasureDropped, EarlyErasureRequested
from services.retention.early_erasure.values import DATA_SUBJECT, SELF, Course, EarlyRequest
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

CAME_BACK: Final = "came_back"
LAST_OWNER: Final = "last_owner"
CALLED_OFF_OR_NEVER_BEGUN: Final = REVOCABLE | {State.CANCELLED}

WAITS: Final[Mapping[str, timedelta]] = MappingProxyType({"early_request.next_at": timedelta(minutes=10)})
"""How far ahead the instant may lie at which a request is tried again. What lies further ahead has come."""


@enforces(EARLY_ERASURE_IN_WRITING, ERASE_ON_REQUEST)
def check(request: EarlyRequest, today: date) -> None:
    """Raises `Invalid` where what is said of the request cannot be true, or only one person stands behind it.

    A person asks for their own data alone, and whoever decides for a company for all of its account. The export
    must have been offered before: whoever has the data erased has had the choice to have them returned (GDPR
    article 28(3)(g)), or to get a copy.
    """
    wrong: dict[str, list[str]] = {}
    of_company = request.scope.is_account
    if (request.requester_role == DATA_SUBJECT) is of_company:
        wrong["requester_role"] = ["must be data_subject for one user, and another role for the account"]
    if (request.authority_check == SELF) is of_company:
        wrong["authority_check"] = ["must be self for one user, and another check for the account"]
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
    """What the world is told of an accepted request; `known` holds every erasure of the account, and of the user.

    It takes no notice of termination: an account is erased when the customer wishes it (L59). Raises `NotFound`
    without an account or user, `Conflict` for the last owner of a company, where an erasure that takes it is past
    its fence, and where the same was asked for early already.
    """
    if standing.state is None:
        raise NotFound
    if standing.is_last_owner:
        raise Conflict("the last owner cannot go alone", details={"reason": LAST_OWNER})
    if _is_begun(request.scope, known):
        raise Conflict("its erasure is under way already", details={"reason": "erasure_begun"})
    same = [each for each in known if each.scope == request.scope]
    if any(each.trigger is Trigger.EARLY_REQUEST and each.state in REVOCABLE for each in same):
        raise known_already()
    return requested_event(request)


def known_already() -> Conflict:
    """What those are told who ask for the same again."""
    return Conflict("its early erasure has been asked for already", details={"reason": "early_known"})


@enforces(ERASE_ON_REQUEST)
def is_without_notice(request: EarlyRequest, standing: Standing) -> bool:
    """Whether a user is asked for, or an account that is active and whose contract nobody has terminated."""
    return not request.scope.is_account or (standing.state == "active" and standing.notice is None)


def _is_begun(scope: Scope, known: Sequence[Erasure]) -> bool:
    """Whether an erasure of this, or of the account that it belongs to, is past its fence."""
    taking = [each for each in known if each.scope.is_account or each.scope == scope]
    return any(each.state not in CALLED_OFF_OR_NEVER_BEGUN for each in taking)


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
        user_id=request.user_id,
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
        scope=request.scope,
        trigger=Trigger.EARLY_REQUEST,
        started_at=started_at,
        started_on=today,
        due_on=today,
        inactive_on=calendar.oslo_date(inactivated_at),
        entered_at=now,
    )
    return instead(planned, known, now)


@enforces(EARLY_ERASURE_IN_WRITING, ERASE_ON_REQUEST)
def instead(planned: Erasure, known: Sequence[Erasure], now: datetime) -> tuple[Move, ...]:
    """An early erasure in the place of what runs; empty where one is past its fence, or planned so already.

    That of a user leaves the clock of the account as it is, and that of the account those of its users: once it is
    past its fence, it takes them with it.
    """
    running = [each for each in known if each.scope == planned.scope and each.state in REVOCABLE]
    is_early = any(each.trigger is Trigger.EARLY_REQUEST for each in running)
    if is_early or _is_begun(planned.scope, known):
        return ()
    called_off = (cancel(each, Cancellation.EARLY_REQUEST, now) for each in running)
    return (*called_off, Move(planned, (scheduled_event(planned),)))


@enforces(EARLY_ERASURE_IN_WRITING, ERASE_ON_REQUEST)
def is_overtaken(request: EarlyRequest, returned_at: datetime) -> bool:
    """Whether account or user came back after it was asked for: whoever comes back wants to stay."""
    return request.course is Course.ACCEPTED and request.registered_at < returned_at


@enforces(EARLY_ERASURE_IN_WRITING, ERASE_ON_REQUEST)
def why_refused(request: EarlyRequest, refusal: Conflict | NotFound) -> str:
    """Why it comes to nothing that the account service refuses to make account or user inactive, as a code."""
    if isinstance(refusal, NotFound):
        return "account_gone" if request.scope.is_account else "user_gone"
    if refusal.details.get("reason") == LAST_OWNER:
        return LAST_OWNER
    return CAME_BACK if request.without_notice else "notice_withdrawn"


@enforces(EARLY_ERASURE_IN_WRITING)
def drop(request: EarlyRequest, reason: str) -> tuple[EarlyRequest, EarlyErasureDropped]:
    """Nothing is erased; `reason` says why."""
    event = EarlyErasureDropped(
        request_id=request.id, account_id=request.account_id, user_id=request.user_id, reason=Code(reason)
    )
    return replace(request, course=Course.DROPPED), event


@enforces(EARLY_ERASURE_IN_WRITING)
def purged_before(today: date) -> date:
    """Requests registered before this date are forgotten: claims about them are time-barred."""
    return calendar.months_before(today, in_force("early_request.kept", today).default)
