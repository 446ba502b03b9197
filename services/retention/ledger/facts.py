"""The facts that the ledger keeps of what other services publish: what no restore may undo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import marshmallow as ma

from services.account.companies.events import AccountUpdated
from services.account.passwords.events import UserPasswordChanged
from services.account.suspicion.events import AccountBlocked, AccountUnblocked
from services.account.termination.events import TerminationNoticed, TerminationWithdrawn
from services.account.users.events import UserUpdated
from services.notification.preferences.events import PreferencesChanged
from shared.events import Event, Received, schema_of
from shared.privacy.ledger_lines import Fact, Kind, Value, instant

UNFIT: Final = (ma.fields.Integer, ma.fields.Boolean, ma.fields.Dict)
"""Kinds of fields that the ledger has no form for."""


def lasting(events: Iterable[type[Event]]) -> Iterator[type[Event]]:
    """Those that no restore may undo. Raises `TypeError` for one that holds more than the ledger takes."""
    for event in events:
        if event.replayed_by:
            if unfit := [name for name, field in schema_of(event).fields.items() if isinstance(field, UNFIT)]:
                raise TypeError(f"{event.type} is kept in the ledger, which takes no {', '.join(unfit)}")
            yield event


def of_block(message: Received[AccountBlocked] | Received[AccountUnblocked]) -> Fact:
    """Staff closed an account or opened it again; with the version of the row afterwards."""
    event = message.event
    data: dict[str, Value] = {"version": f"v{message.sequence or 0}", "since": instant(message.time)}
    if isinstance(event, AccountUnblocked):
        return Fact(kind=Kind.ACCOUNT_UNBLOCKED, account_id=event.account_id, data=data)
    data["reason"] = str(event.reason)
    return Fact(kind=Kind.ACCOUNT_BLOCKED, account_id=event.account_id, data=data)


def of_correction(
    message: Received[AccountUpdated] | Received[UserUpdated] | Received[UserPasswordChanged],
) -> Fact:
    """Something was corrected: which fields, not what they say; with the version of the row afterwards."""
    event = message.event
    fields = ("password",) if isinstance(event, UserPasswordChanged) else tuple(sorted(map(str, event.fields)))
    data: dict[str, Value] = {
        "version": f"v{message.sequence or 0}",
        "since": instant(message.time),
        "fields": fields,
    }
    user_id = None if isinstance(event, AccountUpdated) else event.user_id
    return Fact(kind=Kind.RECTIFIED, account_id=event.account_id, user_id=user_id, data=data)


def of_notice(message: Received[TerminationNoticed] | Received[TerminationWithdrawn]) -> Fact:
    """Notice of termination was given, with its last day, or taken back."""
    event = message.event
    data: dict[str, Value] = {"version": f"v{message.sequence or 0}", "since": instant(message.time)}
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
    data = {"class": str(event.declined), "since": instant(message.time)}
    return Fact(kind=Kind.OBJECTION, account_id=event.account_id, user_id=event.user_id, data=data)
