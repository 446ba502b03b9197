"""Addresses that get no letters, and what a person does because no letter can."""

from __future__ import annotations

from flask import Response

from services.desk.web import purposes
from services.desk.web.visit import Visit
from services.notification.staff_tasks.calls import Tasks
from services.notification.suppressions.calls import Suppressions


@purposes.asked_first("notification.tasks", asks=purposes.Asks.CUSTOMERS)
def show(visit: Visit) -> Response:
    """Both, the most urgent first. The letters of one customer are on the customer's page."""
    with visit.desk.together() as page:
        tasks, suppressions = page.ask(Tasks()), page.ask(Suppressions())
    return visit.page(
        "letters",
        tasks=tasks.reply.tasks,
        suppressions=suppressions.reply.suppressions,
        purpose=visit.desk.purpose,
    )
