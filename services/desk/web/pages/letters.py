"""Addresses that get no letters, and what a person does because no letter can."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from services.desk.web import purposes
from services.desk.web.act_forms import Asks
from services.desk.web.visit import Visit
from services.notification.staff_tasks.calls import Tasks
from services.notification.suppressions.calls import Suppressions
from shared.web.visit import ident


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
        tasks = page.ask(Tasks() if account_id is None else Tasks(account_id=account_id))
        suppressions = page.ask(Suppressions(account_id=account_id))
    return visit.page(
        "letters",
        account_id=account_id,
        tasks=tasks.reply.tasks,
        suppressions=suppressions.reply.suppressions,
        purpose=visit.desk.purpose,
    )
