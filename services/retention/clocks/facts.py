"""The facts that the ledger keeps of who left and who came back."""

from __future__ import annotations

from uuid import UUID

from services.account.deactivation.events import AccountDeactivated
from services.account.reactivation.events import AccountReactivated
from services.account.users.events import UserDeactivated, UserReactivated
from shared.events import Received
from shared.privacy.ledger_lines import Fact, Kind, Value, instant


def left(message: Received[AccountDeactivated] | Received[UserDeactivated], clock_id: UUID) -> Fact:
    """Somebody left; with the version of the row afterwards, and the clock that it begins.

    So a restored database begins the same clock, not another.
    """
    event = message.event
    data: dict[str, Value] = {
        "version": f"v{message.sequence or 0}",
        "since": instant(event.deactivated_at),
        "clock_id": str(clock_id),
    }
    if event.trigger is not None:
        data["by"] = str(event.trigger)
    if isinstance(event, UserDeactivated):
        return Fact(kind=Kind.USER_DEACTIVATED, account_id=event.account_id, user_id=event.user_id, data=data)
    for name in ("notice_ends_on", "noticed_on"):
        if (day := getattr(event, name)) is not None:
            data[name] = day.isoformat()
    return Fact(kind=Kind.ACCOUNT_DEACTIVATED, account_id=event.account_id, data=data)


def returned(message: Received[AccountReactivated] | Received[UserReactivated]) -> Fact:
    """Somebody came back; with the version of the row afterwards."""
    event = message.event
    data: dict[str, Value] = {"version": f"v{message.sequence or 0}", "since": instant(message.time)}
    if isinstance(event, UserReactivated):
        return Fact(kind=Kind.USER_REACTIVATED, account_id=event.account_id, user_id=event.user_id, data=data)
    return Fact(kind=Kind.ACCOUNT_REACTIVATED, account_id=event.account_id, data=data)
