"""The facts that the ledger keeps of what other services publish: what no restore may undo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

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


FIRST_FORMAT: Final[Mapping[type[Event], Kind]] = MappingProxyType(
    {
        AccountBlocked: Kind.ACCOUNT_BLOCKED,
        AccountUnblocked: Kind.ACCOUNT_UNBLOCKED,
        AccountUpdated: Kind.RECTIFIED,
        PreferencesChanged: Kind.OBJECTION,
        TerminationNoticed: Kind.NOTICE_GIVEN,
        TerminationWithdrawn: Kind.NOTICE_WITHDRAWN,
        UserPasswordChanged: Kind.RECTIFIED,
        UserUpdated: Kind.RECTIFIED,
    }
)
"""Those that were kept before an event could be a fact as it stands: they keep the form they had."""


def kept(events: Iterable[type[Event]]) -> Iterator[type[Event]]:
    """Those that no restore may undo. Raises `TypeError` for one that holds more than the ledger takes."""
    for event in events:
        if event.replayed_by:
            if unfit := [name for name, field in schema_of(event).fields.items() if isinstance(field, UNFIT)]:
                raise TypeError(f"{event.type} is kept in the ledger, which takes no {', '.join(unfit)}")
            yield event
        elif event in FIRST_FORMAT:
            yield event


def fact_of(message: Received[Any]) -> Fact:
    """What the ledger keeps of an event: as it stands, or with the version of the row afterwards.

    Of a correction it knows which fields, not what they say.
    """
    event = message.event
    if event.replayed_by:
        return Fact.of_event(message)
    data: dict[str, Value] = {"version": f"v{message.sequence or 0}", "since": instant(message.time)}
    match event:
        case AccountBlocked():
            data["reason"] = str(event.reason)
        case AccountUpdated() | UserUpdated():
            data["fields"] = tuple(sorted(map(str, event.fields)))
        case UserPasswordChanged():
            data["fields"] = ("password",)
        case TerminationNoticed():
            data["noticed_on"] = event.noticed_on.isoformat()
            data["notice_ends_on"] = event.notice_ends_on.isoformat()
            data["channel"] = str(event.channel)
        case PreferencesChanged():
            data = {"class": str(event.declined), "since": instant(event.since or message.time)}
    user_id = getattr(event, "user_id", None)
    return Fact(kind=FIRST_FORMAT[type(event)], account_id=event.account_id, user_id=user_id, data=data)
