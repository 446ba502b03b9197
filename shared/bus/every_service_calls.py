"""The calls that every service answers beside its own; whoever makes one names the service with `of`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length, OneOf

from shared.actor import ActorKind
from shared.calls import Call, Done
from shared.errors import Conflict, NotFound
from shared.keyset import Paged, PageShown
from shared.records import Record
from shared.staff import WATCHERS, Act, Role, WithoutStatement

DISCARD_REASONS: Final = ("done_otherwise", "forged", "outdated", "sent_by_mistake", "unreadable")
"""Why a person decides that a message is never handled: codes, for sentences name people."""


class Pong(Record):
    """Which service answers, its time, and how far it has come in the ledger; null before its gate ever opened."""

    service: str
    time: datetime
    ledger_position: int | None


class Ping(Call[Pong], staff=WithoutStatement("says that a process lives")):
    """Say that the service lives, what time it has, and how far it has come in the ledger."""


class AlarmShown(Record):
    """A kind of thing that waits for a person: how many, since when the oldest, and which command shows them."""

    code: str
    says: str
    act: str
    count: int
    since: datetime


class AlarmsShown(Record):
    """What waits for a person, the oldest first; a kind of which nothing waits is not named."""

    alarms: tuple[AlarmShown, ...]


class OpenAlarms(Call[AlarmsShown], staff=WithoutStatement("says how many of what wait for a person")):
    """What waits for a person in this service."""


class ProbeLook(Record):
    """One probe of a service: when it looked last, how much it found that contradicts, and what staff do then."""

    name: str
    looked_at: datetime
    count: int
    act: str = ""


class ProbesLooked(Record):
    """The probes that have looked; one that could not is left out, or stands with its last look."""

    probes: tuple[ProbeLook, ...]


class Probes(
    Call[ProbesLooked], seconds=15.0, staff=WithoutStatement("counts, which everybody sees beside the promises")
):
    """Look at what this service promises, where it was not done lately, and say what was seen."""


class ClockConfirmed(Record):
    """From when on what is due is destroyed again."""

    from_at: datetime


class ConfirmClock(Call[ClockConfirmed], command=True, refusals=(Conflict,), staff=Act(roles=(Role.OPERATOR,))):
    """Go on destroying what is due: a person has looked when the system last ran, and what day it is.

    Both are dates in UTC.
    """

    last_ran: date
    today: date


class VendorState(Record):
    """One vendor: how it fails, null while it answers; since when, the last call, how many ended so in a row."""

    vendor: str
    failure: str | None
    since: datetime
    seen_at: datetime
    times: int


class VendorStatesShown(Record):
    """Those that were ever called."""

    vendors: tuple[VendorState, ...]


class VendorStates(Call[VendorStatesShown], staff=WithoutStatement("says which vendors answer")):
    """How the vendors stand that this service calls."""


class ParkedMessage(Record):
    """A parked message without its body."""

    id: UUID
    consumer: str
    message_id: UUID | None
    type: str
    reason: str
    error_class: str
    stack_hash: str
    attempts: int
    parked_at: datetime
    sender: str
    occurrences: int
    last_at: datetime | None
    state: str
    decided_at: datetime | None
    decided_by: str | None
    note: str | None


class ParkedMessages(PageShown):
    """A page of the messages, oldest first."""

    parked: tuple[ParkedMessage, ...]


class ParkedList(Paged, Call[ParkedMessages], staff=Act(roles=WATCHERS)):
    """List parked messages: those in one state, of one queue where it is named."""

    state: Annotated[str, OneOf(("parked", "replayed", "discarded"))] = "parked"
    consumer: Annotated[str, Length(max=255)] | None = None


class ParkedShow(Call[ParkedMessage], refusals=(NotFound,), staff=Act(roles=WATCHERS)):
    """Show one parked message. What it says leaves its service for nobody: it may be about people."""

    parked_id: UUID


class ParkedReplayed(Record):
    """The queue it was sent to."""

    queue: str


class ParkedReplay(
    Call[ParkedReplayed], command=True, refusals=(NotFound, Conflict), staff=Act(roles=(Role.OPERATOR,))
):
    """Send one parked message to its queue again; `actor` is who decided."""

    parked_id: UUID
    actor: ActorKind


class ParkedDiscard(Call[Done], command=True, refusals=(NotFound, Conflict), staff=Act(roles=(Role.OPERATOR,))):
    """Decide that one parked message is never handled. The reason is kept."""

    parked_id: UUID
    actor: ActorKind
    reason: Annotated[str, OneOf(DISCARD_REASONS)]
