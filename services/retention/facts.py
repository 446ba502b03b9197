"""What goes into the ledger: the facts that no restore may undo, made from what retention hears and decides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from services.account.events import (
    AccountDeactivated,
    AccountReactivated,
    AccountUpdated,
    UserDeactivated,
    UserPasswordChanged,
    UserReactivated,
    UserUpdated,
)
from services.notification.events import PreferencesChanged
from services.retention.schemas import Erasure
from shared.events import Event, Received
from shared.privacy.ledger_lines import Fact, Kind, Value

Changed = (
    AccountDeactivated
    | AccountReactivated
    | AccountUpdated
    | UserDeactivated
    | UserReactivated
    | UserUpdated
    | UserPasswordChanged
)

KINDS: dict[type[Event], Kind] = {
    AccountDeactivated: Kind.ACCOUNT_DEACTIVATED,
    AccountReactivated: Kind.ACCOUNT_REACTIVATED,
    AccountUpdated: Kind.RECTIFIED,
    UserDeactivated: Kind.USER_DEACTIVATED,
    UserReactivated: Kind.USER_REACTIVATED,
    UserUpdated: Kind.RECTIFIED,
    UserPasswordChanged: Kind.RECTIFIED,
}


def of_change(message: Received[Changed]) -> Fact:
    """Somebody left, came back, or had something corrected; with the version that the row had afterwards."""
    event = message.event
    data: dict[str, Value] = {"version": f"v{message.sequence or 0}", "since": _instant(message.time)}
    if isinstance(event, (AccountDeactivated, UserDeactivated)):
        data["since"] = _instant(event.deactivated_at)
        if event.trigger is not None:
            data["by"] = str(event.trigger)
    if isinstance(event, AccountDeactivated):
        if event.notice_ends_on is not None:
            data["notice_ends_on"] = event.notice_ends_on.isoformat()
        if event.noticed_on is not None:
            data["noticed_on"] = event.noticed_on.isoformat()
    if isinstance(event, (AccountUpdated, UserUpdated)):
        data["fields"] = tuple(sorted(map(str, event.fields)))
    if isinstance(event, UserPasswordChanged):
        data["fields"] = ("password",)
    user_id: UUID | None = getattr(event, "user_id", None)
    return Fact(kind=KINDS[type(event)], account_id=event.account_id, user_id=user_id, data=data)


def of_objection(message: Received[PreferencesChanged]) -> Fact:
    """Somebody declined a class of letters."""
    event = message.event
    data = {"class": str(event.declined), "since": _instant(message.time)}
    return Fact(kind=Kind.OBJECTION, account_id=event.account_id, user_id=event.user_id, data=data)


def of_erasure(erasure: Erasure, *, kept_keys: Iterable[UUID] = ()) -> Fact:
    """Every participant has confirmed, and the keys are about to be destroyed.

    It holds what is needed to know of the erasure again where retention's own database is set back behind it.
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
    kind = Kind.ACCOUNT_ERASED if erasure.scope.is_account else Kind.USER_ERASED
    return Fact(kind=kind, account_id=erasure.scope.account_id, user_id=erasure.scope.user_id, data=data)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
