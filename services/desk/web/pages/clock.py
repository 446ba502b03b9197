"""The clock after it jumped: a person says when the system last ran and what day it is."""

from __future__ import annotations

from datetime import date
from typing import Final

from flask import Response

from services.desk.queries.clock import confirm, stopped
from services.desk.web.visit import Visit

FIELDS = ("last_ran", "today")
LACKING: Final = {
    "last_ran": ("Skriv dagen systemet sist gikk.", "Write the day on which the system last ran."),
    "today": ("Skriv dagen det er i dag.", "Write the day that it is."),
}


def show(visit: Visit) -> Response:
    """Who has stopped destroying what is due, and the form that lets it go on."""
    return _page(visit)


def send(visit: Visit) -> Response:
    """Tell those that have stopped. Twice is once: whoever goes on has stopped no longer."""
    days = {name: _day(visit.form.get(name, "")) for name in FIELDS}
    last_ran, today = days["last_ran"], days["today"]
    if last_ran is None or today is None:
        return _page(visit, errors={name: visit.say(*LACKING[name]) for name, day in days.items() if day is None})
    return visit.page("clock_confirmed", confirmed=confirm(visit.desk, last_ran=last_ran, today=today))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _page(visit: Visit, *, errors: dict[str, str] | None = None) -> Response:
    return visit.page(
        "clock",
        status=422 if errors else 200,
        now=visit.desk.clock.now(),
        stopped=stopped(visit.desk),
        errors=errors or {},
        given={name: visit.form.get(name, "") for name in FIELDS},
    )
