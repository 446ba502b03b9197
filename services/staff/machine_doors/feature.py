"""The doors of the machine itself: whoever is root there needs no person of staff, so two see it afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from services.retention.ledger.events import LedgerAccepted
from services.staff.machine_doors import calls, rules, store
from services.staff.machine_doors.events import MachineDoorCountersigned, MachineDoorUsed
from services.staff.machine_doors.noted import read as read_noted
from services.staff.machine_doors.values import Door, DoorUse
from shared.actor import SYSTEM
from shared.bus import Feature, answers, every, handles
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import HOURLY, probe
from shared.bus.statement_check import two_persons
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Row, Transaction
from shared.errors import NotFound
from shared.events import Code, Received
from shared.identifiers import derived_id, new_id
from shared.terms.clauses import protection


@dataclass(kw_only=True, eq=False)
class MachineDoors(Feature):
    """Keeps that a door was used until two persons have countersigned it.

    `state_dir` is where whoever is root notes a door before opening it; None where nobody takes that up.
    """

    database: Database
    clock: Clock
    state_dir: Path | None = None

    def __post_init__(self) -> None:
        self._taken_up: frozenset[UUID] = frozenset()

    @answers(calls.ListMachineDoors)
    def list_machine_doors(self, call: calls.ListMachineDoors) -> calls.DoorUsesShown:
        """What was done on the machine."""
        with self.database.transaction() as tx:
            found = store.listed(tx, call.limit + 1)
        return calls.DoorUsesShown(uses=tuple(map(_shown, found[: call.limit])), complete=len(found) <= call.limit)

    @answers(calls.CountersignDoor)
    def countersign_door(self, call: calls.CountersignDoor, tx: Transaction) -> calls.DoorUseShown:
        """Two persons have seen it."""
        now, approval_id = self.clock.now(), two_persons().approval_id
        use = store.lock(tx, call.use_id)
        if use is None:
            raise NotFound
        rules.check_waits(use)
        store.countersign(tx, use.id, approval_id, now)
        told = MachineDoorCountersigned(use_id=use.id, door=Code(use.door), approval_id=approval_id)
        tx.outbox.add(told, now=now)
        return _shown(store.lock(tx, use.id) or use)

    @handles(LedgerAccepted, sources=("retention",))
    def note_accepted_ledger(self, message: Received[LedgerAccepted], tx: Transaction) -> None:
        """Somebody on the machine went on although facts of the ledger are lost."""
        self.note(tx, Door.LEDGER_ACCEPT, message.time, use_id=message.event.acceptance_id)

    @every(seconds=5)
    def take_up_noted(self) -> None:
        """What was noted in files is kept here too, once; after a restore of before once more."""
        noted = read_noted(self.state_dir) if self.state_dir else []
        if (known := frozenset(use.id for use in noted)) <= self._taken_up:
            return
        with self.database.transaction() as tx, acting_as(str(SYSTEM)):
            for use in noted:
                self.note(tx, use.door, use.used_at, use_id=use.id)
        self._taken_up = known

    @alarm(
        "machine_doors_unseen",
        says="what was done on the machine more than a day ago that two persons have not countersigned",
        act="vilkar machine list",
    )
    def unseen(self, tx: Transaction, now: datetime) -> Waiting | None:
        """Nobody but who did it knows why."""
        return Waiting.of(store.overdue(tx, rules.overdue_before(now)))

    @probe(
        protection.AUTHORISED_STAFF_ONLY,
        nb="inngrep på maskinen som to personer ikke har kontrasignert innen et døgn",
        en="acts on the machine itself that two persons have not countersigned within a day",
        seconds=HOURLY,
    )
    def doors_unseen(self, tx: Transaction, now: datetime) -> Row | None:
        """Backup, restore, keys, ledger and first administrators are for whoever is root there."""
        return store.overdue(tx, rules.overdue_before(now))

    # ── what other features need, and whoever is root on the machine ──────────────────────────────────────────

    def note(self, tx: Transaction, door: str, now: datetime, *, use_id: UUID | None = None) -> DoorUse:
        """A door was used. What was noted before under this id is not noted again."""
        use = DoorUse(id=use_id or new_id(), door=str(door), used_at=now)
        if store.add(tx, use):
            told = MachineDoorUsed(use_id=use.id, door=Code(use.door))
            tx.outbox.add(told, now=now, event_id=derived_id(told.type, use.id))
        return use


def _shown(use: DoorUse) -> calls.DoorUseShown:
    return calls.DoorUseShown(
        use_id=use.id,
        door=use.door,
        used_at=use.used_at,
        due_at=rules.due_at(use),
        countersigned_at=use.countersigned_at,
        approval_id=use.approval_id,
    )
