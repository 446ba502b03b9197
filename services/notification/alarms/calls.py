"""Troubles with Mailgun that a person sees to."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.calls import Call
from shared.records import Record
from shared.staff import WATCHERS, Act, Role


class AlarmShown(Record):
    """Trouble with Mailgun that a person must see to; `status` is Mailgun's, where it answered."""

    alarm_id: UUID
    kind: str
    status: int | None
    times: int
    raised_at: datetime
    last_seen_at: datetime


class AlarmsShown(Record):
    """Open alarms, the oldest first, and how many letters wait until they are seen to."""

    alarms: tuple[AlarmShown, ...]
    parked_letters: int


class Alarms(Call[AlarmsShown], service="notification", staff=Act(roles=(*WATCHERS, Role.SUPPORT))):
    """What a person must see to at Mailgun."""


class ParkedReleased(Record):
    """How many parked letters go out again."""

    released: int


class ReleaseParked(Call[ParkedReleased], service="notification", command=True, staff=Act(roles=(Role.OPERATOR,))):
    """A person has seen to the alarms: close them, end the pause, and send parked letters, 500 at a time."""
