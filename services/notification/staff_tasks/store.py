"""What a person is to do by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.notification.letter_lifecycle.values import Letter
from services.notification.staff_tasks.calls import RequestCopy, Tasks
from services.notification.staff_tasks.rules import told_by
from shared.database import Row, Transaction, load_queries
from shared.identifiers import new_id
from shared.keyset import bounds

Q: Final = load_queries(__file__)


class TaskStore:
    """Notes tasks and how they ended."""

    def add_undeliverable(self, tx: Transaction, letter: Letter, reason: str, now: datetime) -> None:
        """Have a person tell what a letter could not; a letter makes one task at most."""
        tx.run(
            Q.add_task,
            id=new_id(),
            kind="undeliverable",
            account_id=letter.account_id,
            user_id=letter.user_id,
            letter_id=letter.id,
            letter=letter.letter,
            reason=reason,
            due_on=told_by(now),
            now=now,
        )

    def add_copy(self, tx: Transaction, call: RequestCopy, due_on: date, now: datetime) -> None:
        """Have a person make a copy of data."""
        same = {"account_id": call.account_id, "user_id": call.user_id}
        tx.run(
            Q.add_task, id=call.task_id, kind="copy", **same, letter_id=None, letter=None, reason=None,
            due_on=due_on, now=now,
        )  # fmt: skip

    def open(self, tx: Transaction, call: Tasks) -> list[Row]:
        """What is to be done by a person: a page of it, and one more where another follows."""
        return tx.all(Q.open_tasks, kind=call.kind, account_id=call.account_id or None, **bounds(call))

    def lock(self, tx: Transaction, task_id: UUID) -> Row | None:
        """One task, held until the transaction ends."""
        return tx.one(Q.lock_task, id=task_id)

    def settle(self, tx: Transaction, task_id: UUID, outcome: str, by: str, now: datetime) -> None:
        """A person has done it."""
        tx.run(Q.settle_task, id=task_id, outcome=outcome, by=by, now=now)

    def past(self, tx: Transaction, kind: str, today: date) -> Row | None:
        """How many of a kind should have been done by now."""
        return tx.one(Q.tasks_past, kind=kind, today=today)

    def counted(self, tx: Transaction, today: date) -> Row | None:
        """How many are open, how many of them are late, and the first day of all."""
        return tx.one(Q.tasks_counted, today=today)

    def waiting(self, tx: Transaction, kind: str) -> Row | None:
        """How many of a kind wait for a person, and since when the oldest."""
        return tx.one(Q.tasks_waiting, kind=kind)
