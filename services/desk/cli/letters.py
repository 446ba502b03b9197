"""Addresses that get no letters, and what a person does because no letter can."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import typer

from services.desk.call_codes import codes_of
from services.desk.cli.arguments import After, Id, Limit, code_option, day_option, id_option
from services.desk.cli.looks import WhatFor, WhatForReading, looking
from services.desk.cli.output import Json, facts, more, spoken, table
from services.desk.queries.erasures import under_way
from services.desk.queries.purposes import OF_READING
from services.notification.staff_tasks.calls import RequestCopy, SettleTask, Tasks
from services.notification.suppressions.calls import LiftSuppression, Suppressions
from services.retention.monitoring.calls import Timeline
from shared.calendar import oslo_date
from shared.identifiers import new_id
from shared.records import ABSENT

suppressions = typer.Typer(no_args_is_help=True)
tasks = typer.Typer(no_args_is_help=True)

SUPPRESSION_COLUMNS = ("suppression_id", "kind", "account_id", "user_id", "times", "since", "ends_at")
TASK_COLUMNS = ("task_id", "kind", "due_on", "account_id", "user_id", "letter", "reason")


@suppressions.command("list")
@spoken
def list_suppressions(
    account_id: Annotated[UUID | None, id_option("Of one account.", "--account")] = None,
    purpose: WhatForReading = None,
    limit: Limit = 100,
    after: After = None,
    json: Json = False,
) -> None:
    """Addresses that get no letters now: until when after a bounce, without an end after a complaint.

    That you looked is recorded.
    """
    with looking(purpose, "notification.suppressions", known=OF_READING) as at:
        shown = at.ask(Suppressions(account_id=account_id, limit=limit, after=after))
    more(shown.next_after)
    table(shown.suppressions, SUPPRESSION_COLUMNS, title="Suppressed addresses", json_too=json)


@suppressions.command("lift")
@spoken
def lift(suppression_id: Id, purpose: WhatFor = None, json: Json = False) -> None:
    """End a suppression after a bounce: you know that the address works, and the next letter goes out."""
    with looking(purpose, "notification.lift_suppression") as at:
        lifted = at.ask(LiftSuppression(suppression_id=suppression_id, actor=at.who))
    facts(lifted, json_too=json, title="Suppression")


@tasks.command("list")
@spoken
def list_tasks(
    kind: Annotated[str | None, code_option(*codes_of(Tasks, "kind"))] = None,
    account_id: Annotated[UUID | None, id_option("Of one account.", "--account")] = None,
    purpose: WhatForReading = None,
    limit: Limit = 100,
    after: After = None,
    json: Json = False,
) -> None:
    """What a person is to do: tell what no letter brings (another contact, phone, post), make a copy of data.

    That you looked is recorded.
    """
    with looking(purpose, "notification.tasks", known=OF_READING) as at:
        shown = at.ask(Tasks(kind=kind, account_id=account_id or ABSENT, limit=limit, after=after))
    more(shown.next_after)
    table(shown.tasks, TASK_COLUMNS, title="To be done by a person", json_too=json)


@tasks.command("copy")
@spoken
def copy(
    account_id: Id,
    user: Annotated[UUID | None, id_option("Of one person; without, of the whole account.")] = None,
    received: Annotated[date | None, day_option("When it was asked for; today where not given.")] = None,
    purpose: WhatFor = None,
    json: Json = False,
) -> None:
    """Note that somebody asked for a copy of the data: it is due in a month, and the day before they are erased."""
    with looking(purpose, "notification.request_copy") as at:
        day = received or oslo_date(at.clock.now())
        ahead = [
            each.due_on
            for each in under_way(at.ask(Timeline(account_id=account_id)).erasures)
            if each.user_id in (None, user) and not (each.suspended and each.due_on <= day)
        ]
        noted = at.ask(
            RequestCopy(
                task_id=new_id(),
                account_id=account_id,
                user_id=user,
                received_on=day,
                erased_on=min(ahead, default=None),
            )
        )
    facts(noted, json_too=json, title="Copy")


@tasks.command("end")
@spoken
def end(
    task_id: Id,
    outcome: Annotated[str, code_option(*codes_of(SettleTask, "outcome"))],
    purpose: WhatFor = None,
    json: Json = False,
) -> None:
    """Say how a task ended."""
    with looking(purpose, "notification.settle_task") as at:
        settled = at.ask(SettleTask(task_id=task_id, outcome=outcome, actor=at.who))
    facts(settled, json_too=json, title="Task")
