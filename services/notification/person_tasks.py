"""What staff see to about letters: addresses that get none, and what a person does because no letter can."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.notification.rules import copy_due_on
from services.notification.schemas import (
    CopyRequest,
    LiftRequest,
    SettleRequest,
    SuppressionReply,
    SuppressionsReply,
    SuppressionsRequest,
    TaskReply,
    TasksReply,
    TasksRequest,
)
from services.notification.store import Records, Refusals, Row
from shared.bus import Service, command, rpc
from shared.bus.alarms import Waiting, alarm
from shared.database import Transaction
from shared.errors import Conflict, NotFound


class PersonTasks(Service):
    """Suppressions that a person can lift, legal letters that a person tells, and copies that a person makes."""

    @rpc(SuppressionsRequest, SuppressionsReply)
    def suppressions(self, request: dict[str, Any]) -> dict[str, Any]:
        """Addresses that get no letters now, and until when."""
        with self.database.transaction() as tx:
            return {"suppressions": Refusals().in_force(tx, request["account_id"], self.clock.now())}

    @command(LiftRequest, SuppressionReply, errors=(NotFound, Conflict))
    def lift_suppression(self, request: dict[str, Any], tx: Transaction) -> dict[str, Any]:
        """End a suppression after a bounce: letters go out again. `Conflict` for a complaint, which has no end."""
        refusals, now = Refusals(), self.clock.now()
        found = refusals.by_id(tx, request["suppression_id"])
        if found is None:
            raise NotFound
        if found["ends_at"] is None:
            raise Conflict("whoever complained about our letters gets none until they ask for one")
        refusals.lift(tx, request["suppression_id"], request["actor"], now)
        return {**found, "ends_at": now}

    @alarm("undeliverable", says="legal letters that no mail brings: tell their readers", act="vilkar task list")
    def look_at_undeliverable(self, tx: Transaction, now: datetime) -> Waiting | None:  # noqa: ARG002
        """Legal letters that a person tells instead."""
        return Waiting.of(Records().tasks_waiting(tx, "undeliverable"))

    @alarm("copies", says="copies of data that somebody asked for", act="vilkar task list")
    def look_at_copies(self, tx: Transaction, now: datetime) -> Waiting | None:  # noqa: ARG002
        """Copies that a person makes."""
        return Waiting.of(Records().tasks_waiting(tx, "copy"))

    @rpc(TasksRequest, TasksReply)
    def tasks(self, request: dict[str, Any]) -> dict[str, Any]:
        """What a person is to do, the most urgent first."""
        with self.database.transaction() as tx:
            return {"tasks": Records().open_tasks(tx, request["kind"])}

    @command(CopyRequest, TaskReply, errors=(Conflict,))
    def request_copy(self, request: dict[str, Any], tx: Transaction) -> dict[str, Any]:
        """Somebody asked for a copy of the data before they are erased: a person makes it in time.

        `Conflict` where it was asked for too late, on the day of the erasure or after it.
        """
        now = self.clock.now()
        Records().add_task(
            tx,
            "copy",
            task_id=request["task_id"],
            account_id=request["account_id"],
            user_id=request["user_id"],
            due_on=copy_due_on(request["received_on"], request["erased_on"], now),
            now=now,
        )
        return self._task(tx, request)

    @command(SettleRequest, TaskReply, errors=(NotFound, Conflict))
    def settle_task(self, request: dict[str, Any], tx: Transaction) -> dict[str, Any]:
        """A person has done it. `Conflict` where it was done before."""
        if self._task(tx, request)["done_at"] is not None:
            raise Conflict("this task was done before")
        now: datetime = self.clock.now()
        Records().settle_task(tx, request["task_id"], request["outcome"], request["actor"], now)
        return self._task(tx, request)

    @staticmethod
    def _task(tx: Transaction, request: dict[str, Any]) -> Row:
        found = Records().task(tx, request["task_id"])
        if found is None:
            raise NotFound
        return found
