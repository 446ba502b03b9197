"""What there is to do now, what is wrong, each with the next step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response

from services.desk.queries.alarms import of_machine, of_services
from services.desk.web.visit import Visit
from services.notification.staff_tasks.calls import Tasks
from services.retention.holds.calls import Holds
from services.retention.monitoring.calls import Erasures
from shared.errors import Transient
from shared.system import SERVICES

T = TypeVar("T")

PAGE_OF_ALARM = {
    "erasures_halted": "/erasures?state=halted",
    "erasures_late": "/erasures?state=ordered",
    "participants_overdue": "/erasures?state=ordered",
    "hold_reviews": "/holds?state=overdue",
    "restrictions_to_lift": "/restrictions",
    "restrictions_not_told": "/restrictions",
    "restrictions_long": "/restrictions",
    "undeliverable": "/letters",
    "copies": "/letters",
    "parked_messages": "/parked",
    "promises": "/terms",
    "ledger": "/backups",
}
"""Where the next step is taken, for what has a page; for the rest the command is told."""


def show(visit: Visit) -> Response:
    """The start page. A service that does not answer keeps nothing of the others back."""
    at = visit.desk
    return visit.page(
        "start",
        overdue=_answered(lambda: at.ask(Holds(state="overdue")).holds),
        tasks=_answered(lambda: at.ask(Tasks()).tasks),
        halted=_answered(lambda: at.ask(Erasures(state="halted")).erasures),
        alarms=_waiting(visit),
        page_of=page_of,
    )


def alarms(visit: Visit) -> Response:
    """Everything that waits for a person anywhere, for as long as it waits."""
    return visit.page("alarms", alarms=_waiting(visit), page_of=page_of)


def page_of(code: str) -> str | None:
    """The page on which one sees to an alarm; None where there is none yet."""
    return "/backups" if code.startswith("backup_") else PAGE_OF_ALARM.get(code)


def _waiting(visit: Visit) -> list[dict[str, Any]]:
    return of_services(visit.desk, SERVICES) + of_machine(visit.desk)


def _answered(ask: Callable[[], T]) -> T | None:
    """The answer; None where nobody answers now, which the page says."""
    try:
        return ask()
    except Transient:
        return None
