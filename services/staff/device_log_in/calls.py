"""What staff answers where a command line logs in, and a person approves it at the desk.

As RFC 8628: the device shows a code, the person types it in a session of theirs, and the device asks until then.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import marshmallow as ma

from services.staff.authentication.calls import InSession, Token
from services.staff.device_log_in import rules
from shared.calls import Call, Done
from shared.errors import Conflict, Forbidden, NotFound, TooMany, Unauthenticated
from shared.records import About, Kind, Record
from shared.staff import WithoutStatement

NOBODY_YET: Final = WithoutStatement("a device asks, before a person has approved it")
IN_SESSION: Final = WithoutStatement("it brings its session, and lets its holder in alone")
READ_LIMIT: Final = 32


class DeviceCodeField(ma.fields.String):
    """A device's code however it was typed."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        code = rules.understood(text) if len(text) <= READ_LIMIT else None
        if code is None:
            raise ma.ValidationError("not a code of a device: eight letters and digits")
        return code


DeviceCode = Annotated[str, Kind(DeviceCodeField), About(maxLength=READ_LIMIT, example="FH27-N9R3")]


class DeviceLogInBegun(Record):
    """What the device shows (`user_code`), and what it asks with (`device_token`), every so many seconds."""

    user_code: str
    device_token: str
    interval_seconds: int
    expires_at: datetime


class BeginDeviceLogIn(Call[DeviceLogInBegun], service="staff", refusals=(TooMany,), staff=NOBODY_YET):
    """A device begins to log in."""


class DeviceLogInPolled(Record):
    """`approved` with the session's token, shown once; null while nobody has decided."""

    approved: bool
    token: str | None
    staff_code: str | None
    session_id: UUID | None
    expires_at: datetime | None


class PollDeviceLogIn(Call[DeviceLogInPolled], service="staff", refusals=(Forbidden, TooMany), staff=NOBODY_YET):
    """Whether the person has approved. `TooMany` (`slow_down`) where it is asked too often.

    `Forbidden` where it was refused, is over, or was asked too many times: the device begins again.
    """

    device_token: Token


class DeviceLogInShown(Record):
    """A device that waits, and since when."""

    request_id: UUID
    begun_at: datetime
    expires_at: datetime


class ShowDeviceLogIn(
    InSession,
    Call[DeviceLogInShown],
    service="staff",
    refusals=(Unauthenticated, NotFound, TooMany, Conflict),
    staff=IN_SESSION,
):
    """The device with this code, before it is decided. `TooMany` after ten codes that were wrong."""

    user_code: DeviceCode


class DecideDeviceLogIn(
    InSession,
    Call[Done],
    service="staff",
    refusals=(Unauthenticated, Forbidden, NotFound, TooMany, Conflict),
    staff=IN_SESSION,
):
    """Let the device with this code in, or refuse it. `Conflict` where that was decided.

    `Forbidden` for a command line, and where the log-in is more than 15 minutes ago.
    """

    user_code: DeviceCode
    approve: bool
