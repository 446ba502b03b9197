"""What goes into the ledger: the facts that no restore may undo, made from what retention hears and decides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from services.account.companies.events import AccountUpdated
from services.account.deactivation.events import AccountDeactivated
from services.account.passwords.events import UserPasswordChanged
from services.account.reactivation.events import AccountReactivated
from services.account.suspicion.events import AccountBlocked, AccountUnblocked
from services.account.termination.events import TerminationNoticed, TerminationWithdrawn
from services.account.users.events import UserDeactivated, UserReactivated, UserUpdated
from services.notification.preferences.events import PreferencesChanged
from services.retention.early_values import EarlyRequest
from services.retention.holds_values import Hold, Restriction
from services.retention.values import Erasure
from shared.events import Event, Received
from shared.privacy.ledger_lines import Fact, Kind, Value

Changed = (
    AccountBlocked
    | AccountDeactivated
    | AccountReactivated
    | AccountUnblocked
    | AccountUpdated
    | UserDeactivated
    | UserReactivated
    | UserUpdated
    | UserPasswordChanged
)

KINDS: dict[type[Event], Kind] = {
    AccountBlocked: Kind.ACCOUNT_BLOCKED,
    AccountDeactivated: Kind.ACCOUNT_DEACTIVATED,
    AccountReactivated: Kind.ACCOUNT_REACTIVATED,
    AccountUnblocked: Kind.ACCOUNT_UNBLOCKED,
    AccountUpdated: Kind.RECTIFIED,
    UserDeactivated: Kind.USER_DEACTIVATED,
    UserReactivated: Kind.USER_REACTIVATED,
    UserUpdated: Kind.RECTIFIED,
    UserPasswordChanged: Kind.RECTIFIED,
}


def of_change(message: Received[Changed], *, clock_id: UUID | None = None) -> Fact:
    """Somebody left, came back, was blocked, or had something corrected; with the version of the row afterwards.

    `clock_id` is the clock that a leaving begins: a restored database begins the same one, not another.
    """
    event = message.event
    data: dict[str, Value] = {"version": f"v{message.sequence or 0}", "since": _instant(message.time)}
    if isinstance(event, (AccountDeactivated, UserDeactivated)):
        data["since"] = _instant(event.deactivated_at)
        if event.trigger is not None:
            data["by"] = str(event.trigger)
    if clock_id is not None:
        data["clock_id"] = str(clock_id)
    if isinstance(event, AccountDeactivated):
        if event.notice_ends_on is not None:
            data["notice_ends_on"] = event.notice_ends_on.isoformat()
        if event.noticed_on is not None:
            data["noticed_on"] = event.noticed_on.isoformat()
    if isinstance(event, AccountBlocked):
        data["reason"] = str(event.reason)
    if isinstance(event, (AccountUpdated, UserUpdated)):
        data["fields"] = tuple(sorted(map(str, event.fields)))
    if isinstance(event, UserPasswordChanged):
        data["fields"] = ("password",)
    user_id: UUID | None = getattr(event, "user_id", None)
    return Fact(kind=KINDS[type(event)], account_id=event.account_id, user_id=user_id, data=data)


def of_notice(message: Received[TerminationNoticed | TerminationWithdrawn]) -> Fact:
    """Notice of termination was given, with its last day, or taken back."""
    event = message.event
    data: dict[str, Value] = {"version": f"v{message.sequence or 0}", "since": _instant(message.time)}
    if isinstance(event, TerminationWithdrawn):
        return Fact(kind=Kind.NOTICE_WITHDRAWN, account_id=event.account_id, data=data)
    data |= {
        "noticed_on": event.noticed_on.isoformat(),
        "notice_ends_on": event.notice_ends_on.isoformat(),
        "channel": str(event.channel),
    }
    return Fact(kind=Kind.NOTICE_GIVEN, account_id=event.account_id, data=data)


def of_objection(message: Received[PreferencesChanged]) -> Fact:
    """Somebody declined a class of letters."""
    event = message.event
    data = {"class": str(event.declined), "since": _instant(message.time)}
    return Fact(kind=Kind.OBJECTION, account_id=event.account_id, user_id=event.user_id, data=data)


def of_erasure(erasure: Erasure, *, kept_keys: Iterable[UUID] = (), partial: bool = False) -> Fact:
    """Every participant has confirmed, and the keys are about to be destroyed, but for those of what was kept.

    It holds what is needed to know of the erasure again where retention's own database is set back behind it.
    `partial` says that something was kept because it is held.
    """
    data: dict[str, Value] = {
        "erasure_id": str(erasure.id),
        "certificate_id": str(erasure.certificate_id),
        "trigger": erasure.trigger.value,
        "since": _instant(erasure.started_at),
        "started_on": erasure.started_on.isoformat(),
        "due_on": erasure.due_on.isoformat(),
    }
    for name, day in (("noticed_on", erasure.noticed_on), ("inactive_on", erasure.inactive_on)):
        if day is not None:
            data[name] = day.isoformat()
    if kept := tuple(map(str, kept_keys)):
        data["kept_keys"] = kept
    if partial:
        data["extent"] = "partial"
    if erasure.completes is not None:
        data["completes"] = str(erasure.completes)
    kind = Kind.ACCOUNT_ERASED if erasure.scope.is_account else Kind.USER_ERASED
    return Fact(kind=kind, account_id=erasure.scope.account_id, user_id=erasure.scope.user_id, data=data)


def of_hold(hold: Hold) -> Fact:
    """Something may only be stored and is not erased, with all that the row says; again when it is renewed."""
    data: dict[str, Value] = {
        "hold_id": str(hold.id),
        "user_ids": tuple(map(str, hold.user_ids)),
        "categories": hold.categories,
        "reason": hold.reason,
        "case_ref": hold.case_ref,
        "owner": hold.owner,
        "requested_by": hold.requested_by,
        "approved_by": hold.approved_by,
        "starts_on": hold.starts_on.isoformat(),
        "review_on": hold.review_on.isoformat(),
        "placed_at": _instant(hold.placed_at),
        "as_of": _instant(hold.as_of),
    }
    return Fact(kind=Kind.HOLD_PLACED, account_id=hold.account_id, data=data)


def of_release(hold: Hold) -> Fact:
    """A hold is over. Raises `ValueError` for one that is not."""
    if hold.released_at is None or hold.released_by is None or hold.release_reason is None:
        raise ValueError("the hold is not released")
    data: dict[str, Value] = {
        "hold_id": str(hold.id),
        "reason": hold.release_reason,
        "released_by": hold.released_by,
        "released_at": _instant(hold.released_at),
    }
    return Fact(kind=Kind.HOLD_RELEASED, account_id=hold.account_id, data=data)


def of_restriction(restriction: Restriction) -> Fact:
    """A person had the processing restricted."""
    data: dict[str, Value] = {
        "restriction_id": str(restriction.id),
        "ground": restriction.ground,
        "requested_on": restriction.requested_on.isoformat(),
        "set_by": restriction.set_by,
        "set_at": _instant(restriction.set_at),
    }
    account_id, user_id = restriction.account_id, restriction.user_id
    return Fact(kind=Kind.RESTRICTION_SET, account_id=account_id, user_id=user_id, data=data)


def of_lift(restriction: Restriction) -> Fact:
    """A restriction is over, and the person was told before. Raises `ValueError` for one that is not."""
    if restriction.lifted_at is None or restriction.lifted_by is None or restriction.told_at is None:
        raise ValueError("the restriction is not lifted")
    data: dict[str, Value] = {
        "restriction_id": str(restriction.id),
        "told_at": _instant(restriction.told_at),
        "lifted_by": restriction.lifted_by,
        "lifted_at": _instant(restriction.lifted_at),
    }
    account_id, user_id = restriction.account_id, restriction.user_id
    return Fact(kind=Kind.RESTRICTION_LIFTED, account_id=account_id, user_id=user_id, data=data)


def of_early_request(request: EarlyRequest) -> Fact:
    """A customer need not wait: every check of the written request, and which number it is kept under."""
    data: dict[str, Value] = {
        "request_id": str(request.id),
        "requester_role": request.requester_role,
        "evidence": request.evidence,
        "received_on": request.received_on.isoformat(),
        "identity_check": request.identity_check,
        "authority_check": request.authority_check,
        "checked_by": request.checked_by,
        "approved_by": request.approved_by,
        "actor": request.actor,
        "export_offered_on": request.export_offered_on.isoformat(),
        "registered_at": _instant(request.registered_at),
    }
    return Fact(kind=Kind.EARLY_REQUESTED, account_id=request.account_id, data=data)


def of_early_begun(request: EarlyRequest, planned: Erasure | None) -> Fact:
    """A request was carried out: the erasure that it began, with its dates; None where one was past its fence."""
    data: dict[str, Value] = {"request_id": str(request.id)}
    if planned is not None:
        data |= {
            "erasure_id": str(planned.id),
            "since": _instant(planned.started_at),
            "started_on": planned.started_on.isoformat(),
            "due_on": planned.due_on.isoformat(),
        }
        if planned.inactive_on is not None:
            data["inactive_on"] = planned.inactive_on.isoformat()
    return Fact(kind=Kind.EARLY_BEGUN, account_id=request.account_id, data=data)


def of_early_drop(request: EarlyRequest, reason: str) -> Fact:
    """A request came to nothing."""
    data: dict[str, Value] = {"request_id": str(request.id), "reason": reason}
    return Fact(kind=Kind.EARLY_DROPPED, account_id=request.account_id, data=data)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
