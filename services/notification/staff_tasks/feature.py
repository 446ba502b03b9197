"""What a person does because no letter can: telling what mail does not bring, and making copies of data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.notification.recipients.lookup import Lookup
from services.notification.staff_tasks.calls import (
    CountTasks,
    RequestCopy,
    SettleTask,
    Tasks,
    TasksCounted,
    TaskShown,
    TasksShown,
)
from services.notification.staff_tasks.events import TaskSettled
from services.notification.staff_tasks.rules import copy_due_on
from services.notification.staff_tasks.store import TaskStore
from shared.bus import Feature, answers
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import probe
from shared.bus.statement_check import check_reaches, spend
from shared.calendar import oslo_date
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Row, Transaction
from shared.errors import Conflict, NotFound
from shared.events import Code
from shared.keyset import Place, cut
from shared.terms.clauses import rights


@dataclass(kw_only=True, eq=False)
class PersonTasks(Feature):
    """Legal letters that a person tells, and copies that a person makes."""

    database: Database
    clock: Clock
    lookup: Lookup
    store: TaskStore = field(default_factory=TaskStore)

    @alarm("undeliverable", says="legal letters that no mail brings: tell their readers", act="vilkar task list")
    def look_at_undeliverable(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """Legal letters that a person tells instead."""
        return Waiting.of(self.store.waiting(tx, "undeliverable"))

    @alarm("copies", says="copies of data that somebody asked for", act="vilkar task list")
    def look_at_copies(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """Copies that a person makes."""
        return Waiting.of(self.store.waiting(tx, "copy"))

    @probe(
        rights.RIGHT_OF_PORTABILITY,
        rights.RIGHT_OF_ACCESS,
        nb="kopier av opplysninger som ikke er laget innen fristen",
        en="copies of data that were not made within their time",
    )
    def copies_past_their_day(self, tx: Transaction, now: datetime) -> Row | None:
        """Somebody asked, and nobody did it."""
        return self.store.past(tx, "copy", oslo_date(now))

    @answers(Tasks)
    def tasks(self, call: Tasks) -> TasksShown:
        """What a person is to do, the most urgent first."""
        with self.database.transaction() as tx:
            found = self.store.open(tx, call)
        rows, following = cut(found, call.limit, lambda row: Place(row["due_on"], row["task_id"]))
        return TasksShown(tasks=tuple(map(_shown, rows)), next_after=following)

    @answers(CountTasks)
    def count_tasks(self, _call: CountTasks) -> TasksCounted:
        """How much there is for a person to do."""
        with self.database.transaction() as tx:
            counted = self.store.counted(tx, oslo_date(self.clock.now()))
        return TasksCounted(**counted or {"count": 0, "overdue": 0, "first_due_on": None})

    @answers(RequestCopy)
    def request_copy(self, call: RequestCopy) -> TaskShown:
        """Somebody asked for a copy of the data before they are erased: a person makes it in time.

        What is noted already is told again, also where the person has gone since or account is away.
        """
        now = self.clock.now()
        due_on = None
        with self.database.transaction() as tx:
            is_known = self.store.lock(tx, call.task_id) is not None
        if not is_known:
            due_on = copy_due_on(call.received_on, call.erased_on, now)
            self.lookup.must_exist(call.account_id, call.user_id)
        with self.database.transaction() as tx:
            is_known = self.store.lock(tx, call.task_id) is not None
            spend(tx, now, again=is_known)
            if not is_known and due_on is not None:
                self.store.add_copy(tx, call, due_on, now)
            noted = self._task(tx, call.task_id)
            if (noted["kind"], noted["account_id"], noted["user_id"]) != ("copy", call.account_id, call.user_id):
                raise Conflict("there is another task with this id")
        return _shown(noted)

    @answers(SettleTask)
    def settle_task(self, call: SettleTask, tx: Transaction) -> TaskShown:
        """A person has done it."""
        task = self._task(tx, call.task_id)
        check_reaches(task["account_id"])
        if task["done_at"] is not None:
            raise Conflict("this task was done before")
        now = self.clock.now()
        self.store.settle(tx, call.task_id, call.outcome, str(call.actor), now)
        told = {name: task[name] for name in ("task_id", "account_id", "user_id", "kind")}
        with acting_as(str(call.actor)):
            tx.outbox.add(TaskSettled(**told, outcome=Code(call.outcome)), now=now)
        return _shown(self._task(tx, call.task_id))

    def _task(self, tx: Transaction, task_id: UUID) -> Row:
        row = self.store.lock(tx, task_id)
        if row is None:
            raise NotFound
        return row


def _shown(row: Row) -> TaskShown:
    return TaskShown(**{name: value for name, value in row.items() if name != "done_at"})
