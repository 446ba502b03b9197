"""One customer: summary, people, what was decided, and everything that happened."""

from __future__ import annotations

from functools import partial
from typing import Final

from flask import Response

from services.account.companies.calls import GetAccount
from services.desk.queries.customers import customer, reports_of
from services.desk.queries.erasures import erased, kept_back
from services.desk.queries.timeline import happened
from services.desk.web import purposes
from services.desk.web.row_numbers import row_number
from services.desk.web.timeline_words import facts
from services.desk.web.visit import Visit
from shared.errors import NotFound
from shared.staff import READERS, Purpose, act_name, acts
from shared.web.visit import ident

SHOWN_BY: Final = act_name(GetAccount.service, GetAccount.method)
"""Whoever may see a company gets to its page; what else of it they may not see is left out."""


def show(visit: Visit, account_id: str) -> Response:
    """The customer, as far as one may see it. Without a purpose one is asked for first: a look is recorded."""
    known = ident(account_id)
    if not (purpose := purposes.chosen(visit)):
        return purposes.ask(visit, acts()[SHOWN_BY].act.roles)
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
        "customer", found=details, names={each.user_id: each.name for each in details.users or ()}, purpose=purpose
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
    """Everything that happened, the newest first; it names nobody, but whose letters they were is known."""
    known = ident(account_id)
    before = visit.request.args.get("before")
    found = happened(visit.desk, known, row_number(before) if before else None)
    return visit.page(
        "timeline", account_id=known, happened=found, facts=partial(facts, visit), purpose=visit.desk.purpose
    )
