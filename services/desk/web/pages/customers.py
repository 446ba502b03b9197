"""One customer: summary, people, what was decided, and everything that happened."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from services.desk.queries.customers import customer, reports_of
from services.desk.queries.erasures import erased
from services.desk.queries.timeline import facts_of, happened
from services.desk.web.visit import Visit, ident
from services.desk.web.words import PURPOSES
from shared.errors import NotFound


def show(visit: Visit, account_id: str) -> Response:
    """The customer. Without a purpose one is asked for first: that one looks, and what for, is recorded."""
    known = ident(account_id)
    purpose = visit.request.args.get("purpose", "")
    if purpose not in PURPOSES:
        return _asking_why(visit, known)
    try:
        details = customer(visit.desk, known, purpose)
    except NotFound:
        if not (gone := erased(visit.desk, known)):
            raise
        return visit.page("holdings_none", account_id=known, user_id=None, erasures=gone)
    return visit.page(
        "customer",
        found=details,
        names={each.user_id: each.name for each in details.users},
    )


def reports(visit: Visit, account_id: str) -> Response:
    """What people of the customer have reported, in their own words; a purpose is asked for first here too."""
    known = ident(account_id)
    purpose = visit.request.args.get("purpose", "")
    if purpose not in PURPOSES:
        return _asking_why(visit, known)
    return visit.page("customer_reports", account_id=known, reports=reports_of(visit.desk, known, purpose))


def timeline(visit: Visit, account_id: str) -> Response:
    """Everything that happened, in order of time; it names nobody."""
    known = ident(account_id)
    return visit.page("timeline", account_id=known, happened=happened(visit.desk, known), facts_of=facts_of)


def _asking_why(visit: Visit, account_id: UUID) -> Response:
    """The form that asks for the purpose, and goes on to the page that was asked for."""
    asked = visit.request.path
    return visit.page("customer_purpose", account_id=account_id, address=asked, purposes=list(PURPOSES))
