"""Addresses that get no letters, and what a person does because no letter can."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from flask import Response

from services.desk.web import paging, purposes
from services.desk.web.act_forms import Asks
from services.desk.web.visit import Visit
from services.notification.history.calls import Letters
from services.notification.staff_tasks.calls import Tasks
from services.notification.suppressions.calls import Suppressions
from shared.web.visit import ident

AFTER_TASK: Final = "after_task"
AFTER_SUPPRESSION: Final = "after_suppression"


@purposes.asked_first("notification.tasks", asks=Asks.CUSTOMERS)
def show(visit: Visit) -> Response:
    """Both, the most urgent first. The letters of one customer are on the customer's page."""
    return _page(visit, None)


@purposes.asked_first("notification.tasks")
def of_customer(visit: Visit, account_id: str) -> Response:
    """The same of one customer, for whoever may look at some customers only."""
    return _page(visit, ident(account_id))


def _page(visit: Visit, account_id: UUID | None) -> Response:
    with visit.desk.together() as page:
        tasks = page.ask(Tasks(account_id=account_id, after=paging.after(visit, AFTER_TASK)))
        suppressions = page.ask(Suppressions(account_id=account_id, after=paging.after(visit, AFTER_SUPPRESSION)))
    return visit.page(
        "letters",
        account_id=account_id,
        tasks=tasks.reply.tasks,
        task_pages=paging.around(visit, tasks.reply.next_after, AFTER_TASK),
        suppressions=suppressions.reply.suppressions,
        suppression_pages=paging.around(visit, suppressions.reply.next_after, AFTER_SUPPRESSION),
        purpose=visit.desk.purpose,
    )


@purposes.asked_first("notification.letters")
def all_of_customer(visit: Visit, account_id: str) -> Response:
    """The letters of one customer, the newest first, page by page."""
    shown = visit.desk.ask(Letters(account_id=ident(account_id), after=paging.after(visit)))
    return visit.page(
        "customer_letters",
        account_id=ident(account_id),
        letters=shown.letters,
        pages=paging.around(visit, shown.next_after),
        purpose=visit.desk.purpose,
    )
