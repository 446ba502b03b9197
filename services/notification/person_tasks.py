"""What staff see to about letters: addresses that get none, and what a person does because no letter can."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.notification import calls
from services.notification.calls import SuppressionShown, SuppressionsShown, TaskShown, TasksShown
from services.notification.rules import copy_due_on
from services.notification.store import Records, Refusals, Row
from shared.bus import Service, answers
from shared.bus.alarms import Waiting, alarm
from shared.database import Transaction
from shared.errors import Conflict, NotFound


class PersonTasks(Service):
    """Suppressions that a person can lift, legal letters that a person tells, and copies that a person makes."""

    @answers(calls.Suppressions)
    def suppressions(self, call: calls.Suppressions) -> SuppressionsShown:
        """Addresses that get no letters now, and until when."""
        with self.database.transaction() as tx:
            rows = Refusals().in_force(tx, call.account_id, self.clock.now())
        return SuppressionsShown(suppressions=tuple(SuppressionShown(**row) for row in rows))

    @answers(calls.LiftSuppression)
    def lift_suppression(self, call: calls.LiftSuppression, tx: Transaction) -> SuppressionShown:
        """End a suppression after a bounce: letters go out again."""
        refusals, now = Refusals(), self.clock.now()
        row = refusals.by_id(tx, call.suppression_id)
        if row is None:
            raise NotFound
        if row["ends_at"] is None:
            raise Conflict("whoever complained about our letters gets none until they ask for one")
        refusals.lift(tx, call.suppression_id, call.actor, now)
        return SuppressionShown(**row | {"ends_at": now})

    @alarm("undeliverable", says="legal letters that no mail brings: tell their readers", act="vilkar task list")
    def look_at_undeliverable(self, tx: Transaction, now: datetime) -> Waiting | None:  # noqa: ARG002
        """Legal letters that a person tells instead."""
        return Waiting.of(Records().tasks_waiting(tx, "undeliverable"))

    @alarm("copies", says="copies of data that somebody asked for", act="vilkar task list")
    def look_at_copies(self, tx: Transaction, now: datetime) -> Waiting | None:  # noqa: ARG002
        """Copies that a person makes."""
        return Waiting.of(Records().tasks_waiting(tx, "copy"))

    @answers(calls.Tasks)
    def tasks(self, call: calls.Tasks) -> TasksShown:
        """What a person is to do, the most urgent first."""
        with self.database.transaction() as tx:
            rows = Records().open_tasks(tx, call.kind)
        return TasksShown(tasks=tuple(_shown(row) for row in rows))

    @answers(calls.RequestCopy)
    def request_copy(self, call: calls.RequestCopy, tx: Transaction) -> TaskShown:
        """Somebody asked for a copy of the data before they are erased: a person makes it in time."""
        now = self.clock.now()
        Records().add_task(
            tx,
            "copy",
            task_id=call.task_id,
            account_id=call.account_id,
            user_id=call.user_id,
            due_on=copy_due_on(call.received_on, call.erased_on, now),
            now=now,
        )
        return _shown(self._task(tx, call.task_id))

    @answers(calls.SettleTask)
    def settle_task(self, call: calls.SettleTask, tx: Transaction) -> TaskShown:
        """A person has done it."""
        if self._task(tx, call.task_id)["done_at"] is not None:
            raise Conflict("this task was done before")
        now: datetime = self.clock.now()
        Records().settle_task(tx, call.task_id, call.outcome, call.actor, now)
        return _shown(self._task(tx, call.task_id))

    @staticmethod
    def _task(tx: Transaction, task_id: UUID) -> Row:
        row = Records().task(tx, task_id)
        if row is None:
            raise NotFound
        return row


def _shown(row: Row) -> TaskShown:
    return TaskShown(**{name: value for name, value in row.items() if name != "done_at"})
