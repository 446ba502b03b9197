"""The calls every service answers beside its own: whether it lives, what waits for a person, parked messages."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from shared.bus import alarms, clock_jump_brake, parked_messages, probes, vendor_standing, wait_bound_watch
from shared.bus.alarms import Waiting, alarm
from shared.bus.declarations import Service, answers
from shared.bus.every_service_calls import (
    AlarmShown,
    AlarmsShown,
    ClockConfirmed,
    ConfirmClock,
    OpenAlarms,
    ParkedDiscard,
    ParkedList,
    ParkedMessage,
    ParkedMessages,
    ParkedReplay,
    ParkedReplayed,
    ParkedShow,
    Ping,
    Pong,
    ProbeLook,
    Probes,
    ProbesLooked,
    VendorState,
    VendorStates,
    VendorStatesShown,
)
from shared.bus.probes import HOURLY, probe
from shared.calls import Done
from shared.database import Row, Transaction
from shared.keyset import Place, cut
from shared.privacy import exposure
from shared.privacy.restore_gate import position_of
from shared.terms.clauses import protection


class EveryService(Service):
    """Answers for the service it belongs to; `name` is that service's."""

    name: ClassVar[str] = "every_service"

    def __init__(self, owner: Service) -> None:
        """`owner` is the service this belongs to."""
        self.owner = owner
        self.database = owner.database
        self.clock = owner.clock
        self._probes = probes.Probes(owner, self)

    @answers(Ping)
    def ping(self, _call: Ping) -> Pong:
        """Say that the service lives."""
        reached = position_of(self.database)
        return Pong(
            service=self.owner.name,
            time=self.clock.now(),
            ledger_position=reached.position if reached else None,
        )

    @answers(OpenAlarms)
    def open_alarms(self, _call: OpenAlarms) -> AlarmsShown:
        """What waits for a person in this service."""
        return AlarmsShown(
            alarms=tuple(
                AlarmShown(
                    code=each.spec.code,
                    says=each.spec.says,
                    act=each.spec.act,
                    count=each.waiting.count,
                    since=each.waiting.since,
                )
                for each in alarms.open_alarms((self.owner, self))
            )
        )

    @answers(Probes)
    def probes(self, _call: Probes) -> ProbesLooked:
        """What this service's probes saw."""
        return ProbesLooked(
            probes=tuple(
                ProbeLook(name=name, looked_at=look.at, count=look.count, act=look.act)
                for name, look in self._probes.look().items()
            )
        )

    @alarm("promises", says="probes that see a promise not to be kept", act="vilkar terms")
    def contradicted_promises(self, _tx: Transaction, _now: datetime) -> Waiting | None:
        """It stands until a later look finds it kept."""
        return self._probes.contradicted()

    @probe(
        protection.DATABASE_ADMIN_SEES_CIPHERTEXT,
        nb="tabeller som databaseverktøyet kan lese utenom visningene",
        en="tables that the database tool may read past its views",
        seconds=HOURLY,
    )
    def tables_open_to_administrators(self, tx: Transaction, _now: datetime) -> Row | None:
        """A grant made by hand, or a table made without its view."""
        return exposure.open_tables(tx)

    @probe(
        protection.HOST_SEES_NOTHING,
        protection.CONFIDENTIAL_AND_CORRECT,
        nb="verdier i krypterte kolonner som ikke er kryptert",
        en="values in encrypted columns that are not encrypted",
        seconds=HOURLY,
    )
    def values_in_clear(self, tx: Transaction, _now: datetime) -> Row | None:
        """A sample of each column."""
        return exposure.unsealed_values(tx)

    @alarm("parked_messages", says="messages that could not be handled", act="vilkar parked list")
    def parked_messages(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """Nobody has decided about them yet."""
        return Waiting.of(parked_messages.waiting(tx))

    @alarm("vendor_failing", says="vendors that do not answer as they should", act="vilkar vendors")
    def vendors_failing(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """What waits for them goes on by itself once they answer; a refused key needs a person."""
        return vendor_standing.failing(tx)

    @alarm("clock_jumped", says="stop of all that destroys: the clock jumped", act="vilkar clock confirm")
    def clock_jumped(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """A person says whether the clock is right."""
        return clock_jump_brake.stopped(tx)

    @answers(ConfirmClock)
    def confirm_clock(self, call: ConfirmClock, tx: Transaction) -> ClockConfirmed:
        """Go on destroying what is due."""
        from_at = clock_jump_brake.release(tx, self.clock, **call.given())
        return ClockConfirmed(from_at=from_at)

    @alarm(
        "waits_beyond_bound",
        says="rows that wait for an absurd instant and go at once",
        act="make logs",
    )
    def waits_beyond_bound(self, tx: Transaction, now: datetime) -> Waiting | None:
        """A clock was wrong, or a vendor asked for nonsense."""
        found = wait_bound_watch.beyond(tx, now, self.owner.waits)
        return Waiting(sum(found.values()), now) if found else None

    @answers(VendorStates)
    def vendor_states(self, _call: VendorStates) -> VendorStatesShown:
        """How the vendors stand that this service calls."""
        with self.database.transaction() as tx:
            return VendorStatesShown(vendors=tuple(VendorState(**row) for row in vendor_standing.standing(tx)))

    @answers(ParkedList)
    def parked_list(self, call: ParkedList) -> ParkedMessages:
        """List parked messages."""
        with self.database.transaction() as tx:
            found = parked_messages.listed(tx, state=call.state, consumer=call.consumer, page=call)
        rows, following = cut(found, call.limit, lambda row: Place(row["parked_at"], row["id"]))
        return ParkedMessages(parked=tuple(ParkedMessage(**row) for row in rows), next_after=following)

    @answers(ParkedShow)
    def parked_show(self, call: ParkedShow) -> ParkedMessage:
        """Show one parked message."""
        with self.database.transaction() as tx:
            return ParkedMessage(**parked_messages.shown(tx, call.parked_id))

    @answers(ParkedReplay)
    def parked_replay(self, call: ParkedReplay, tx: Transaction) -> ParkedReplayed:
        """Send one parked message to its queue again."""
        queue = parked_messages.replay(tx, call.parked_id, actor=str(call.actor), now=self.clock.now())
        return ParkedReplayed(queue=queue)

    @answers(ParkedDiscard)
    def parked_discard(self, call: ParkedDiscard, tx: Transaction) -> Done:
        """Decide that one parked message is never handled."""
        parked_messages.discard(tx, call.parked_id, reason=call.reason, actor=str(call.actor), now=self.clock.now())
        return Done()
