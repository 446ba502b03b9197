"""Log-ins of a customer's people: what for is said first, each time, for each look is a disclosure of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from flask import Response

from services.desk.queries import logins as queries
from services.desk.web import purposes
from services.desk.web.visit import Visit
from shared.calendar import oslo_date, start_of_day_oslo
from shared.errors import Invalid
from shared.staff import acts
from shared.web.visit import ident

USUAL: Final = timedelta(days=7)
FIELDS: Final = ("why", "since", "until", "user")
WRONG: Final = (
    "Velg en periode på 31 dager eller mindre, for egen innsynsrett et år. Da må det også stå hvem det gjelder.",
    "Choose 31 days or less, and a year at most for a person's own access; that needs the user as well.",
)


def ask(visit: Visit, account_id: str) -> Response:
    """The form: what for, of when, and of whom."""
    today = oslo_date(visit.desk.clock.now())
    given = {"since": (today - USUAL).isoformat(), "until": today.isoformat()}
    given |= {"user": str(user)} if (user := _id(visit.request.args.get("user", ""))) else {}
    return _page(visit, ident(account_id), given)


def show(visit: Visit, account_id: str) -> Response:
    """The report of the days that were asked for, the last one included."""
    known = ident(account_id)
    given = {name: visit.form.get(name, "").strip() for name in FIELDS}
    since, until = _day(given["since"]), _day(given["until"])
    user = _id(given["user"])
    errors = {}
    if given["why"] not in _offered(visit):
        errors["why"] = visit.say("Velg et formål.", "Choose a purpose.")
    errors |= {
        name: visit.say("Dette er ikke en dag.", "This is not a day.")
        for name, day in (("since", since), ("until", until))
        if day is None
    }
    if given["user"] and user is None:
        errors["user"] = visit.say("Dette er ikke et brukernummer.", "This is not the id of a user.")
    if errors or since is None or until is None:
        return _page(visit, known, given, errors=errors, status=422)
    at = visit.desk.acting_for(queries.DISCLOSED_FOR[given["why"]])
    begins, ends = start_of_day_oslo(since), start_of_day_oslo(until + timedelta(days=1))
    try:
        report = queries.logins(at, known, user_id=user, since=begins, until=ends, purpose=given["why"])
    except Invalid as wrong:
        return _page(visit, known, given, errors={"since": visit.say(*WRONG)}, status=wrong.status)
    return _page(visit, known, given, report=report)


def _page(
    visit: Visit,
    account_id: UUID,
    given: Mapping[str, str],
    *,
    report: Any = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    return visit.page(
        "customer_logins",
        status=status,
        account_id=account_id,
        given={name: given.get(name, "") for name in FIELDS},
        report=report,
        errors=errors or {},
        reasons=_offered(visit),
    )


def _offered(visit: Visit) -> list[str]:
    """What whoever is here may have log-ins disclosed for."""
    roles = acts()["audit.logins"].act.roles
    return queries.disclosed_for(purposes.offered(visit, roles, queries.OF_GRANTS))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
