"""The calls every service answers beside its own: whether it lives, what waits for a person, parked messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import fields, validate

from shared.bus import alarms, clock_brake, parking, vendors, waiting
from shared.bus.alarms import Waiting, alarm
from shared.bus.declarations import Service, command, rpc
from shared.database import Transaction
from shared.errors import Conflict, NotFound
from shared.privacy.gate import position_of

ACTOR_PATTERN = r"[a-z][a-z_]{0,31}(:[A-Za-z0-9-]{1,64})?"


class PingRequest(ma.Schema):
    """Nothing is asked."""


class PingReply(ma.Schema):
    """Which service answers, its time, and how far it has come in the ledger; null before its gate ever opened."""

    service = fields.String(required=True)
    time = fields.AwareDateTime(required=True)
    ledger_position = fields.Integer(required=True, allow_none=True)


class OpenAlarm(ma.Schema):
    """A kind of thing that waits for a person: how many, since when the oldest, and which command shows them."""

    code = fields.String(required=True)
    says = fields.String(required=True)
    act = fields.String(required=True)
    count = fields.Integer(required=True)
    since = fields.AwareDateTime(required=True)


class OpenAlarmsReply(ma.Schema):
    """What waits for a person, the oldest first; a kind of which nothing waits is not named."""

    alarms = fields.List(fields.Nested(OpenAlarm), required=True)


class ConfirmClockRequest(ma.Schema):
    """Two facts of a person's own: the day on which the system last ran, and today's; in UTC."""

    last_ran = fields.Date(required=True)
    today = fields.Date(required=True)


class ConfirmClockReply(ma.Schema):
    """From when on what is due is destroyed again."""

    from_at = fields.AwareDateTime(required=True)


class VendorEntry(ma.Schema):
    """One vendor: how it fails, null while it answers; since when, the last call, how many ended so in a row."""

    vendor = fields.String(required=True)
    failure = fields.String(required=True, allow_none=True)
    since = fields.AwareDateTime(required=True)
    seen_at = fields.AwareDateTime(required=True)
    times = fields.Integer(required=True)


class VendorsReply(ma.Schema):
    """Those that were ever called."""

    vendors = fields.List(fields.Nested(VendorEntry), required=True)


class ParkedListRequest(ma.Schema):
    """Which parked messages to list: those in one state, of one queue where it is named."""

    state = fields.String(load_default="parked", validate=validate.OneOf(["parked", "replayed", "discarded"]))
    consumer = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=255))
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=parking.LIST_LIMIT))


class ParkedEntry(ma.Schema):
    """A parked message without its body."""

    id = fields.UUID(required=True)
    consumer = fields.String(required=True)
    message_id = fields.UUID(allow_none=True)
    type = fields.String(required=True)
    reason = fields.String(required=True)
    error_class = fields.String(required=True)
    stack_hash = fields.String(required=True)
    attempts = fields.Integer(required=True)
    parked_at = fields.AwareDateTime(required=True)
    sender = fields.String(required=True)
    occurrences = fields.Integer(required=True)
    last_at = fields.AwareDateTime(allow_none=True)
    state = fields.String(required=True)
    decided_at = fields.AwareDateTime(allow_none=True)
    decided_by = fields.String(allow_none=True)
    note = fields.String(allow_none=True)


class ParkedListReply(ma.Schema):
    """The messages, oldest first."""

    parked = fields.List(fields.Nested(ParkedEntry), required=True)


class ParkedShowRequest(ma.Schema):
    """One parked message."""

    parked_id = fields.UUID(required=True)


class ParkedShowReply(ParkedEntry):
    """A parked message with its body in base64 and its headers."""

    body = fields.String(required=True)
    headers = fields.Dict(required=True)


class ParkedReplayRequest(ma.Schema):
    """Send one parked message to its queue again; `actor` is who decided, a kind and an opaque id."""

    parked_id = fields.UUID(required=True)
    actor = fields.String(required=True, validate=validate.Regexp(rf"{ACTOR_PATTERN}\Z"))


class ParkedReplayReply(ma.Schema):
    """The queue it was sent to."""

    queue = fields.String(required=True)


class ParkedDiscardRequest(ParkedReplayRequest):
    """Decide that one parked message is never handled. The reason is kept: a code, for sentences name people."""

    reason = fields.String(required=True, validate=validate.OneOf(parking.REASONS))


class DoneReply(ma.Schema):
    """It is done."""


class Chassis(Service):
    """Answers for the service it belongs to; `name` is that service's."""

    name: ClassVar[str] = "chassis"

    def __init__(self, owner: Service) -> None:
        """`owner` is the service this belongs to."""
        self.owner = owner
        self.database = owner.database
        self.clock = owner.clock

    @rpc(PingRequest, PingReply)
    def ping(self, _request: dict[str, Any]) -> dict[str, Any]:
        """Say that the service lives, what time it has, and how far it has come in the ledger."""
        reached = position_of(self.database)
        return {
            "service": self.owner.name,
            "time": self.clock.now(),
            "ledger_position": reached.position if reached else None,
        }

    @rpc(PingRequest, OpenAlarmsReply)
    def open_alarms(self, _request: dict[str, Any]) -> dict[str, Any]:
        """What waits for a person in this service."""
        found = alarms.open_alarms((self.owner, self))
        return {
            "alarms": [
                {
                    "code": each.spec.code,
                    "says": each.spec.says,
                    "act": each.spec.act,
                    "count": each.waiting.count,
                    "since": each.waiting.since,
                }
                for each in found
            ]
        }

    @alarm("parked_messages", says="messages that could not be handled", act="vilkar parked list")
    def parked_messages(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """Nobody has decided about them yet."""
        return Waiting.of(parking.waiting(tx))

    @alarm("vendor_failing", says="vendors that do not answer as they should", act="vilkar vendors")
    def vendors_failing(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """What waits for them goes on by itself once they answer; a refused key needs a person."""
        return vendors.failing(tx)

    @alarm("clock_jumped", says="stop of all that destroys: the clock jumped", act="vilkar clock confirm")
    def clock_jumped(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """A person says whether the clock is right."""
        return clock_brake.stopped(tx)

    @command(ConfirmClockRequest, ConfirmClockReply, errors=(Conflict,))
    def confirm_clock(self, request: dict[str, Any], tx: Transaction) -> dict[str, Any]:
        """Go on destroying what is due: a person has looked when the system last ran, and what day it is."""
        return {"from_at": clock_brake.release(tx, self.clock, **request)}

    @alarm(
        "waits_beyond_bound",
        says="rows that wait for an absurd instant and go at once",
        act="make logs",
    )
    def waits_beyond_bound(self, tx: Transaction, now: datetime) -> Waiting | None:
        """A clock was wrong, or a vendor asked for nonsense."""
        found = waiting.beyond(tx, now, self.owner.waits)
        return Waiting(sum(found.values()), now) if found else None

    @rpc(PingRequest, VendorsReply)
    def vendor_states(self, _request: dict[str, Any]) -> dict[str, Any]:
        """How the vendors stand that this service calls."""
        with self.database.transaction() as tx:
            return {"vendors": vendors.standing(tx)}

    @rpc(ParkedListRequest, ParkedListReply)
    def parked_list(self, request: dict[str, Any]) -> dict[str, Any]:
        """List parked messages."""
        with self.database.transaction() as tx:
            return {"parked": parking.listed(tx, **request)}

    @rpc(ParkedShowRequest, ParkedShowReply, errors=(NotFound,))
    def parked_show(self, request: dict[str, Any]) -> dict[str, Any]:
        """Show one parked message with its body."""
        with self.database.transaction() as tx:
            return parking.shown(tx, request["parked_id"])

    @command(ParkedReplayRequest, ParkedReplayReply, errors=(NotFound, Conflict))
    def parked_replay(self, request: dict[str, Any], tx: Transaction) -> dict[str, Any]:
        """Send one parked message to its queue again."""
        queue = parking.replay(tx, request["parked_id"], actor=request["actor"], now=self.clock.now())
        return {"queue": queue}

    @command(ParkedDiscardRequest, DoneReply, errors=(NotFound, Conflict))
    def parked_discard(self, request: dict[str, Any], tx: Transaction) -> dict[str, Any]:
        """Decide that one parked message is never handled."""
        parking.discard(
            tx, request["parked_id"], reason=request["reason"], actor=request["actor"], now=self.clock.now()
        )
        return {}
