"""One customer: summary, people, what was decided, and everything that happened."""

from __future__ import annotations

from flask import Response

from services.desk.queries.customers import customer, reports_of
from services.desk.queries.erasures import erased, kept_back
from services.desk.queries.timeline import facts_of, happened
from services.desk.web import purposes
from services.desk.web.visit import Visit, ident
from shared.errors import NotFound
from shared.staff import READERS, Purpose


def show(visit: Visit, account_id: str) -> Response:
    """The customer. Without a purpose one is asked for first: that one looks, and what for, is recorded."""
    known = ident(account_id)
    if not (purpose := purposes.chosen(visit)):
        return purposes.ask(visit, READERS)
    try:
        details = customer(visit.desk, known, purpose)
    except NotFound:
        if not (gone := erased(visit.desk.acting_for(Purpose(purpose)), known)):
            raise
        kept = bool(kept_back(gone))
        return visit.page(
            "holdings_none", account_id=known, user_id=None, erasures=gone, is_kept=kept, purpose=purpose
        )
    return visit.page(
        "customer", found=details, names={each.user_id: each.name for each in details.users}, purpose=purpose
    )


def reports(visit: Visit, account_id: str) -> Response:
    """What people of the customer have reported, in their own words; a purpose is asked for first here too."""
    known = ident(account_id)
    if not (purpose := purposes.chosen(visit)):
        return purposes.ask(visit, READERS)
    report = visit.request.args.get("report")
    shown = reports_of(visit.desk, known, purpose, ident(report) if report else None)
    return visit.page("customer_reports", account_id=known, shown=shown)


@purposes.asked_first("notification.letters")
def timeline(visit: Visit, account_id: str) -> Response:
    """Everything that happened, in order of time; it names nobody, but whose letters they were is known."""
    known = ident(account_id)
    found = happened(visit.desk, known)
    return visit.page("timeline", account_id=known, happened=found, facts_of=facts_of, purpose=visit.desk.purpose)
